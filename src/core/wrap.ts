/**
 * A word with the spaces before it. Text between backticks is one word: a command that is copied
 * must not have a line break in it.
 */
const WORD = /( *)((?:`[^`]{1,200}`|[^ ])+)/g

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
