import { width } from './text.ts'

/**
 * A word with the spaces before it. Text between backticks is one word: a command that is copied
 * must not have a line break in it.
 */
const WORD = /( *)((?:`[^`]{1,200}`|[^ ])+)/g

/** Breaks a line at its spaces; each line after the first begins with `hanging` spaces. */
export function wrap(text: string, columns: number, hanging = 0): string[] {
  if (width(text) <= columns) return [text]
  const lines: string[] = []
  let line = ''
  for (const [, space = '', word = ''] of text.matchAll(WORD)) {
    if (line.trim() !== '' && width(`${line}${space}${word}`) > columns) {
      lines.push(line)
      line = `${' '.repeat(hanging)}${word}`
    } else line += `${space}${word}`
  }
  return [...lines, line]
}

/** Columns of the longest word: a line or cell cannot be narrower. */
export function longestWord(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(WORD), ([, , word = '']) => width(word)))
}
