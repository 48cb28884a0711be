import type { Environment } from '../core/environments.ts'
import { firstOf, oneLine, sentence } from '../core/text.ts'
import type { ResultOf } from '../result/result.ts'
import { markOf, type Mark } from './mark.ts'
import { planSections } from './plan-section.ts'
import type { Section } from './section.ts'
import { planHeadline, planMeans, planWords, stoppedPlanWords } from './wording-plan.ts'
import { stoppedWords } from './wording-stopped.ts'

type PlanResult = ResultOf<'plan'>

export interface PlanReport {
  readonly environment: Environment | null
  /** The version it plans for; null when it did not come so far. */
  readonly target: string | null
  readonly title: string
  /** Whether the headline of the report is its title. */
  readonly leads: boolean
  readonly mark: Mark
  readonly summary: string
  readonly next: string
  readonly sections: readonly Section[]
}

export const isStoppedPlan = ({ outcome }: PlanResult) => outcome !== 'success'

/** A plan measures files: nothing in it is green. */
export function markOfPlan(plan: PlanResult): Mark {
  return isStoppedPlan(plan) ? markOf(plan) : 'none'
}

const failedChecks = ({ details }: PlanResult) =>
  (details?.checks ?? []).filter(({ status }) => status === 'failed').length

export function planTitle(plan: PlanResult): string {
  const { environment, details } = plan
  const failed = failedChecks(plan)
  if (failed > 1) return planHeadline(environment, stoppedPlanWords(failed))
  if (failed === 1) return planHeadline(environment, stoppedWords(plan))
  return planHeadline(environment, details === null ? stoppedWords(plan) : planWords(details))
}

export function planReport(plan: PlanResult): Omit<PlanReport, 'leads'> {
  const { environment, details } = plan
  return {
    environment,
    target: details?.['target-version'] ?? null,
    title: planTitle(plan),
    mark: markOfPlan(plan),
    summary:
      details === null || failedChecks(plan) > 0 ? firstOf(plan.summary, 500) : planMeans(details),
    next: sentence(oneLine(plan.next)),
    sections: planSections(plan),
  }
}
