import { wentWell } from '../core/outcomes.ts'
import type { Environment } from '../core/environments.ts'
import type { JobEnd } from './job-end.ts'
import { sameVersion } from '../core/versions.ts'
import type { ParityReport } from '../result/stacks.ts'
import { modeOf, stepOf } from '../result/asked-for.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { isIdle } from '../result/work.ts'
import { earlierWork, type Earlier } from './earlier.ts'
import { snapshotEvidence, type SnapshotEvidence } from './snapshot-evidence.ts'

/**
 * What counts of the results of one environment: the newest of each kind, of the newest attempt.
 */
export interface Evidence {
  readonly environment: Environment
  readonly upgrade: ResultOf<'upgrade-workspace'> | undefined
  readonly smoke: ResultOf<'run-smoke-suite'> | undefined
  readonly snapshots: SnapshotEvidence | undefined
  readonly stacks: ResultOf<'check-stacks'> | undefined
  /** The newest comparison of the stacks, whichever command made it, and when that ended. */
  readonly parity:
    | { readonly report: ParityReport; readonly ended: string; readonly since: string | undefined }
    | undefined
  readonly gate: ResultOf<'promote'> | undefined
  /** About the promotion pull request; no verdict about the environment. */
  readonly proposal: ResultOf<'promote'> | undefined
  /** The newest command that was to accept a loss, where it failed and no upgrade came after it. */
  readonly refusedAcknowledgement: ResultOf<'acknowledge'> | undefined
  /** Jobs of this run whose end no result explains. */
  readonly jobs: readonly JobEnd[]
  readonly earlier: Earlier
  /** When a run earlier than the newest one left the result, in ISO 8601. */
  readonly since: {
    readonly upgrade: string | undefined
    readonly smoke: string | undefined
    readonly stacks: string | undefined
  }
}

/**
 * Finds what counts. `history` is what earlier runs found out, also about other content: it decides
 * nothing, and is shown where the newest run measured nothing.
 */
export function evidenceOf(
  environment: Environment,
  results: readonly Result[],
  jobs: readonly JobEnd[] = [],
  history: readonly Result[] = [],
): Evidence {
  const own = ofServerVersion(withoutIdle(ofNewestAttempt(ordered(environment, results))))
  const all = <C extends Result['command']>(command: C) => ofCommand(own, command)
  const upgrade = all('upgrade-workspace').at(-1)
  const smoke = newestSuite(all('run-smoke-suite'))
  const gate = all('promote').findLast((result) => stepOf(result) !== 'propose')
  const snapshots = all('rebuild-snapshots')
  const stacks = all('check-stacks').at(-1)
  // What staging answers to production's gate is no run of staging.
  const began = newestStart([upgrade, environment === 'production' ? gate : undefined])
  const since = (result: Result | undefined) =>
    result !== undefined && !isPlan(result) && Date.parse(result.ended) < began
      ? result.ended
      : undefined
  const earlier = earlierWork({ upgrade, smoke }, [...ordered(environment, history), ...own])
  return {
    environment,
    upgrade,
    smoke,
    snapshots: snapshots.length === 0 ? undefined : snapshotEvidence(snapshots, since),
    stacks,
    parity: newestParity(
      [...(earlier.upgrade === undefined ? [] : [earlier.upgrade]), ...own],
      since,
    ),
    gate,
    proposal: all('promote').findLast((result) => stepOf(result) === 'propose'),
    refusedAcknowledgement: refusedAfter(upgrade, all('acknowledge').at(-1)),
    jobs: jobs.filter((job) => job.environment === environment),
    earlier,
    since: { upgrade: since(upgrade), smoke: since(smoke), stacks: since(stacks) },
  }
}

function refusedAfter(
  upgrade: Result | undefined,
  acknowledgement: ResultOf<'acknowledge'> | undefined,
): ResultOf<'acknowledge'> | undefined {
  if (acknowledgement === undefined || wentWell(acknowledgement.outcome)) return undefined
  const isOver = upgrade !== undefined && endOf(upgrade) > endOf(acknowledgement)
  return isOver ? undefined : acknowledgement
}

const endOf = ({ ended }: Result) => Date.parse(ended)

function ordered(environment: Environment, results: readonly Result[]): Result[] {
  return results
    .filter((result) => result.environment === environment)
    .sort((a, b) => endOf(a) - endOf(b))
}

function ofCommand<C extends Result['command']>(
  results: readonly Result[],
  command: C,
): ResultOf<C>[] {
  return results.filter((result): result is ResultOf<C> => result.command === command)
}

/** A run that did not look at anything takes the place of no other. */
function withoutIdle(own: readonly Result[]): Result[] {
  return own.filter(
    (result) =>
      !isIdle(result) || !own.some((other) => other.command === result.command && !isIdle(other)),
  )
}

/** The plan of the snapshots comes before the upgrade of its own run. */
function isPlan(result: Result): boolean {
  return result.command === 'rebuild-snapshots' && modeOf(result) === 'plan'
}

/** When the newest run began; what was measured before it is of an earlier one. */
function newestStart(firsts: readonly (Result | undefined)[]): number {
  return Math.max(
    ...firsts.map((result) => (result === undefined ? 0 : Date.parse(result.started))),
  )
}

function newestParity(
  known: readonly Result[],
  since: (result: Result) => string | undefined,
): Evidence['parity'] {
  return known
    .flatMap((result) => {
      const report = parityOf(result)
      return report == null ? [] : [{ report, ended: result.ended, since: since(result) }]
    })
    .at(-1)
}

/**
 * A suite that is not in the record, such as that of a command that replaced the file's, makes no
 * recorded one better.
 */
function newestSuite(
  suites: readonly ResultOf<'run-smoke-suite'>[],
): ResultOf<'run-smoke-suite'> | undefined {
  const newest = suites.at(-1)
  if (newest?.attempt !== null || newest.outcome !== 'success') return newest
  return suites.findLast(({ attempt }) => attempt !== null) ?? newest
}

/** Whether a result is of a command that works on its environment; the others only ask. */
export function isOfWork({ command }: Result): boolean {
  return !['promote', 'check-stacks', 'check-out-sources', 'acknowledge'].includes(command)
}

function parityOf(result: Result): ParityReport | null | undefined {
  return result.command === 'upgrade-workspace' || result.command === 'check-stacks'
    ? result.details?.parity
    : undefined
}

/**
 * Results of an earlier attempt tell about another content. Those without an attempt were made by
 * hand and always count.
 */
function ofNewestAttempt(all: readonly Result[]): Result[] {
  const newest = all.findLast((result) => result.attempt !== null)?.attempt
  return all.filter((result) => result.attempt === null || result.attempt === newest)
}

/** What was found out with another version than the server now has tells nothing about it. */
function ofServerVersion(all: readonly Result[]): Result[] {
  const upgrade = all.findLast((result) => result.command === 'upgrade-workspace')
  if (
    upgrade === undefined ||
    (upgrade.outcome !== 'success' && upgrade['reason-code'] !== 'already-at-target')
  )
    return [...all]
  const version = upgrade.details?.['to-version'] ?? null
  return all.filter((result) => {
    if (result.command !== 'run-smoke-suite' && result.command !== 'rebuild-snapshots') return true
    const own = result.details?.['zenml-version'] ?? null
    return own === null || version === null || sameVersion(own, version)
  })
}
