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

/**
 * How long snapshots took when they were last worked on, in seconds, by key; null for one that is
 * known and was never measured. The same on every machine that shares the work.
 */
export type KnownSeconds = ReadonlyMap<string, number | null>

/**
 * Returns a function that tells whether a key belongs to a shard. Every key belongs to exactly one,
 * on every machine the same, whatever else the server has by then: a key that the record knows by its
 * place in the record, the longest first, another one by its digest.
 */
export function membersOf(shard: Shard | undefined, known: KnownSeconds): (key: string) => boolean {
  if (shard === undefined) return () => true
  const balanced = balance(known, shard.of)
  return (key) => (balanced.get(key) ?? digestOf(key) % shard.of) === shard.index - 1
}

/** Gives each key to the part that has the least to do so far; parts count from 0. */
function balance(known: KnownSeconds, parts: number): ReadonlyMap<string, number> {
  const typical = median([...known.values()].filter((seconds) => seconds !== null))
  const longestFirst = [...known]
    .map(([key, seconds]) => ({ key, seconds: seconds ?? typical }))
    .sort((a, b) => b.seconds - a.seconds || (a.key < b.key ? -1 : 1))
  const loads = Array.from({ length: parts }, () => 0)
  return new Map(
    longestFirst.map(({ key, seconds }) => {
      const least = loads.indexOf(Math.min(...loads))
      loads[least] = (loads[least] ?? 0) + seconds
      return [key, least]
    }),
  )
}

/** One second where nothing was measured: then only the number of keys counts. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 1
}

function digestOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0)
}
