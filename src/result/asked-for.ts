import type { ResultOf } from './result.ts'

// What a command was asked for. A command that stopped has no details, and its result says it.

/** Returns the step of the promotion; undefined where an older result does not say it. */
export function stepOf({ details, step }: ResultOf<'promote'>): 'propose' | 'gate' | undefined {
  return details?.step ?? step
}

/** Returns the mode of the snapshots; undefined where an older result does not say it. */
export function modeOf({
  details,
  mode,
}: ResultOf<'rebuild-snapshots'>): NonNullable<typeof mode> | undefined {
  return details?.mode ?? mode
}

/** Returns the shard of the snapshots, such as `2/4`; null for all of them. */
export function shardOf({ details, shard }: ResultOf<'rebuild-snapshots'>): string | null {
  return details?.shard ?? shard ?? null
}
