import { longestWord, width, wrap } from '../core/text.ts'

/** Puts the colour of an ANSI code on a text. */
export type Paint = (ansi: string, text: string) => string

interface TerminalCell {
  readonly text: string
  /** ANSI code of its colour. */
  readonly ansi?: string | undefined
}
export type TerminalRow = readonly TerminalCell[]

const GAP = 2
/** Narrower than this, a wrapped cell is hard to read. */
const LEAST_COLUMNS = 16

/**
 * A table of at most so many columns: long cells are wrapped. If that would make a cell too narrow,
 * each row is a block of its own, with one line for each cell that is not empty.
 */
export function renderTable(
  header: readonly string[],
  rows: readonly TerminalRow[],
  { columns, paint }: { readonly columns: number; readonly paint: Paint },
): string[] {
  const all = [header.map((text) => ({ text })), ...rows]
  const widths = columnWidths(all, columns)
  return widths === undefined
    ? rows.flatMap((row) => renderAsBlock(header, row, { columns, paint }))
    : all.flatMap((row) => renderRow(row, widths, paint))
}

/** Takes from the widest column until the table fits; undefined if it cannot. */
function columnWidths(rows: readonly TerminalRow[], columns: number): number[] | undefined {
  const facts = (rows[0] ?? []).map((_, index) => {
    const texts = rows.map((row) => row[index]?.text ?? '')
    const widest = Math.max(...texts.map(width))
    const least = Math.max(Math.min(widest, LEAST_COLUMNS), ...texts.map(longestWord))
    return { widest, least }
  })
  const available = columns - GAP * (facts.length - 1)
  if (sum(facts.map(({ least }) => least)) > available) return undefined
  const widths = facts.map(({ widest }) => widest)
  while (sum(widths) > available) {
    const spare = widths.map((taken, index) => (taken > (facts[index]?.least ?? 0) ? taken : 0))
    const widest = spare.indexOf(Math.max(...spare))
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** One row as lines. Colours are put on after measuring; space at the end is dropped. */
function renderRow(row: TerminalRow, widths: readonly number[], paint: Paint): string[] {
  const cells = row.map(({ text, ansi }, index) => ({
    lines: wrap(text, widths[index] ?? 0, hangingOf(text)),
    ansi,
  }))
  const height = Math.max(...cells.map(({ lines }) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    cells
      .map(({ lines, ansi }, index) => {
        const text = lines[line] ?? ''
        const padding = ' '.repeat((widths[index] ?? 0) - width(text))
        return `${painted(text, ansi, paint)}${padding}`
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

function renderAsBlock(
  header: readonly string[],
  [first, ...rest]: TerminalRow,
  { columns, paint }: { readonly columns: number; readonly paint: Paint },
): string[] {
  const title = wrap(first?.text ?? '', columns, GAP)
  const facts = rest.flatMap(({ text, ansi }, index) => {
    if (text === '') return []
    const label = `${' '.repeat(GAP)}${header[index + 1] ?? ''}: `
    const lines = wrap(`${label}${text}`, columns, GAP * 2)
    return ansi === undefined ? lines : lines.map((line) => paint(ansi, line))
  })
  return [...title.map((line) => painted(line, first?.ansi, paint)), ...facts]
}

function painted(text: string, ansi: string | undefined, paint: Paint): string {
  return ansi === undefined || text === '' ? text : paint(ansi, text)
}

/** A cell that begins with a mark goes on beneath its words. */
function hangingOf(text: string): number {
  return /^[✓✗!=?-] /u.test(text) ? GAP : 0
}
