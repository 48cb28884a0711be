/**
 * A word with the spaces before it. A span of code between backticks is one word, however long: a
 * command that is copied must not have a line break in it. A backtick opens a span only before a
 * word and closes it only after one, so that a stray backtick does not pair with that of a command.
 */
const WORD = /( *)((?:(?<![\p{L}\p{N}`])`(?=[^ `])[^`]*(?<! )`(?![\p{L}\p{N}`])|[^ ])+)/gu

interface Page {
  readonly columns: number
  /** Spaces that each line after the first begins with. */
  readonly hanging: number
  /** Columns that a text takes. */
  readonly measure: (text: string) => number
}

/** Breaks a line at its spaces. */
export function breakLines(text: string, { columns, hanging, measure }: Page): string[] {
  if (measure(text) <= columns) return [text]
  const lines: string[] = []
  let line = ''
  for (const [, space = '', word = ''] of text.matchAll(WORD)) {
    if (line.trim() !== '' && measure(`${line}${space}${word}`) > columns) {
      lines.push(line)
      line = `${' '.repeat(hanging)}${word}`
    } else line += `${space}${word}`
  }
  return [...lines, line]
}

/** The words that a line is never broken in. */
export function unbrokenWords(text: string): string[] {
  return Array.from(text.matchAll(WORD), ([, , word = '']) => word)
}
