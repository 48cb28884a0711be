import { isOfWork } from './evidence.ts'
import { markPlan, type ShownPlan } from './kept-plan.ts'
import { marker } from './marker.ts'
import {
  heading,
  planHeading,
  renderFoot,
  renderNext,
  renderPlan,
  renderSections,
  renderTable,
} from './markdown-section.ts'
import type { Link } from './pages.ts'
import type { Result } from '../result/result.ts'
import type { ReportContext } from './context.ts'
import type { PlanReport } from './plan-report.ts'
import { buildReport, type Report } from './report.ts'
import { RUNGS, type Rung } from './section.ts'
import { shortened, TITLES } from './wording.ts'
import { keptPlanHeadline } from './wording-plan.ts'

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
  /**
   * What the comment showed of plans for this very target: kept where no newer plan and no upgrade
   * took their place.
   */
  readonly shown?: readonly ShownPlan[]
  /** The commit that it is about, and the run that writes it. */
  readonly commit?: Link | undefined
  readonly run?: Link | undefined
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
  const plans = [
    ...report.plans.flatMap((plan) => planMarkdown(plan, rung)),
    ...kept.flatMap((plan) => [
      planHeading('none', keptPlanHeadline(plan.environment, plan.target)),
      markPlan(plan),
    ]),
  ]
  return [
    `${marker(input.configPath)}\n### ${heading(report)}`,
    renderNext(report),
    ...(rung === RUNGS[0] ? [] : [`*${shortened(rung.rows)}*`]),
    ...plans,
    ...(plans.length > 0 && report.rows.length > 0 ? [`#### ${TITLES.results}`] : []),
    ...renderTable(report),
    ...renderSections(report.sections, rung),
    `${renderFoot(report, input)}\n`,
  ].join('\n\n')
}

/** A plan under its title, which is left out where the headline says it. */
function planMarkdown(plan: PlanReport, rung: Rung): string[] {
  const markdown = renderPlan(plan, rung).join('\n\n')
  return [
    ...(plan.leads ? [] : [planHeading(plan.mark, plan.title)]),
    plan.environment === null || plan.target === null
      ? markdown
      : markPlan({ environment: plan.environment, target: plan.target, markdown }),
  ]
}

/** Until there is a newer plan, or the environment was worked on. */
function isStillNews({ environment }: ShownPlan, results: readonly Result[]): boolean {
  return !results.some((result) => result.environment === environment && isOfWork(result))
}
