import { environmentName } from '../core/environments.ts'
import type { Result } from '../result/result.ts'
import type { Mark } from './mark.ts'
import { clip, oneLine, short, visible, width } from '../core/text.ts'
import { buildReport, type ReportContext } from './report.ts'
import type { Block, Section, Value } from './section.ts'
import { dated } from './wording.ts'

export interface TerminalOptions extends ReportContext {
  readonly colour: boolean
}

const SIGNS: Readonly<Record<Mark, string>> = {
  passed: '✓',
  failed: '✗',
  warning: '!',
  held: '=',
  unknown: '?',
  none: '-',
}
const COLOURS: Readonly<Record<Mark, string>> = {
  passed: '32',
  failed: '31',
  warning: '33',
  held: '33',
  unknown: '33',
  none: '2',
}
/** Longest cell of a table: a message beyond it is in the result file. */
const LONGEST = 100

/**
 * The same report for a terminal or a plain log: failing sections whole, of the others the title.
 */
export function renderTerminal(
  results: readonly Result[],
  { colour, ...context }: TerminalOptions,
): string {
  const report = buildReport(results, context)
  const paint = (ansi: string, text: string) => (colour ? `\u001B[${ansi}m${text}\u001B[0m` : text)
  const rows = report.rows.map(({ name, cells }) => ({
    cells: [
      name,
      ...cells.map((cell) =>
        cell === null ? '' : `${SIGNS[cell.mark]} ${oneLine(dated(cell.text, cell.since))}`,
      ),
    ],
    colours: [undefined, ...cells.map((cell) => (cell === null ? undefined : COLOURS[cell.mark]))],
  }))
  return [
    paint('1', oneLine(report.headline)),
    ...(rows.length === 0
      ? []
      : [
          align(
            [{ cells: ['', ...report.columns.map(environmentName)], colours: [] }, ...rows],
            paint,
          ),
        ]),
    `Next: ${oneLine(report.next)}${report.link === undefined ? '' : ` ${oneLine(report.link.url)}`}${report.command === undefined ? '' : `\n  ${report.command}`}`,
    ...report.plans.flatMap((plan) => [
      paint('1', plan.title),
      oneLine(plan.summary),
      ...plan.sections.map((section) => renderSection(section, paint)),
    ]),
    ...report.sections.map((section) => renderSection(section, paint)),
  ]
    .join('\n\n')
    .concat('\n')
}

type Paint = (ansi: string, text: string) => string
interface Line {
  readonly cells: readonly string[]
  readonly colours: readonly (string | undefined)[]
}

/** Columns of equal width; trailing space is dropped. Colours are put on after measuring. */
function align(lines: readonly Line[], paint: Paint): string {
  const widths = (lines[0]?.cells ?? []).map((_, column) =>
    Math.max(...lines.map((line) => width(line.cells[column] ?? ''))),
  )
  return lines
    .map(({ cells, colours }) => {
      const padded = cells.map((cell, column) => {
        const space =
          column === cells.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - width(cell))
        const ansi = colours[column]
        return `${ansi === undefined ? cell : paint(ansi, cell)}${space}`
      })
      return padded.join('  ').trimEnd()
    })
    .join('\n')
}

function renderSection(section: Section, paint: Paint): string {
  const heading = oneLine(dated(section.title, section.since))
  const title = section.failing
    ? paint(COLOURS[section.sign ?? 'failed'], `${SIGNS[section.sign ?? 'failed']} ${heading}`)
    : `${SIGNS.none} ${heading}`
  if (!section.failing) return title
  const blocks = section.blocks.map((block) => renderBlock(block, paint)).join('\n\n')
  return `${title}\n\n${blocks.replaceAll(/^(?=.)/gm, '    ')}`
}

function renderBlock(block: Block, paint: Paint): string {
  if (block.kind === 'text') return oneLine(block.text)
  if (block.kind === 'log')
    return block.lines
      .map((line) => clip(visible(line.replaceAll('\t', '  ')).trimEnd(), 400))
      .join('\n')
  const rows = block.rows.map((row) => ({ cells: row.cells.map(plainValue), colours: [] }))
  return align([{ cells: block.header, colours: [] }, ...rows], paint)
}

function plainValue(value: Value): string {
  if (value === null) return 'not measured'
  const text = typeof value === 'string' ? value : 'name' in value ? value.name : value.label
  return short(text, LONGEST)
}
