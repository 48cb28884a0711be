import { createHash } from 'node:crypto'

/** One of several machines that share the snapshots. */
export interface Shard {
  /** From 1. */
  readonly index: number
  readonly of: number
}

/** `1/4`; undefined when it is no shard. */
export function parseShard(text: string): Shard | undefined {
  const match = /^(\d{1,3})\/(\d{1,3})$/.exec(text.trim())
  const [index, of] = [Number(match?.[1]), Number(match?.[2])]
  return match !== null && index >= 1 && index <= of ? { index, of } : undefined
}

export function shardText(shard: Shard): string {
  return `${shard.index}/${shard.of}`
}

/** The parts for so many machines: never more than there are snapshots, none for none. */
export function shardsFor(snapshots: number, wanted: number): string[] {
  const of = Math.min(snapshots, wanted)
  return Array.from({ length: of }, (_, index) => shardText({ index: index + 1, of }))
}

/** Every key belongs to exactly one shard, on every machine the same, whatever else is there. */
export function isInShard(key: string, shard: Shard | undefined): boolean {
  if (shard === undefined) return true
  return createHash('sha256').update(key).digest().readUInt32BE(0) % shard.of === shard.index - 1
}
