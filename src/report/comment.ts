import { isOfWork } from './evidence.ts'
import { markPlan, type ShownPlan } from './kept-plan.ts'
import { marker } from './marker.ts'
import { ICONS, renderNext, renderPlan, renderSection, renderTable } from './markdown-section.ts'
import { code, link, text } from './markdown.ts'
import type { Result } from '../result/result.ts'
import { buildReport, type PlanReport, type Report, type ReportContext } from './report.ts'
import { RUNGS, shorten, type Rung } from './section.ts'

/**
 * GitHub refuses a comment of more than 65,536 characters; bytes are counted to be safe with every
 * script.
 */
export const COMMENT_LIMIT_BYTES = 60_000

export interface CommentInput extends ReportContext {
  /** Results of both environments, of any age; the newest attempt of each counts. */
  readonly results: readonly Result[]
  /** Path of the configuration file in its repository: the key of the comment. */
  readonly configPath: string
  readonly generatedAt?: Date
  /**
   * What the comment showed of plans for this very target: kept where no newer plan and no upgrade
   * took their place.
   */
  readonly shown?: readonly ShownPlan[]
  /** The run that writes it. */
  readonly run?: { readonly label: string; readonly url: string }
}

/**
 * The one report as Markdown, at most {@link COMMENT_LIMIT_BYTES} long. Nothing from outside is
 * markup in it.
 */
export function renderComment(input: CommentInput): string {
  const report = buildReport(input.results, input)
  const kept = (input.shown ?? []).filter((plan) => isStillNews(plan, input.results))
  let rendered = renderAt(report, input, RUNGS[0], kept)
  // What is kept is not in the results and cannot be shortened, so it goes first.
  for (const rung of RUNGS.slice(kept.length > 0 ? 0 : 1)) {
    if (Buffer.byteLength(rendered) <= COMMENT_LIMIT_BYTES) break
    rendered = renderAt(report, input, rung, [])
  }
  return rendered
}

function renderAt(
  report: Report,
  input: CommentInput,
  rung: Rung,
  kept: readonly ShownPlan[],
): string {
  const icon = ICONS[report.mark] === '' ? '' : `${ICONS[report.mark]} `
  const time = input.generatedAt === undefined ? '' : ` · ${input.generatedAt.toISOString()}`
  const plans = [...report.plans.map((plan) => planMarkdown(plan, rung)), ...kept.map(markPlan)]
  const run = input.run === undefined ? '' : ` · ${link(text(input.run.label, 100), input.run.url)}`
  return [
    `${marker(input.configPath)}\n### ${icon}${text(report.headline, 700)}`,
    ...renderTable(report),
    renderNext(report),
    ...(rung === RUNGS[0]
      ? []
      : [`*Shortened: ${SHORTENED[rung.rows]}. The result files hold everything.*`]),
    ...plans,
    ...(plans.length > 0 && report.sections.length > 0 ? ['#### Last results'] : []),
    ...report.sections
      .slice(0, rung.sections)
      .map((section) => renderSection(shorten(section, rung), rung)),
    ...(report.sections.length > rung.sections
      ? [`- ${report.sections.length - rung.sections} more`]
      : []),
    `<sub>zenml-upgrade · ${code(input.configPath, 200)}${run}${time}</sub>\n`,
  ].join('\n\n')
}

function planMarkdown(plan: PlanReport, rung: Rung): string {
  const markdown = renderPlan(plan, rung).join('\n\n')
  return plan.environment === null || plan.target === null
    ? markdown
    : markPlan({ environment: plan.environment, target: plan.target, markdown })
}

/** Until there is a newer plan, or the environment was worked on. */
function isStillNews({ environment }: ShownPlan, results: readonly Result[]): boolean {
  return !results.some((result) => result.environment === environment && isOfWork(result))
}

const SHORTENED: Readonly<Record<Rung['rows'], string>> = {
  all: 'nothing',
  failing: 'only rows that failed',
  none: 'only counts',
}
