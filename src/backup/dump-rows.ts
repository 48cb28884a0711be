/**
 * One value of an INSERT as it stands in the dump: `NULL`, a number, `0x…`, or a text in single
 * quotes. One character per byte.
 */
export type Token = string

/**
 * Reads rows `(…),(…)` from one line of an INSERT, starting at `start`. True when the statement
 * ends there; MariaDB's program puts every row on a line of its own.
 */
export function readRows(line: string, start: number, row: (tokens: Token[]) => void): boolean {
  let position = start
  while (position < line.length) {
    const character = line[position]
    if (character === ';') return true
    if (character === '(') {
      const { tokens, end } = rowAt(line, position + 1)
      row(tokens)
      position = end
    } else if (character === ',' || character === ' ' || character === '\r') {
      position += 1
    } else {
      throw new SyntaxError(`not a row of an INSERT: ${line.slice(position, position + 80)}`)
    }
  }
  return false
}

function rowAt(line: string, start: number): { tokens: Token[]; end: number } {
  const tokens: Token[] = []
  let position = start
  for (;;) {
    const end = tokenEnd(line, position)
    tokens.push(line.slice(position, end))
    if (line[end] === ')') return { tokens, end: end + 1 }
    if (line[end] !== ',')
      throw new SyntaxError(`a row that does not end: ${line.slice(start, start + 80)}`)
    position = end + 1
  }
}

const QUOTE = 39
const BACKSLASH = 92

function tokenEnd(line: string, start: number): number {
  let position = start
  // `_binary '…'` has its quote later.
  while (position < line.length) {
    const character = line[position]
    if (character === ',' || character === ')') return position
    if (character === "'") position = textEnd(line, position)
    else position += 1
  }
  throw new SyntaxError(`a value that does not end: ${line.slice(start, start + 80)}`)
}

/** Position after the closing quote. */
function textEnd(line: string, start: number): number {
  let position = start + 1
  while (position < line.length) {
    const code = line.charCodeAt(position)
    if (code === BACKSLASH) position += 2
    else if (code !== QUOTE) position += 1
    else if (line.charCodeAt(position + 1) === QUOTE) position += 2
    else return position + 1
  }
  throw new SyntaxError('a text that does not end')
}

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  Z: '\u001A',
}

/** The bytes of a value, one character per byte; null for SQL's NULL. */
export function valueOf(token: Token): string | null {
  if (token === 'NULL') return null
  if (token.startsWith('0x')) return Buffer.from(token.slice(2), 'hex').toString('latin1')
  const quote = token.indexOf("'")
  if (quote === -1) return token
  const text = token.slice(quote + 1, -1)
  if (!text.includes('\\') && !text.includes("''")) return text
  return text.replaceAll(/\\([\s\S])|''/g, (_, letter: string | undefined) =>
    letter === undefined ? "'" : (ESCAPES[letter] ?? letter),
  )
}
