import { wentWell } from '../core/outcomes.ts'
import { sameVersion } from '../core/versions.ts'
import type { ResultOf } from '../result/result.ts'
import { shardGaps } from '../result/shard-gaps.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import { shardGapWords } from './wording-cells.ts'

type SnapshotsResult = ResultOf<'rebuild-snapshots'>

export interface SnapshotEvidence {
  /** Those that no newer one replaces, oldest first. */
  readonly results: readonly SnapshotsResult[]
  /** Every snapshot once, as the newest result tells. */
  readonly snapshots: readonly SnapshotFact[]
  /**
   * What an earlier run found failed or lost, and the newest one, which went well, does not list: it
   * counts no more, and is still to be read.
   */
  readonly gone: readonly SnapshotFact[]
  /** Such as `3/4`: the others of its kind are there, this one is not. */
  readonly missingShards: readonly string[]
  /** What keeps the shards from being a whole, where all of them are there. */
  readonly shardGaps: readonly string[]
  /** When all the work was done by earlier runs: its newest time. */
  readonly since: string | undefined
}

export interface SnapshotFact extends SnapshotReport {
  /** When an earlier run than the newest one measured it, in ISO 8601. */
  readonly since: string | undefined
}

/** Joins the results about snapshots; `sinceOf` gives the time of what an earlier run measured. */
export function snapshotEvidence(
  ordered: readonly SnapshotsResult[],
  sinceOf: (result: SnapshotsResult) => string | undefined,
): SnapshotEvidence {
  const results = ordered.filter(
    (result, index) => !ordered.slice(index + 1).some((newer) => replaces(newer, result)),
  )
  const byKey = new Map<string, SnapshotFact>()
  for (const snapshot of results.flatMap((result) => factsOf(result, sinceOf))) {
    const key = keyOf(snapshot)
    const before = byKey.get(key)
    // A later look that finds nothing left to do takes nothing back of what was done.
    if (before !== undefined && isDone(before) && !isDone(snapshot) && isUntouched(snapshot))
      continue
    byKey.set(key, snapshot)
  }
  const snapshots = [...byKey.values()]
  const missing = missingShards(results)
  const gone = results
    .flatMap((result) => (wentWell(result.outcome) ? workOf(result).filter(isBad) : []))
    .filter((snapshot) => !byKey.has(keyOf(snapshot)))
  return {
    results,
    snapshots,
    gone: [...new Map(gone.map((snapshot) => [keyOf(snapshot), snapshot])).values()],
    missingShards: missing,
    shardGaps: missing.length > 0 ? [] : gapsOf(results),
    since: newestOf(
      snapshots.length === 0 ? results.map(sinceOf) : workedOn(snapshots).map(({ since }) => since),
    ),
  }
}

function factsOf(
  result: SnapshotsResult,
  sinceOf: (result: SnapshotsResult) => string | undefined,
): SnapshotFact[] {
  const now = result.details?.snapshots ?? []
  return [
    // A run that went well and does not list what was bad says that it is bad no more.
    ...workOf(result).filter((snapshot) => !wentWell(result.outcome) || !isBad(snapshot)),
    ...now.map((snapshot) => ({ ...snapshot, since: sinceOf(result) })),
  ]
}

/** What the last run did that did something, with the client of this one. */
function workOf({ details, 'last-work': work }: SnapshotsResult): SnapshotFact[] {
  const isOfThisClient =
    details === null ||
    sameVersion(work?.details['zenml-version'] ?? '', details['zenml-version'] ?? '')
  return isOfThisClient
    ? (work?.details.snapshots ?? []).map((snapshot) => ({ ...snapshot, since: work?.ended }))
    : []
}

/** Those whose time is that of all: what was worked on, where anything was. */
function workedOn(snapshots: readonly SnapshotFact[]): readonly SnapshotFact[] {
  const worked = snapshots.filter(({ status }) => WORKED.includes(status))
  return worked.length === 0 ? snapshots : worked
}

/** One time for all of them, where none is of the newest run. */
function newestOf(times: readonly (string | undefined)[]): string | undefined {
  return times.includes(undefined) ? undefined : [...times].sort().at(-1)
}

const keyOf = ({ project, pipeline, name }: SnapshotReport) =>
  JSON.stringify([project, pipeline, name])

export function isBad({ status }: SnapshotReport): boolean {
  return status === 'failed' || status === 'lost'
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
const WORKED: readonly SnapshotReport['status'][] = ['rebuilt', 'executed', 'failed', 'lost']

/** Of each mode whose work was cut up. */
function gapsOf(results: readonly SnapshotsResult[]): string[] {
  const parts = results.flatMap(({ details }) =>
    details === null || details.shard === null ? [] : [details],
  )
  const modes = [...new Set(parts.map(({ mode }) => mode))]
  return modes.flatMap((mode) =>
    shardGapWords(shardGaps(parts.filter((part) => part.mode === mode))),
  )
}

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
