import { marker } from './marker.ts'
import { ICONS, renderPlan, renderSection, renderTable } from './markdown-section.ts'
import { code, link, text } from './markdown.ts'
import type { Result } from './model.ts'
import { buildReport, type Report } from './report.ts'
import { RUNGS, shorten, type Rung } from './section.ts'

/** GitHub refuses a comment of more than 65,536 characters; bytes are counted to be safe with every script. */
export const COMMENT_LIMIT_BYTES = 60_000

export interface CommentInput {
  /** Results of both environments, of any age; the newest attempt of each counts. */
  readonly results: readonly Result[]
  /** Path of the configuration file in its repository: the key of the comment. */
  readonly configPath: string
  readonly generatedAt?: Date
  /** The run that writes it. */
  readonly run?: { readonly label: string; readonly url: string }
}

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
  const time = input.generatedAt === undefined ? '' : ` · ${input.generatedAt.toISOString()}`
  const run = input.run === undefined ? '' : ` · ${link(text(input.run.label, 100), input.run.url)}`
  return [
    `${marker(input.configPath)}\n### ${icon}${text(report.headline, 700)}`,
    renderTable(report),
    `**Next:** ${text(report.next, 500)}`,
    ...(rung === RUNGS[0] ? [] : [`*Shortened: ${SHORTENED[rung.rows]}. The result files hold everything.*`]),
    ...report.plans.flatMap((plan) => renderPlan(plan, rung)),
    ...(report.plans.length > 0 && report.sections.length > 0 ? ['#### Last results'] : []),
    ...report.sections.slice(0, rung.sections).map((section) => renderSection(shorten(section, rung), rung)),
    ...(report.sections.length > rung.sections ? [`- ${report.sections.length - rung.sections} more`] : []),
    `<sub>zenml-upgrade · ${code(input.configPath, 200)}${run}${time}</sub>\n`
  ].join('\n\n')
}

const SHORTENED: Readonly<Record<Rung['rows'], string>> = { all: 'nothing', failing: 'only rows that failed', none: 'only counts' }
