import { environmentName } from '../core/environments.ts'
import { code, fenced, html, link, table, text } from './markdown.ts'
import { dated } from '../core/text.ts'
import type { Mark } from './parts.ts'
import type { PlanReport, Report } from './report.ts'
import { shorten, type Block, type Rung, type Section, type Value } from './section.ts'

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

/** What to do next: one sentence, with the link to where it is done. */
export function renderNext({ next, link: page }: Report): string {
  const sentence = `**Next:** ${text(next, 500)}`
  return page === undefined ? sentence : `${sentence} ${link(text(page.label, 100), page.url)}`
}

/** What a merge would do, under a heading of its own. */
export function renderPlan({ title, summary, mark, sections }: PlanReport, rung: Rung): string[] {
  const icon = ICONS[mark] === '' ? '' : `${ICONS[mark]} `
  return [
    `#### ${icon}${title}`,
    text(summary, rung.length * 2),
    ...sections
      .slice(0, rung.sections)
      .map((section) => renderSection(shorten(section, rung), rung)),
  ]
}

/** A section that can be folded; only failing ones are open. */
export function renderSection(section: Section, rung: Rung): string {
  const title = `${section.failing ? `${ICONS[section.sign ?? 'failed']} ` : ''}${dated(html(section.title, Math.min(rung.length, 300)), section.since)}`
  if (section.blocks.length === 0) return `- ${title}`
  const blocks = section.blocks.map((block) => renderBlock(block, rung.length))
  return [
    `<details${section.failing ? ' open' : ''}>`,
    `<summary>${title}</summary>\n`,
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
