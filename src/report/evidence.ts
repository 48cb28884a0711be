import type { Environment } from '../core/environments.ts'
import type { JobEnd } from './job-end.ts'
import { sameVersion } from '../core/versions.ts'
import type { ParityReport } from '../result/stacks.ts'
import type { Result, ResultOf } from '../result/result.ts'
import type { SnapshotReport } from '../result/snapshots.ts'

/**
 * What counts of the results of one environment: the newest of each kind, of the newest attempt.
 */
export interface Evidence {
  readonly environment: Environment
  readonly upgrade: ResultOf<'upgrade-workspace'> | undefined
  readonly smoke: ResultOf<'run-smoke-suite'> | undefined
  readonly snapshots: SnapshotEvidence | undefined
  readonly stacks: ResultOf<'check-stacks'> | undefined
  /** The newest comparison of the stacks, whichever command made it. */
  readonly parity: ParityReport | undefined
  readonly gate: ResultOf<'promote'> | undefined
  /** About the promotion pull request; no verdict about the environment. */
  readonly proposal: ResultOf<'promote'> | undefined
  /** Jobs of this run whose end no result explains. */
  readonly jobs: readonly JobEnd[]
}

export interface SnapshotEvidence {
  /** Those that no newer one replaces, oldest first. */
  readonly results: readonly SnapshotsResult[]
  /** Every snapshot once, as the newest result tells. */
  readonly snapshots: readonly SnapshotReport[]
  /** Such as `3/4`: the others of its kind are there, this one is not. */
  readonly missingShards: readonly string[]
}
type SnapshotsResult = ResultOf<'rebuild-snapshots'>

export function evidenceOf(
  environment: Environment,
  results: readonly Result[],
  jobs: readonly JobEnd[] = [],
): Evidence {
  const own = ofServerVersion(
    ofNewestAttempt(
      results
        .filter((result) => result.environment === environment)
        .sort((a, b) => Date.parse(a.ended) - Date.parse(b.ended)),
    ),
  )
  const all = <C extends Result['command']>(command: C) =>
    own.filter((result): result is ResultOf<C> => result.command === command)
  const snapshots = all('rebuild-snapshots')
  return {
    environment,
    upgrade: all('upgrade-workspace').at(-1),
    smoke: newestSuite(all('run-smoke-suite')),
    snapshots: snapshots.length === 0 ? undefined : snapshotEvidence(snapshots),
    stacks: all('check-stacks').at(-1),
    parity: own.flatMap((result) => parityOf(result) ?? []).at(-1),
    gate: all('promote')
      .filter((result) => result.details?.step === 'gate' || result.details === null)
      .at(-1),
    proposal: all('promote')
      .filter((result) => result.details?.step === 'propose')
      .at(-1),
    jobs: jobs.filter((job) => job.environment === environment),
  }
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
function ofNewestAttempt(ordered: readonly Result[]): Result[] {
  const newest = ordered.findLast((result) => result.attempt !== null)?.attempt
  return ordered.filter((result) => result.attempt === null || result.attempt === newest)
}

/** What was found out with another version than the server now has tells nothing about it. */
function ofServerVersion(ordered: readonly Result[]): Result[] {
  const upgrade = ordered.findLast((result) => result.command === 'upgrade-workspace')
  if (
    upgrade === undefined ||
    (upgrade.outcome !== 'success' && upgrade['reason-code'] !== 'already-at-target')
  )
    return [...ordered]
  const version = upgrade.details?.['to-version'] ?? null
  return ordered.filter((result) => {
    if (result.command !== 'run-smoke-suite' && result.command !== 'rebuild-snapshots') return true
    const own = result.details?.['zenml-version'] ?? null
    return own === null || version === null || sameVersion(own, version)
  })
}

function snapshotEvidence(ordered: readonly SnapshotsResult[]): SnapshotEvidence {
  const results = ordered.filter(
    (result, index) => !ordered.slice(index + 1).some((newer) => replaces(newer, result)),
  )
  const byKey = new Map<string, SnapshotReport>()
  for (const snapshot of results.flatMap((result) => [
    ...workOf(result),
    ...(result.details?.snapshots ?? []),
  ])) {
    const key = JSON.stringify([snapshot.project, snapshot.pipeline, snapshot.name])
    const before = byKey.get(key)
    // A later look that finds nothing left to do takes nothing back of what was done.
    if (before !== undefined && isDone(before) && !isDone(snapshot) && isUntouched(snapshot))
      continue
    byKey.set(key, snapshot)
  }
  return { results, snapshots: [...byKey.values()], missingShards: missingShards(results) }
}

/** What an earlier run did with the same client, where this one found nothing left to do. */
function workOf({ details, 'last-work': work }: SnapshotsResult): readonly SnapshotReport[] {
  return sameVersion(work?.details['zenml-version'] ?? '', details?.['zenml-version'] ?? '')
    ? (work?.details.snapshots ?? [])
    : []
}

function replaces(newer: SnapshotsResult, older: SnapshotsResult): boolean {
  const [now, before] = [newer.details, older.details]
  if (now === null || before === null) return before === null
  if (now.shard !== null && now.shard !== before.shard) return false
  return (
    now.mode === before.mode ||
    now.mode === 'all' ||
    (now.mode === 'rebuild' && before.mode === 'plan')
  )
}

const isDone = (snapshot: SnapshotReport) =>
  snapshot.status === 'rebuilt' || snapshot.status === 'executed'
const isUntouched = (snapshot: SnapshotReport) =>
  snapshot.status === 'current' || snapshot.status === 'planned'

function missingShards(results: readonly SnapshotsResult[]): string[] {
  const missing = new Set<string>()
  for (const { details } of results) {
    const total = Number(details?.shard?.split('/')[1] ?? 0)
    for (let number = 1; number <= total; number += 1) {
      const shard = `${number}/${total}`
      if (
        !results.some(
          (other) => other.details?.mode === details?.mode && other.details?.shard === shard,
        )
      )
        missing.add(shard)
    }
  }
  return [...missing]
}
