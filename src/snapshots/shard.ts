import { createHash } from 'node:crypto'
import { Stop } from '../core/stop.ts'

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

/**
 * Reads the input `shard`; undefined for the whole, also as the only part of it.
 * @throws Stop `invalid-input`
 */
export function shardToWork(input: string | undefined): Shard | undefined {
  if (input === undefined) return undefined
  const part = parseShard(input)
  if (part === undefined)
    throw new Stop(
      'invalid-input',
      `input shard is "${input}"; the part must not be larger than the whole`,
      { next: 'Use parts from 1/n to n/n.' },
    )
  return part.of === 1 ? undefined : part
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
