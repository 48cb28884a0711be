import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import type { Result } from '../result/result.ts'
import type { ReportContext } from './context.ts'
import { environmentSections } from './environment-sections.ts'
import { evidenceOf, type Evidence } from './evidence.ts'
import { headlineOf, newsOf } from './headline.ts'
import type { Mark } from './mark.ts'
import { nextStep, type NextStep } from './next-step.ts'
import { PARTS, type Cell } from './parts.ts'
import { planReport, type PlanReport } from './plan-report.ts'
import { plansOf } from './plan-section.ts'
import type { Section } from './section.ts'
import { firstStopped, standingOf } from './verdict.ts'

/** The report before it gets a form. Nothing in it is escaped. */
export interface Report extends NextStep {
  /** The worst thing first; at most 117 characters. */
  readonly headline: string
  readonly mark: Mark
  /** The environments that anything is known of. */
  readonly columns: readonly Environment[]
  /** Parts of the work that anything is known of, with one cell for each column; null is empty. */
  readonly rows: readonly { readonly name: string; readonly cells: readonly (Cell | null)[] }[]
  readonly sections: readonly Section[]
  /** What merges would do. */
  readonly plans: readonly PlanReport[]
  /** When the newest of what it says was found out, ISO 8601; null where it says nothing. */
  readonly time: string | null
}

export function buildReport(results: readonly Result[], context: ReportContext = {}): Report {
  const { jobs = [], history = [] } = context
  const evidence = {
    staging: evidenceOf('staging', results, jobs, history),
    production: evidenceOf('production', results, jobs, history),
  }
  const standings = {
    staging: standingOf(evidence.staging),
    production: standingOf(evidence.production),
  }
  const plans = plansOf(results)
  const news = newsOf(plans, standings)
  const stopped = firstStopped(standings)
  const first = stopped?.environment === 'staging' ? 'staging' : 'production'
  return {
    ...headlineOf(standings, evidence, news),
    ...tableOf(evidence),
    ...nextStep({ standings, evidence, news, context }),
    plans: plans.map((plan) => ({
      ...planReport(plan),
      leads: plan === news && stopped === undefined,
    })),
    sections: [evidence[first], evidence[first === 'staging' ? 'production' : 'staging']]
      .flatMap((one) => environmentSections(one, context))
      .sort((a, b) => Number(b.failing) - Number(a.failing)),
    time: results.map(({ ended }) => ended).reduce<string | null>(later, null),
  }
}

const later = (a: string | null, b: string) => (a === null || Date.parse(b) > Date.parse(a) ? b : a)

function tableOf(
  evidence: Readonly<Record<Environment, Evidence>>,
): Pick<Report, 'columns' | 'rows'> {
  const all = Object.entries(PARTS).map(([name, cell]) => ({
    name,
    cells: { staging: cell(evidence.staging), production: cell(evidence.production) },
  }))
  const columns = ENVIRONMENTS.filter((environment) =>
    all.some(({ cells }) => cells[environment] !== null),
  )
  return {
    columns,
    rows: all
      .map(({ name, cells }) => ({ name, cells: columns.map((environment) => cells[environment]) }))
      .filter(({ cells }) => cells.some((cell) => cell !== null)),
  }
}
