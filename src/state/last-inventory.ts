import type { Attempt, EntryOf } from './attempt.ts'

/** A snapshot as it was recorded last. */
interface LastSnapshot {
  readonly project: string
  readonly pipeline: string
  readonly name: string
  /** The ZenML version it carried; null when that was not recorded. */
  readonly version: string | null
}

export interface LastInventory {
  readonly recorded: string
  readonly count: number | null
  /** null when only their number is known. */
  readonly snapshots: readonly LastSnapshot[] | null
}

/** Finds the snapshots in the newest evidence that counted them; null when there is none. */
export function lastInventory(attempts: readonly Attempt[]): LastInventory | null {
  const entry = attempts
    .flatMap(({ entries }) => entries)
    .findLast(
      (each): each is EntryOf<'evidence'> => each.kind === 'evidence' && each.discovered !== null,
    )
  if (entry === undefined) return null
  const snapshots = (entry.snapshots?.snapshots ?? []).map((one): LastSnapshot => ({
    project: one.project,
    pipeline: one.pipeline,
    name: one.name,
    version: one['version-after'] ?? one['version-before'],
  }))
  // A list that was shortened for the record is not the whole.
  const whole = entry.discovered === snapshots.length
  return { recorded: entry.at, count: entry.discovered, snapshots: whole ? snapshots : null }
}
