import { environmentName } from '../core/environments.ts'
import { clip, oneLine, short, wrap, logLine } from '../core/text.ts'
import type { Result } from '../result/result.ts'
import type { Mark } from './mark.ts'
import type { ReportContext } from './context.ts'
import type { PlanReport } from './plan-report.ts'
import { buildReport, type Report } from './report.ts'
import type { Block, Section, Value } from './section.ts'
import { renderTable, type Paint } from './terminal-table.ts'
import { dated } from './wording.ts'

export interface TerminalOptions extends ReportContext {
  readonly colour: boolean
  /** No line is wider, except one that is a single word, such as an address or a command. */
  readonly columns: number
}

interface Page {
  readonly columns: number
  readonly paint: Paint
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
const BOLD = '1'
/** Before everything in an open section. */
const INDENT = 4
/** Continuation lines are indented by this, so that a mark or a title stands out. */
const HANGING = 2
/** Code points of a cell: what is beyond is in the result file. */
const LONGEST_CELL = 500
/** Code points of a log line: the whole log is in the report directory. */
const LONGEST_LOG_LINE = 400

/** The same report for a terminal: failing sections whole, of the others the title. */
export function renderTerminal(
  results: readonly Result[],
  { colour, columns, ...context }: TerminalOptions,
): string {
  const report = buildReport(results, context)
  const paint: Paint = (ansi, text) => (colour ? `\u001B[${ansi}m${text}\u001B[0m` : text)
  const page = { columns, paint }
  return [
    heading(report.headline, page),
    nextStep(report, page),
    ...report.plans.flatMap((plan) => renderPlan(plan, page)),
    ...(report.rows.length === 0 ? [] : [statusTable(report, page)]),
    ...renderSections(report.sections, page),
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n')
    .concat('\n')
}

function heading(text: string, { columns, paint }: Page): string[] {
  return wrap(oneLine(text), columns, HANGING).map((line) => paint(BOLD, line))
}

function nextStep({ next, link, command }: Report, { columns }: Page): string[] {
  return [
    ...wrap(`Next: ${oneLine(next)}`, columns, HANGING),
    ...[link?.url, command].flatMap((place) =>
      place === undefined ? [] : [`  ${oneLine(place)}`],
    ),
  ]
}

function statusTable(report: Report, page: Page): string[] {
  const rows = report.rows.map(({ name, cells }) => [
    { text: name },
    ...cells.map((cell) =>
      cell === null
        ? { text: '' }
        : {
            text: `${SIGNS[cell.mark]} ${oneLine(dated(cell.text, cell.since))}`,
            ansi: COLOURS[cell.mark],
          },
    ),
  ])
  return renderTable(['', ...report.columns.map(environmentName)], rows, page)
}

function renderPlan(plan: PlanReport, page: Page): string[][] {
  return [
    ...(plan.leads ? [] : [heading(plan.title, page)]),
    wrap(oneLine(plan.summary), page.columns),
    ...renderSections(plan.sections, page),
  ]
}

/** Blocks of lines. Titles alone follow each other without empty lines. */
function renderSections(sections: readonly Section[], page: Page): string[][] {
  return sections.reduce<string[][]>((blocks, section, index) => {
    if (section.failing) return [...blocks, renderOpen(section, page)]
    const title = signed('none', titleOf(section), page)
    const before = sections[index - 1]?.failing === false ? (blocks.at(-1) ?? []) : undefined
    return before === undefined
      ? [...blocks, title]
      : [...blocks.slice(0, -1), [...before, ...title]]
  }, [])
}

const titleOf = ({ title, since }: Section) => dated(title, since)

function renderOpen(section: Section, page: Page): string[] {
  const { sign: mark = 'failed', blocks } = section
  const inner = { ...page, columns: page.columns - INDENT }
  const body = blocks.flatMap((block) => ['', ...renderBlock(block, inner)])
  return [
    ...signed(mark, titleOf(section), page).map((line) => page.paint(COLOURS[mark], line)),
    ...body.map((line) => (line === '' ? line : `${' '.repeat(INDENT)}${line}`)),
  ]
}

function signed(mark: Mark, title: string, { columns }: Page): string[] {
  return wrap(`${SIGNS[mark]} ${oneLine(title)}`, columns, HANGING)
}

function renderBlock(block: Block, page: Page): string[] {
  switch (block.kind) {
    case 'text':
      return wrap(oneLine(block.text), page.columns)
    case 'log':
      return block.lines.flatMap((line) =>
        wrap(clip(logLine(line), LONGEST_LOG_LINE), page.columns, HANGING),
      )
    case 'table': {
      const rows = block.rows.map(({ cells }) => cells.map((cell) => ({ text: plainValue(cell) })))
      return renderTable(block.header, rows, page)
    }
  }
}

function plainValue(value: Value): string {
  if (value === null) return 'not measured'
  const text = typeof value === 'string' ? value : 'name' in value ? value.name : value.label
  return short(text, LONGEST_CELL)
}
