import { clip, oneLine } from '../core/text.ts'

/** An exception as Python prints it. */
interface Raised {
  /** Its type, its message, and what a library added to that; may have several lines. */
  readonly text: string
  /** How it follows from the one before. */
  readonly link: 'first' | 'caused' | 'while-handling'
}

const TRACEBACK = /^(.*)Traceback \(most recent call last\):\s*$/
const CAUSED = 'The above exception was the direct cause of the following exception:'
const WHILE_HANDLING = 'During handling of the above exception, another exception occurred:'
const DATABASE = /^(?:sqlite3|pymysql|MySQLdb|sqlalchemy)\b/
/** Alembic explains its own exceptions by this one: "Can't locate revision identified by …". */
const EXPLAINED = /^alembic\.util\.exc\./
const AFTER_MESSAGE =
  /^\s*$|^\[SQL: |^\(Background |^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b|^\d{4}-\d\d-\d\d/
/** How much of a log is searched: a chain of exceptions has some hundred lines. */
export const CAUSE_LINES = 2000
const MESSAGE_LENGTH = 500
const SQL_LENGTH = 200

/**
 * Finds the exception that made a Python program fail, in the lines of its log: of the last chain
 * of exceptions the first one of the database, else the one that the others name as their cause.
 * Returns its type and message, and the statement that failed; undefined when there is no
 * traceback. Values of a statement are left out.
 */
export function causeOfFailure(lines: readonly string[]): string | undefined {
  const chain = lastChain(raisedIn(lines))
  const cause =
    chain.find(({ text }) => DATABASE.test(text)) ??
    chain.find(({ text }) => EXPLAINED.test(text)) ??
    rootOf(chain)
  if (cause === undefined) return undefined
  const message = clip(oneLine(messageOf(cause.text)), MESSAGE_LENGTH)
  const sql = chain.map(({ text }) => sqlOf(text)).find((found) => found !== undefined)
  return sql === undefined ? message : `${message} (SQL: ${clip(sql, SQL_LENGTH)})`
}

/** The cause as the end of a sentence about the failure; empty where there is none. */
export function because(lines: readonly string[]): string {
  const cause = causeOfFailure(lines)
  return cause === undefined ? '' : `: ${cause}`
}

/** Every exception of the lines, in their order. */
function raisedIn(lines: readonly string[]): Raised[] {
  const found: Raised[] = []
  for (const [index, line] of lines.entries()) {
    const prefix = TRACEBACK.exec(line)?.[1]
    if (prefix === undefined) continue
    // A container's log has the same words before each line, a logger's only before the first.
    const plain = lines.map((each) => (each.startsWith(prefix) ? each.slice(prefix.length) : each))
    const text = exceptionAfter(plain.slice(index + 1))
    if (text !== undefined) found.push({ text, link: linkBefore(plain.slice(0, index)) })
  }
  return found
}

/** What stands behind the indented frames of a traceback, up to an empty line or the next one. */
function exceptionAfter(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => !/^\s/.test(line) && line !== '')
  if (start === -1) return undefined
  const rest = lines.slice(start)
  const end = rest.findIndex(
    (line) => line.includes(CAUSED) || line.includes(WHILE_HANDLING) || TRACEBACK.test(line),
  )
  return rest
    .slice(0, end === -1 ? undefined : end)
    .join('\n')
    .trim()
}

function linkBefore(lines: readonly string[]): Raised['link'] {
  const before = lines.findLast((line) => line.trim() !== '') ?? ''
  if (before.includes(CAUSED)) return 'caused'
  return before.includes(WHILE_HANDLING) ? 'while-handling' : 'first'
}

function lastChain(raised: readonly Raised[]): readonly Raised[] {
  return raised.slice(
    Math.max(
      0,
      raised.findLastIndex(({ link }) => link === 'first'),
    ),
  )
}

/** The exception at the beginning of those that name one another as their cause. */
function rootOf(chain: readonly Raised[]): Raised | undefined {
  return chain.slice(
    Math.max(
      0,
      chain.findLastIndex(({ link }) => link !== 'caused'),
    ),
  )[0]
}

/** The statement that SQLAlchemy shows, in one line. */
function sqlOf(text: string): string | undefined {
  const sql = /\[SQL: ([\s\S]*?)\]\s*(?:\[parameters: |\(Background |$)/.exec(text)?.[1]
  return sql === undefined ? undefined : oneLine(sql.replace(/\s+/g, ' '))
}

/** The type and message without what follows them: a statement, an empty line, lines of a logger. */
function messageOf(text: string): string {
  const lines = text.split('\n')
  const end = lines.findIndex((line, index) => index > 0 && AFTER_MESSAGE.test(line))
  return lines.slice(0, end === -1 ? undefined : end).join('\n')
}
