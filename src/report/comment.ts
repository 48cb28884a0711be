import { marker } from './marker.ts'
import { code, fenced, html, link, table, text } from './markdown.ts'
import type { Result } from './model.ts'
import type { Mark } from './parts.ts'
import { buildReport, type Report } from './report.ts'
import { RUNGS, shorten, type Block, type Rung, type Section, type Value } from './section.ts'

/** GitHub refuses a comment of more than 65,536 characters; bytes are counted to be safe with every script. */
export const COMMENT_LIMIT_BYTES = 60_000

export interface CommentInput {
  /** Results of both environments, of any age; the newest attempt of each counts. */
  readonly results: readonly Result[]
  /** Path of the configuration file in its repository: the key of the comment. */
  readonly configPath: string
  readonly generatedAt?: Date
}

const ICONS: Readonly<Record<Mark, string>> = { passed: '✅', failed: '❌', warning: '⚠️', held: '⏸️', unknown: '❔', none: '' }

/** The one report as Markdown, at most {@link COMMENT_LIMIT_BYTES} long. Nothing from outside is markup in it. */
export function renderComment(input: CommentInput): string {
  const report = buildReport(input.results)
  const [first, ...shorter] = RUNGS
  let rendered = renderAt(report, input, first)
  for (const rung of shorter) {
    if (Buffer.byteLength(rendered) <= COMMENT_LIMIT_BYTES) break
    rendered = renderAt(report, input, rung)
  }
  return rendered
}

function renderAt(report: Report, input: CommentInput, rung: Rung): string {
  const icon = ICONS[report.mark] === '' ? '' : `${ICONS[report.mark]} `
  const rows = report.rows.map(({ name, cells }) => [`**${name}**`, ...cells.map((cell) => `${ICONS[cell.mark]} ${text(cell.text, 160)}`.trim())])
  const time = input.generatedAt === undefined ? '' : ` · ${input.generatedAt.toISOString()}`
  return [
    `${marker(input.configPath)}\n### ${icon}${text(report.headline, 700)}`,
    table([['', 'Staging', 'Production'], ...rows], true),
    `**Next:** ${text(report.next, 500)}`,
    ...(rung === RUNGS[0] ? [] : [`*Shortened: ${SHORTENED[rung.rows]}. The result files hold everything.*`]),
    ...report.sections.slice(0, rung.sections).map((section) => renderSection(shorten(section, rung), rung)),
    ...(report.sections.length > rung.sections ? [`- ${report.sections.length - rung.sections} more`] : []),
    `<sub>zenml-upgrade · ${code(input.configPath, 200)}${time}</sub>\n`
  ].join('\n\n')
}

const SHORTENED: Readonly<Record<Rung['rows'], string>> = { all: 'nothing', failing: 'only rows that failed', none: 'only counts' }

function renderSection(section: Section, rung: Rung): string {
  const title = `${section.failing ? `${ICONS.failed} ` : ''}${html(section.title, Math.min(rung.length, 300))}`
  if (section.blocks.length === 0) return `- ${title}`
  const blocks = section.blocks.map((block) => renderBlock(block, rung.length))
  return [`<details${section.failing ? ' open' : ''}>`, `<summary>${title}</summary>\n`, blocks.join('\n\n'), '\n</details>'].join('\n')
}

function renderBlock(block: Block, length: number): string {
  if (block.kind === 'text') return text(block.text, length * 2)
  if (block.kind === 'log') return fenced(block.lines, length)
  return table([block.header, ...block.rows.map((row) => row.cells.map((value) => renderValue(value, length)))])
}

function renderValue(value: Value, length: number): string {
  if (value === null) return 'not measured'
  if (typeof value === 'string') return text(value, length)
  return 'name' in value ? code(value.name, length) : link(code(value.label, length), value.url)
}
