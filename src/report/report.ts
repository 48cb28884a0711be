import { environmentName, ENVIRONMENTS, type Environment } from '../core/environments.ts'
import { evidenceOf, type Evidence } from './evidence.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { DEFAULT_BRANCHES } from '../inputs/inputs.ts'
import type { JobEnd } from './job-end.ts'
import { paritySections } from './parity-section.ts'
import { planSections, plansOf } from './plan-section.ts'
import { markOf, PARTS, worstOf, type Cell, type Mark } from './parts.ts'
import { firstOf, oneLine, plural, sentence } from '../core/text.ts'
import { asEarlier, dateSections, type Section } from './section.ts'
import { smokeSections, snapshotSections } from './test-sections.ts'
import { bareSection, gateSections, proposalSections, upgradeSections } from './upgrade-sections.ts'
import {
  firstStopped,
  headline,
  nextStep,
  standingOf,
  type Branches,
  type Stopper,
} from './verdict.ts'

/** The report before it gets a form. Nothing in it is escaped. */
export interface Report {
  readonly headline: string
  readonly mark: Mark
  /** The environments that anything is known of. */
  readonly columns: readonly Environment[]
  /** Parts of the work that anything is known of, with one cell for each column; null is empty. */
  readonly rows: readonly { readonly name: string; readonly cells: readonly (Cell | null)[] }[]
  readonly next: string
  /** The page on which that is done; undefined where there is none of its own. */
  readonly link: Link | undefined
  readonly sections: readonly Section[]
  /** What merges would do. */
  readonly plans: readonly PlanReport[]
}

interface Link {
  readonly label: string
  readonly url: string
}

/** What a report says beyond results. */
export interface ReportContext {
  /** Jobs of the run whose end no result explains. */
  readonly jobs?: readonly JobEnd[]
  readonly branches?: Branches
  /** What earlier runs found out, also about other content: shown with its time, and no evidence. */
  readonly history?: readonly Result[]
  /** The run that reports: what to do about its own results is done on its page. */
  readonly thisRun?: { readonly url: string; readonly results: readonly Result[] } | undefined
}

export interface PlanReport {
  readonly environment: Environment | null
  /** The version it plans for; null when it did not come so far. */
  readonly target: string | null
  readonly title: string
  readonly mark: Mark
  readonly summary: string
  readonly next: string
  readonly sections: readonly Section[]
}

export function buildReport(
  results: readonly Result[],
  { jobs = [], branches = DEFAULT_BRANCHES, history = [], thisRun }: ReportContext = {},
): Report {
  const staging = evidenceOf('staging', results, jobs, history)
  const production = evidenceOf('production', results, jobs, history)
  const standings = { staging: standingOf(staging), production: standingOf(production) }
  const plans = plansOf(results).map(planReport)
  const stopped = firstStopped(standings)
  // Before anything ran, what would happen is the news.
  const [news] = ENVIRONMENTS.every((environment) => standings[environment].kind === 'not-run')
    ? plans
    : []
  return {
    headline: news === undefined ? headline(standings) : `${news.title}: ${sentence(news.summary)}`,
    mark: news?.mark ?? overall(standings, results),
    ...tableOf({ staging, production }),
    next:
      (stopped === undefined ? (news ?? plans.find(({ mark }) => mark !== 'none')) : undefined)
        ?.next ??
      nextStep(standings, branches, {
        waitsForApproval: staging.proposal?.details?.['opened-with-token'] === true,
      }),
    link: pageOf(stopped, thisRun),
    plans,
    sections: [staging, production]
      .flatMap(sectionsOf)
      .sort((a, b) => Number(b.failing) - Number(a.failing)),
  }
}

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

/** Where what stopped is run again; what is held opens elsewhere. */
function pageOf(stopped: Stopper | undefined, thisRun: ReportContext['thisRun']): Link | undefined {
  if (stopped?.url !== undefined) return { label: 'Open the job', url: stopped.url }
  const isOwn = thisRun?.results.some((result) => result === stopped) ?? false
  return thisRun === undefined || !isOwn || stopped?.outcome === 'held'
    ? undefined
    : { label: 'Open the run', url: thisRun.url }
}

function planReport(plan: ResultOf<'plan'>): PlanReport {
  return {
    environment: plan.environment,
    target: plan.details?.['target-version'] ?? null,
    title: `Plan for ${plan.environment ?? 'the environment'}`,
    // A plan measures files: nothing in it is green.
    mark: plan.outcome === 'success' ? 'none' : markOf(plan),
    summary: firstOf(plan.summary, 500),
    next: sentence(oneLine(plan.next)),
    sections: planSections(plan),
  }
}

/** Green only if something was measured as green and nothing else stands against it. */
function overall(
  standings: Readonly<Record<Environment, ReturnType<typeof standingOf>>>,
  results: readonly Result[],
): Mark {
  const all = ENVIRONMENTS.map((environment) => standings[environment])
  const worst = worstOf<Stopper>(
    all.flatMap((standing) => (standing.kind === 'stopped' ? [standing.by] : [])),
  )
  if (worst !== undefined) return markOf(worst)
  return results.length > 0 &&
    all.some((standing) => standing.kind === 'green') &&
    all.every((standing) => standing.kind !== 'waiting')
    ? 'passed'
    : 'none'
}

function sectionsOf(evidence: Evidence): Section[] {
  const { upgrade, parity, smoke, snapshots, gate, proposal, jobs, earlier, since } = evidence
  const missing: Section[] =
    (snapshots?.missingShards.length ?? 0) === 0
      ? []
      : [
          {
            title: `snapshots, ${plural(snapshots?.missingShards.length ?? 0, 'shard')} without a result`,
            failing: true,
            blocks: [
              {
                kind: 'text',
                text: `No result of shard ${snapshots?.missingShards.join(', ') ?? ''} was found.`,
              },
            ],
          },
        ]
  const sections = [
    ...jobs.map(jobSection),
    ...(gate === undefined ? [] : [...gateSections(gate), ...bareSection(gate)]),
    ...(proposal === undefined ? [] : proposalSections(proposal)),
    ...(snapshots === undefined
      ? []
      : [...snapshotSections(snapshots), ...snapshots.results.flatMap(bareSection)]),
    ...missing,
    ...(smoke === undefined
      ? []
      : dateSections([...smokeSections(smoke), ...bareSection(smoke)], since.smoke)),
    ...(earlier.smoke === undefined
      ? []
      : asEarlier(smokeSections(earlier.smoke), earlier.smoke.ended)),
    ...(parity === undefined ? [] : dateSections(paritySections(parity.report), parity.since)),
    ...(upgrade === undefined
      ? []
      : dateSections(
          [...upgradeSections(upgrade, earlier.upgrade), ...bareSection(upgrade)],
          since.upgrade,
        )),
  ]
  const name = environmentName(evidence.environment)
  return sections.map((section) => ({ ...section, title: `${name}: ${section.title}` }))
}

function jobSection({ name, summary, url, decides }: JobEnd): Section {
  return {
    title: `job ${name}`,
    failing: true,
    ...(decides ? {} : { sign: 'warning' }),
    blocks: [
      {
        kind: 'table',
        header: ['Job', 'What happened'],
        rows: [{ cells: [{ label: name, url }, sentence(summary)], failing: true }],
      },
    ],
  }
}
