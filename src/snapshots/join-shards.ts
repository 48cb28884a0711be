import type { SnapshotReport, SnapshotsDetails } from '../report/model.ts'
import { countsOf, judge, type Verdict } from './judge.ts'

export interface Joined extends Verdict {
  readonly details: SnapshotsDetails
}

/** What all shards of one mode found out together; undefined while one of them is missing, or where the work was not cut up. */
export function joinShards(parts: readonly SnapshotsDetails[], baseline: number | null): Joined | undefined {
  const newest = new Map<string, SnapshotsDetails>()
  for (const part of parts) if (part.shard !== null) newest.set(part.shard, part)
  const [first] = newest.values()
  const of = Number(first?.shard?.split('/')[1] ?? 0)
  const all = Array.from({ length: of }, (_, index) => newest.get(`${index + 1}/${of}`))
  const shards = all.filter((part) => part !== undefined && part.mode === first?.mode && part['zenml-version'] === first['zenml-version']) as SnapshotsDetails[]
  if (first === undefined || shards.length !== of) return undefined
  const snapshots: SnapshotReport[] = shards.flatMap((part) => part.snapshots)
  const discovered = shards.reduce((sum, part) => sum + (part.discovered ?? 0), 0)
  return {
    ...judge(first.mode, snapshots, { target: first['zenml-version'] ?? 'of an unknown version', discovered, baseline }),
    details: { mode: first.mode, 'zenml-version': first['zenml-version'], shard: null, discovered, ...countsOf(first.mode, snapshots), snapshots }
  }
}
