import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import { REASONS } from '../core/reasons.ts'
import { clip, firstOf, oneLine, sentence } from '../core/text.ts'
import { DEFAULT_BRANCHES, DEFAULT_CONFIG } from '../inputs/inputs.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { evidenceOf, type Evidence } from './evidence.ts'
import type { JobEnd } from './job-end.ts'
import { linkTo, PAGE_OF, type Link, type Pages } from './pages.ts'
import { paritySections } from './parity-section.ts'
import { markOf, type Mark } from './mark.ts'
import { PARTS, type Cell } from './parts.ts'
import { planSections, plansOf } from './plan-section.ts'
import { rerunCommand } from './rerun.ts'
import { asEarlier, dateSections, type Section } from './section.ts'
import { smokeSections, snapshotSections } from './test-sections.ts'
import {
  gateSections,
  NEXT_LENGTH,
  proposalSections,
  summarySection,
  upgradeSections,
} from './upgrade-sections.ts'
import { firstStopped, standingOf, type Standing, type Standings } from './verdict.ts'
import {
  bothGreenHeadline,
  NOTHING_RAN,
  openStep,
  sectionTitle,
  standingHeadline,
  stoppedHeadline,
  HEADERS,
  titled,
  TITLES,
  type Branches,
} from './wording.ts'
import { planHeadline, planMeans, planWords, stoppedPlanWords } from './wording-plan.ts'
import { isStopping, stoppedWords, type Stopper } from './wording-stopped.ts'

/** The report before it gets a form. Nothing in it is escaped. */
export interface Report extends NextStep {
  /** The worst thing first; at most {@link HEADLINE_LENGTH} characters. */
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

interface NextStep {
  /** One sentence. */
  readonly next: string
  /** The page on GitHub on which that is done; undefined where there is none, or none is known. */
  readonly link: Link | undefined
  /** The command line that does it; undefined on GitHub. */
  readonly command: string | undefined
}

/** What a report says beyond results. */
export interface ReportContext {
  /** Jobs of the run whose end no result explains. */
  readonly jobs?: readonly JobEnd[]
  readonly branches?: Branches
  /** What earlier runs found out, also about other content: shown with its time, and no evidence. */
  readonly history?: readonly Result[]
  /** Where things are done on GitHub; left out elsewhere. */
  readonly github?: GithubPages | undefined
  /** Path of the configuration file, for command lines. */
  readonly configPath?: string
}

export interface GithubPages {
  readonly pages: Pages
  /** Results of the run whose jobs the pages re-run. */
  readonly results: readonly Result[]
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

/** Leaves room for the mark in front of it: GitHub shows about 120 characters of a heading in one look. */
const HEADLINE_LENGTH = 117

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
  const first = firstStopped(standings)?.environment === 'staging' ? 'staging' : 'production'
  return {
    ...verdict(standings, news),
    ...tableOf(evidence),
    ...nextStep({ standings, evidence, news, context }),
    plans: plans.map(planReport),
    sections: [evidence[first], evidence[first === 'staging' ? 'production' : 'staging']]
      .flatMap(sectionsOf)
      .sort((a, b) => Number(b.failing) - Number(a.failing)),
    time: results.map(({ ended }) => ended).reduce<string | null>(later, null),
  }
}

const later = (a: string | null, b: string) => (a === null || Date.parse(b) > Date.parse(a) ? b : a)

type Plan = ResultOf<'plan'>

/** The plan that the headline is about: one that stops, or, before anything ran, any. */
function newsOf(plans: readonly Plan[], { staging, production }: Standings): Plan | undefined {
  return (
    plans.find(isStoppedPlan) ??
    (staging.kind === 'not-run' && production.kind === 'not-run' ? plans[0] : undefined)
  )
}

const isStoppedPlan = ({ outcome }: Plan) => outcome !== 'success'

/** What headlines are made of where nothing is stopped; the first that there is. */
const NEWS: readonly (readonly [Environment, Standing['kind']])[] = [
  ['production', 'waiting'],
  ['staging', 'waiting'],
  ['production', 'green'],
  ['staging', 'green'],
  ['staging', 'planned'],
  ['production', 'planned'],
  ['production', 'at-target'],
]

function verdict(
  standings: Standings,
  news: Plan | undefined,
): { readonly mark: Mark; readonly headline: string } {
  const { mark, headline } = longVerdict(standings, news)
  return { mark, headline: clip(oneLine(headline), HEADLINE_LENGTH) }
}

function longVerdict(
  standings: Standings,
  news: Plan | undefined,
): { readonly mark: Mark; readonly headline: string } {
  const stopped = firstStopped(standings)
  if (stopped !== undefined)
    return { mark: markOf(stopped.by), headline: stoppedHeadline(stopped.environment, stopped.by) }
  if (news !== undefined) {
    const { title, mark } = planReport(news)
    return { mark, headline: title }
  }
  const { staging, production } = standings
  if (
    staging.kind === 'green' &&
    production.kind === 'green' &&
    staging.version === production.version &&
    !staging.untested
  )
    return { mark: 'passed', headline: bothGreenHeadline(staging.version) }
  for (const [environment, kind] of NEWS) {
    const standing = standings[environment]
    if (standing.kind === kind && standing.kind !== 'stopped' && standing.kind !== 'not-run')
      return {
        mark: kind === 'green' ? 'passed' : 'none',
        headline: standingHeadline(environment, standing),
      }
  }
  return { mark: 'none', headline: NOTHING_RAN }
}

interface Deciding {
  readonly standings: Standings
  readonly evidence: Readonly<Record<Environment, Evidence>>
  readonly news: Plan | undefined
  readonly context: ReportContext
}

function nextStep({ standings, evidence, news, context }: Deciding): NextStep {
  const { branches = DEFAULT_BRANCHES, github } = context
  const stopped = firstStopped(standings)
  if (stopped !== undefined) return stepAfter(stopped.by, context)
  if (news !== undefined) return stepAfter(news, context)
  const { sentence: next, page } = openStep(standings, branches, {
    waitsForApproval: evidence.staging.proposal?.details?.['opened-with-token'] === true,
    onGithub: github !== undefined,
  })
  return { next, link: linkTo(page, github?.pages ?? {}), command: undefined }
}

/** The next step that a result or a job names, in the words and with the button of where one reads it. */
function stepAfter(by: Stopper, { github, configPath = DEFAULT_CONFIG }: ReportContext): NextStep {
  const code = by['reason-code']
  const { next: usual, onGithub = usual }: { next: string; onGithub?: string } = REASONS[code]
  const isOwn = by.next !== usual && by.next.length <= NEXT_LENGTH
  const next = sentence(oneLine(isOwn ? by.next : github === undefined ? usual : onGithub))
  if (!('command' in by))
    return { next, link: { label: 'Open the job', url: by.url }, command: undefined }
  const page = isStopping(code) ? PAGE_OF[code] : 'pull-request'
  if (github === undefined)
    return {
      next,
      link: undefined,
      command: page === 'rerun' || page === 'form' ? rerunCommand(by, configPath) : undefined,
    }
  // The pages of this run re-run no job of another.
  const isOther = !github.results.includes(by) && (page === 'rerun' || page === 'rerun-all')
  return { next, link: linkTo(isOther ? 'runs' : page, github.pages), command: undefined }
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

function planReport(plan: Plan): PlanReport {
  const { environment, details } = plan
  const failed = (details?.checks ?? []).filter(({ status }) => status === 'failed')
  const words =
    details !== null && failed.length === 0
      ? planWords(details)
      : failed.length > 0
        ? stoppedPlanWords(failed.length)
        : stoppedWords(plan)
  return {
    environment,
    target: details?.['target-version'] ?? null,
    title: planHeadline(environment, words),
    // A plan measures files: nothing in it is green.
    mark: isStoppedPlan(plan) ? markOf(plan) : 'none',
    summary:
      details === null || failed.length > 0 ? firstOf(plan.summary, 500) : planMeans(details),
    next: sentence(oneLine(plan.next)),
    sections: planSections(plan),
  }
}

function sectionsOf(evidence: Evidence): Section[] {
  const { environment, upgrade, parity, stacks, smoke, snapshots, gate, proposal, jobs } = evidence
  const { earlier, since } = evidence
  const ofGate = gate === undefined ? [] : gateSections(gate)
  const ofSnapshots = snapshots === undefined ? [] : snapshotSections(snapshots)
  const ofSmoke = smoke === undefined ? [] : smokeSections(smoke)
  const ofEarlierSmoke =
    earlier.smoke === undefined ? [] : asEarlier(smokeSections(earlier.smoke), earlier.smoke.ended)
  const ofUpgrade = upgrade === undefined ? [] : upgradeSections(upgrade, earlier.upgrade)
  const ofStacks =
    parity === undefined ? [] : dateSections(paritySections(parity.report), parity.since)
  return [
    ...jobs.map(jobSection),
    ...unsaid(TITLES.gate, gate, ofGate),
    ...ofGate,
    ...(proposal === undefined ? [] : proposalSections(proposal)),
    ...(snapshots?.results ?? []).flatMap((result) =>
      unsaid(TITLES.snapshots, result, ofSnapshots),
    ),
    ...ofSnapshots,
    ...dateSections([...unsaid(TITLES.smoke, smoke, ofSmoke), ...ofSmoke], since.smoke),
    ...ofEarlierSmoke,
    ...dateSections(unsaid(TITLES.parity, stacks, ofStacks), since.stacks),
    ...ofStacks,
    ...dateSections([...unsaid(TITLES.upgrade, upgrade, ofUpgrade), ...ofUpgrade], since.upgrade),
  ].map((section) => ({ ...section, title: sectionTitle(environment, section.title) }))
}

/** The summary of a result where its sections do not say what went wrong, or there are none. */
function unsaid(part: string, result: Result | undefined, sections: readonly Section[]): Section[] {
  if (result === undefined) return []
  const isBad = result.outcome !== 'success' && result.outcome !== 'noop'
  return result.details === null || (isBad && !sections.some(({ failing }) => failing))
    ? [summarySection(part, result)]
    : []
}

function jobSection({ name, summary, url, decides }: JobEnd): Section {
  return {
    title: titled(TITLES.job, name),
    failing: true,
    ...(decides ? {} : { sign: 'warning' }),
    blocks: [
      {
        kind: 'table',
        header: HEADERS.jobs,
        rows: [{ cells: [{ label: name, url }, sentence(summary)], failing: true }],
      },
    ],
  }
}
