import type { Attempt } from '../state/attempt.ts'
import type { Environment } from '../core/environments.ts'
import { outcomeOf, REASONS } from '../core/reasons.ts'
import { listed } from '../core/text.ts'
import { shardGapWords } from '../report/wording-cells.ts'
import { shardGaps } from '../result/shard-gaps.ts'
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
 * What all shards found out together, for each mode; work that was not cut up is left out. So is a
 * mode of which a shard is missing, unless the others replaced a snapshot: that is kept, and proves
 * nothing. `parts` are in the order of their end: of a shard the
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
function withGaps(verdict: Verdict, words: readonly string[]): Verdict {
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
  if (newest === undefined) return undefined
  const shards = newestOfEach(parts, newest)
  const ended = shards.filter((part) => part !== undefined)
  const isWhole = ended.length === shards.length
  const snapshots: SnapshotReport[] = ended.flatMap((part) => part.snapshots)
  if (!isWhole && !snapshots.some(wasReplaced)) return undefined
  const discovered = ended.reduce((sum, part) => sum + (part.discovered ?? 0), 0)
  const dependents = {
    templates: joinLists(ended.map(({ templates }) => templates)),
    deployments: joinDeployments(
      joinLists(ended.map(({ deployments }) => deployments)),
      isWhole ? policy : 'list',
    ),
  }
  const verdict = judge(newest.mode, snapshots, {
    target: newest['zenml-version'] ?? 'of an unknown version',
    discovered,
    baseline,
    policy,
    ...dependents,
  })
  return {
    ...withGaps(verdict, isWhole ? shardGapWords(shardGaps(ended)) : missingWords(shards)),
    details: {
      mode: newest.mode,
      'zenml-version': newest['zenml-version'],
      shard: null,
      // A part is no count of all.
      discovered: isWhole ? discovered : null,
      ...countsOf(newest.mode, snapshots),
      snapshots,
      ...dependents,
    },
  }
}

/** The newest part of every shard, as many as the newest of all says; undefined for a missing one. */
function newestOfEach(
  parts: readonly SnapshotsDetails[],
  newest: SnapshotsDetails,
): (SnapshotsDetails | undefined)[] {
  const of = Number(newest.shard?.split('/')[1] ?? 0)
  return Array.from({ length: of }, (_, index) =>
    parts.findLast(
      ({ shard, 'zenml-version': version }) =>
        shard === `${index + 1}/${of}` && version === newest['zenml-version'],
    ),
  )
}

function missingWords(shards: readonly (SnapshotsDetails | undefined)[]): string[] {
  return shards.flatMap((part, index) =>
    part === undefined ? [`shard ${index + 1}/${shards.length} left no result`] : [],
  )
}

/** What replaced a snapshot must be known to later runs: the server does not say it. */
function wasReplaced(report: SnapshotReport): boolean {
  return report['new-id'] !== null
}

/** One list of all shards; null where a shard could not list them, undefined where none looked. */
function joinLists<T>(lists: readonly (readonly T[] | null | undefined)[]): T[] | null | undefined {
  if (lists.includes(null)) return null
  const known = lists.filter((list) => list !== undefined)
  return known.length === 0 ? undefined : known.flatMap((list) => list ?? [])
}
