import { environmentName } from '../core/environments.ts'
import { minute } from '../core/text.ts'
import { code, fenced, html, link, table, text } from './markdown.ts'
import type { Link } from './pages.ts'
import type { Mark } from './mark.ts'
import type { PlanReport } from './plan-report.ts'
import type { Report } from './report.ts'
import { shorten, type Block, type Rung, type Section, type Value } from './section.ts'
import { dated, moreSections } from './wording.ts'

export const ICONS: Readonly<Record<Mark, string>> = {
  passed: '✅',
  failed: '❌',
  warning: '⚠️',
  held: '⏸️',
  unknown: '❔',
  none: '',
}

/** The one table, what was done where; nothing where nothing was done yet. */
export function renderTable({ columns, rows }: Report): string[] {
  if (rows.length === 0) return []
  const cells = rows.map((row) => [
    `**${row.name}**`,
    ...row.cells.map((cell) =>
      cell === null ? '' : `${ICONS[cell.mark]} ${dated(text(cell.text, 160), cell.since)}`.trim(),
    ),
  ])
  return [table([['', ...columns.map(environmentName)], ...cells], true)]
}

/** The verdict with its mark, for a heading. */
export function heading({ mark, headline }: Pick<Report, 'mark' | 'headline'>): string {
  return `${ICONS[mark]} ${text(headline, 200)}`.trim()
}

/** What to do next: one sentence, and the link to the page or the command line that does it. */
export function renderNext({ next, link: page, command }: Report): string {
  const sentence = `**Next:** ${text(next, 500)}`
  if (page !== undefined) return `${sentence} ${link(text(page.label, 100), page.url)}`
  return command === undefined ? sentence : `${sentence}\n\n${fenced([command], 500)}`
}

export function planHeading(mark: Mark, title: string): string {
  return `#### ${heading({ mark, headline: title })}`
}

/** What a merge would do. */
export function renderPlan({ summary, sections }: PlanReport, rung: Rung): string[] {
  return [text(summary, rung.length * 2), ...renderSections(sections, rung)]
}

/** As many sections as there is room for, and how many more there are. */
export function renderSections(sections: readonly Section[], rung: Rung): string[] {
  const left = sections.length - rung.sections
  return [
    ...sections
      .slice(0, rung.sections)
      .map((section) => renderSection(shorten(section, rung), rung)),
    ...(left > 0 ? [`- ${moreSections(left)}`] : []),
  ]
}

/** The last line: of what file and commit, by which run, and when the newest of it was found out. */
export function renderFoot(
  { time }: Report,
  {
    configPath,
    commit,
    run,
  }: {
    readonly configPath: string
    readonly commit?: Link | undefined
    readonly run?: Link | undefined
  },
): string {
  const parts = [
    'zenml-upgrade',
    code(configPath, 200),
    ...[commit, run].flatMap((one) =>
      one === undefined ? [] : [link(text(one.label, 100), one.url)],
    ),
    ...(time === null ? [] : [minute(new Date(time).toISOString())]),
  ]
  return `<sub>${parts.join(' · ')}</sub>`
}

/** A section that can be folded; only failing ones are open. */
function renderSection(section: Section, rung: Rung): string {
  const mark = section.failing ? `${ICONS[section.sign ?? 'failed']} ` : ''
  const length = Math.min(rung.length, 300)
  // Outside an element Markdown is read.
  if (section.blocks.length === 0)
    return `- ${mark}${dated(text(section.title, length), section.since)}`
  const blocks = section.blocks.map((block) => renderBlock(block, rung.length))
  return [
    `<details${section.failing ? ' open' : ''}>`,
    `<summary>${mark}${dated(html(section.title, length), section.since)}</summary>\n`,
    blocks.join('\n\n'),
    '\n</details>',
  ].join('\n')
}

function renderBlock(block: Block, length: number): string {
  if (block.kind === 'text') return text(block.text, length * 2)
  if (block.kind === 'log') return fenced(block.lines, length)
  return table([
    block.header,
    ...block.rows.map((row) => row.cells.map((value) => renderValue(value, length))),
  ])
}

function renderValue(value: Value, length: number): string {
  if (value === null) return 'not measured'
  if (typeof value === 'string') return text(value, length)
  return 'name' in value ? code(value.name, length) : link(code(value.label, length), value.url)
}
