import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { readRows, type Token } from './dump-rows.ts'

/** One table of a dump, as its `CREATE TABLE` says. */
export interface DumpedTable {
  readonly table: string
  readonly columns: readonly string[]
  readonly key: readonly string[]
}

export interface DumpVisitor {
  table(table: DumpedTable): void
  /** The values of one row, in the order of the columns, as they stand in the dump. */
  row(table: DumpedTable, tokens: readonly Token[]): void
  /** After a line with rows; what it returns is awaited before the next one is read. */
  endOfLine?(): Promise<void> | undefined
  /** After the last row of a table, also of an empty one. */
  endOfTable?(table: DumpedTable): Promise<void> | void
}

/** The dump is not one that was written to its end by mysqldump or mariadb-dump. */
export class BrokenDump extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'BrokenDump'
  }
}

const LAST_LINE = /^-- Dump completed\b/

/**
 * Reads a dump from its first to its last byte. @throws BrokenDump when it has no end, or is not
 * understood
 */
export async function readDump(path: string, visitor: DumpVisitor): Promise<void> {
  await readDumpStream(createReadStream(path).pipe(createGunzip()), visitor)
}

/**
 * Statements are told by their lines: the dump programs write every line break inside a value as an
 * escape.
 */
export async function readDumpStream(stream: Readable, visitor: DumpVisitor): Promise<void> {
  let lastLine = ''
  let open: { table: string; columns: string[]; key: string[] } | undefined
  let current: DumpedTable | undefined
  // Bodies of triggers and routines stand between other delimiters and may hold anything.
  let foreign = false
  let inserting = false
  const finish = async () => {
    if (current !== undefined) await visitor.endOfTable?.(current)
    current = undefined
  }
  const row = (tokens: Token[]) => {
    if (current === undefined) return
    if (tokens.length !== current.columns.length)
      throw new BrokenDump(
        `a row of ${current.table} has ${tokens.length} values for ${current.columns.length} columns`,
      )
    visitor.row(current, tokens)
  }
  const readLine = async (line: string, start: number) => {
    const ended = readRows(line, start, row)
    await visitor.endOfLine?.()
    return !ended
  }
  for await (const line of linesOf(stream)) {
    if (line !== '') lastLine = line
    if (inserting) {
      inserting = await readLine(line, 0)
    } else if (line.startsWith('DELIMITER ')) {
      foreign = line !== 'DELIMITER ;'
    } else if (foreign) {
      continue
    } else if (open !== undefined) {
      if (line.startsWith(')')) {
        await finish()
        current = open
        visitor.table(open)
        open = undefined
      } else readColumn(line, open)
    } else if (line.startsWith('CREATE TABLE ')) {
      open = { table: nameAt(line, line.indexOf('`')), columns: [], key: [] }
    } else if (line.startsWith('INSERT INTO ')) {
      const name = nameAt(line, line.indexOf('`'))
      if (current?.table !== name) throw new BrokenDump(`rows of ${name} stand outside their table`)
      inserting = await readLine(line, valuesAt(line))
    }
  }
  await finish()
  if (inserting || open !== undefined) throw new BrokenDump('it ends in the middle of a statement')
  if (!LAST_LINE.test(lastLine))
    throw new BrokenDump(
      'it has no last line `-- Dump completed`: the program that wrote it was broken off',
    )
}

/** Position of the first row. */
function valuesAt(line: string): number {
  const values = / VALUES(?: |$)/.exec(line)
  if (values === null) throw new BrokenDump(`an INSERT without VALUES: ${line.slice(0, 80)}`)
  return values.index + values[0].length
}

function readColumn(line: string, open: { columns: string[]; key: string[] }): void {
  const text = line.trimStart()
  if (text.startsWith('`')) {
    // A column that is worked out from others has no value in a row.
    if (!/\bGENERATED ALWAYS AS\b|\) (?:VIRTUAL|STORED|PERSISTENT)\b/.test(text))
      open.columns.push(nameAt(text, 0))
  } else if (text.startsWith('PRIMARY KEY ')) {
    open.key.push(
      ...[...text.matchAll(/`((?:[^`]|``)+)`/g)].map(([, name]) =>
        (name ?? '').replaceAll('``', '`'),
      ),
    )
  }
}

function nameAt(line: string, start: number): string {
  const [, name] = /^`((?:[^`]|``)+)`/.exec(line.slice(start, start + 300)) ?? []
  if (name === undefined)
    throw new BrokenDump(`no name of a table or column in: ${line.slice(0, 80)}`)
  return name.replaceAll('``', '`')
}

/**
 * Lines of a stream, one character per byte: a dump holds values of any bytes, and only offsets
 * matter here.
 */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest: string[] = []
  try {
    for await (const chunk of stream) {
      const text = (chunk as Buffer).toString('latin1')
      let start = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        const piece = text.slice(start, end)
        yield rest.length === 0 ? piece : `${rest.join('')}${piece}`
        rest = []
        start = end + 1
      }
      if (start < text.length) rest.push(text.slice(start))
    }
  } catch (cause) {
    throw new BrokenDump(
      `it cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
  if (rest.length > 0) yield rest.join('')
}
