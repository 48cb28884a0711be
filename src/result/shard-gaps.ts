import { snapshotKey } from '../core/snapshot-key.ts'
import type { SnapshotsDetails } from './snapshots.ts'

/** How the shards of one mode fail to be a whole. */
export interface ShardGaps {
  /** `project/pipeline/name` of what is in more than one shard. */
  readonly twice: readonly string[]
  /** How many snapshots are in none. */
  readonly missing: number
}

/**
 * Finds what is in two shards, and how much is in none, as when a snapshot was made or renamed while
 * they ran. `parts` are all shards of one mode. Pure.
 */
export function shardGaps(parts: readonly SnapshotsDetails[]): ShardGaps {
  const keys = parts.flatMap((part) => [...new Set(part.snapshots.flatMap(keyOf))])
  const once = new Set(keys)
  const expected = Math.max(0, ...parts.map((part) => part['discovered-on-server'] ?? 0))
  return {
    twice: [...once].filter((key) => keys.indexOf(key) !== keys.lastIndexOf(key)).sort(),
    missing: Math.max(0, expected - once.size),
  }
}

/** What the file names and the server does not have is no snapshot of a shard. */
function keyOf(report: SnapshotsDetails['snapshots'][number]): string[] {
  return report['old-id'] === '' ? [] : [snapshotKey(report)]
}
