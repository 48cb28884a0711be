import { wrap } from '../core/text.ts'

/** What decides how a stream is written to. */
interface Stream {
  /** Undefined for a pipe or a file. */
  readonly isTTY?: boolean
  readonly columns?: number
}
type Env = Readonly<Record<string, string | undefined>>

/** Columns of a document, such as the report, where there is no terminal. */
const COLUMNS = 80
/** Below this, nothing of ours is readable; the terminal breaks the lines itself. */
const LEAST_COLUMNS = 40

/**
 * Whether a stream gets colours: a terminal or the log of a job on GitHub, unless NO_COLOR or
 * TERM=dumb says otherwise. FORCE_COLOR decides alone, as it does for Node.
 */
export function usesColour(stream: Stream, env: Env): boolean {
  const forced = env['FORCE_COLOR'] ?? ''
  if (forced !== '') return forced !== '0' && forced !== 'false'
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false
  return stream.isTTY === true || env['GITHUB_ACTIONS'] === 'true'
}

/**
 * Columns of the terminal that the stream leads to; undefined for a pipe, a file, or a log, in
 * which one fact stays one line.
 */
export function terminalColumns(stream: Stream): number | undefined {
  if (stream.isTTY !== true) return undefined
  // A terminal that does not know its size has 0.
  const columns = stream.columns ?? 0
  return columns === 0 ? COLUMNS : Math.max(columns, LEAST_COLUMNS)
}

/** Columns of a document that is written to the stream. */
export function documentColumns(stream: Stream): number {
  return terminalColumns(stream) ?? COLUMNS
}

/**
 * A text in a terminal: its lines broken at spaces, each piece beneath the words of its line.
 * Without `columns` it stays as it is: a pipe, a file and the log of a job get lines that a search
 * finds whole. `before` are the columns that the first line has before the text.
 */
export function fitted(text: string, columns: number | undefined, before = 0): string {
  if (columns === undefined) return text
  return text
    .split('\n')
    .flatMap((line, index) => {
      const taken = index === 0 ? before : 0
      const indentation = line.length - line.trimStart().length
      const [first = '', ...rest] = wrap(
        `${' '.repeat(taken)}${line}`,
        columns,
        taken + indentation,
      )
      return [first.slice(taken), ...rest]
    })
    .join('\n')
}
