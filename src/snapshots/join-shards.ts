import type { Attempt } from '../state/attempt.ts'
import type { Environment } from '../core/environments.ts'
import { outcomeOf, REASONS } from '../core/reasons.ts'
import { listed } from '../core/text.ts'
import { shardGapWords } from '../report/wording-cells.ts'
import { shardGaps, type ShardGaps } from '../result/shard-gaps.ts'
import type { Result } from '../result/result.ts'
import type { SnapshotReport, SnapshotsDetails } from '../result/snapshots.ts'
import { countsOf, judge, type Verdict } from './judge.ts'
import { joinDeployments, type Policy } from './join-deployments.ts'

export interface Joined extends Verdict {
  readonly details: SnapshotsDetails
}

interface Around {
  /** How many snapshots an earlier record says there are; null when none does. */
  readonly baseline: number | null
  /** What the file wants to be done with deployments. */
  readonly policy: Policy
}

/**
 * What all shards found out together, for each mode; a mode of which a shard is missing is left
 * out, and so is work that was not cut up. `parts` are in the order of their end: of a shard the
 * newest counts, and the newest says into how many parts the work was cut.
 */
export function joinShards(
  parts: readonly SnapshotsDetails[],
  { baseline, policy }: Around,
): Joined[] {
  const cut = parts.filter(({ shard }) => shard !== null)
  return [...new Set(cut.map(({ mode }) => mode))].flatMap(
    (mode) =>
      joinMode(
        cut.filter((part) => part.mode === mode),
        { baseline, policy },
      ) ?? [],
  )
}

/**
 * Lists what the results of an environment say of its snapshots, in the order of their end; plans
 * change nothing and are left out. So are results from before the attempt, and all of them where
 * the record has something newer: a report that is made again adds nothing.
 */
export function partsOf(
  environment: Environment,
  results: readonly Result[],
  attempt: Pick<Attempt, 'started' | 'entries'>,
): SnapshotsDetails[] {
  const recorded = attempt.entries
    .filter((entry) => entry.kind === 'evidence' && entry.command === 'rebuild-snapshots')
    .map(({ at }) => Date.parse(at))
  const parts = results.filter(({ ended }) => Date.parse(ended) >= Date.parse(attempt.started))
  const newest = Math.max(...parts.map(({ ended }) => Date.parse(ended)))
  if (recorded.some((at) => at >= newest)) return []
  return [...parts]
    .sort((a, b) => Date.parse(a.ended) - Date.parse(b.ended))
    .flatMap((result) =>
      result.environment === environment &&
      result.command === 'rebuild-snapshots' &&
      result.details !== null &&
      result.details.mode !== 'plan'
        ? [result.details]
        : [],
    )
}

/** Shards that are no whole prove nothing about it; what one of them found wrong stays wrong. */
function withGaps(verdict: Verdict, gaps: ShardGaps): Verdict {
  const words = shardGapWords(gaps)
  if (words.length === 0) return verdict
  const summary = `${verdict.summary} The shards are no whole: ${listed(words)}.`
  return outcomeOf(verdict.code) === 'failure'
    ? { ...verdict, summary }
    : { code: 'incomplete', summary, next: REASONS.incomplete.next }
}

function joinMode(
  parts: readonly SnapshotsDetails[],
  { baseline, policy }: Around,
): Joined | undefined {
  const newest = parts.at(-1)
  const of = Number(newest?.shard?.split('/')[1] ?? 0)
  if (newest === undefined) return undefined
  const shards = Array.from({ length: of }, (_, index) =>
    parts.findLast(
      ({ shard, 'zenml-version': version }) =>
        shard === `${index + 1}/${of}` && version === newest['zenml-version'],
    ),
  )
  if (!shards.every((part) => part !== undefined)) return undefined
  const snapshots: SnapshotReport[] = shards.flatMap((part) => part.snapshots)
  const discovered = shards.reduce((sum, part) => sum + (part.discovered ?? 0), 0)
  const dependents = {
    templates: joinLists(shards.map(({ templates }) => templates)),
    deployments: joinDeployments(joinLists(shards.map(({ deployments }) => deployments)), policy),
  }
  const verdict = judge(newest.mode, snapshots, {
    target: newest['zenml-version'] ?? 'of an unknown version',
    discovered,
    baseline,
    policy,
    ...dependents,
  })
  return {
    ...withGaps(verdict, shardGaps(shards)),
    details: {
      mode: newest.mode,
      'zenml-version': newest['zenml-version'],
      shard: null,
      discovered,
      ...countsOf(newest.mode, snapshots),
      snapshots,
      ...dependents,
    },
  }
}

/** One list of all shards; null where a shard could not list them, undefined where none looked. */
function joinLists<T>(lists: readonly (readonly T[] | null | undefined)[]): T[] | null | undefined {
  if (lists.includes(null)) return null
  const known = lists.filter((list) => list !== undefined)
  return known.length === 0 ? undefined : known.flatMap((list) => list ?? [])
}
