import { snapshotKey } from '../core/snapshot-key.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import type { Attempt } from './attempt.ts'
import { attemptFor, snapshotBaseline, type Subject } from './evidence.ts'

/** Gives what the record says of all snapshots together, in the form that work on them needs. */
export function snapshotRecord(attempts: readonly Attempt[]) {
  return {
    baseline: snapshotBaseline(attempts),
    changed: changedSnapshots(attempts),
    replaced: replacedSnapshots(attempts),
    predecessors: snapshotPredecessors(attempts),
  }
}

/** Every report of a snapshot in the record, the oldest first. */
function recordedSnapshots(attempts: readonly Attempt[]): SnapshotReport[] {
  return attempts
    .flatMap(({ entries }) => entries)
    .flatMap((entry) => (entry.kind === 'evidence' ? (entry.snapshots?.snapshots ?? []) : []))
}

/**
 * Finds the snapshots that a rebuild made and that are not what they were: their ids, and what is
 * different. They carry the target's client, so a later run would call them good.
 */
export function changedSnapshots(attempts: readonly Attempt[]): ReadonlyMap<string, string> {
  const changed = new Map<string, string>()
  for (const one of recordedSnapshots(attempts))
    if (one.changed === true && one['new-id'] !== null && !changed.has(one['new-id']))
      changed.set(one['new-id'], one.message ?? '')
  return changed
}

/** Gives, by the id of a snapshot that a recorded rebuild made, the id of the one it replaced. */
export function snapshotPredecessors(attempts: readonly Attempt[]): ReadonlyMap<string, string> {
  return new Map(
    recordedSnapshots(attempts).flatMap(({ 'new-id': made, 'old-id': old }) =>
      made === null ? [] : [[made, old] as const],
    ),
  )
}

/**
 * Finds the snapshots that rebuilds replaced: their project/pipeline/name by the id that each had
 * before. The server has taken the name away from them, and deployments may still serve them.
 */
function replacedSnapshots(attempts: readonly Attempt[]): ReadonlyMap<string, string> {
  return new Map(
    recordedSnapshots(attempts).flatMap((one) =>
      one['new-id'] === null ? [] : [[one['old-id'], snapshotKey(one)] as const],
    ),
  )
}

/**
 * Gives how long each recorded snapshot took when it was last worked on, in seconds, by
 * `project/pipeline/name`; null where it only was there. The attempt for `subject` and later ones are
 * left out: what one shard adds to the record must not change what belongs to the next.
 */
export function snapshotSeconds(
  attempts: readonly Attempt[],
  subject: Pick<Subject, 'tested' | 'targetVersion'>,
): ReadonlyMap<string, number | null> {
  const current = attemptFor(attempts, subject)
  const earlier = current === undefined ? attempts : attempts.slice(0, attempts.indexOf(current))
  const known = new Map<string, number | null>()
  for (const one of recordedSnapshots(earlier)) {
    const key = snapshotKey(one)
    known.set(key, one.seconds ?? known.get(key) ?? null)
  }
  return known
}
