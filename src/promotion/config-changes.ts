import type { Config } from '../config/schema.ts'
import { took } from '../core/text.ts'

export interface ConfigChange {
  /** `snapshots.training.timeout`; entries of lists by their name. */
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/**
 * What differs between two files, defaults filled in; sorted by path. Without a base file nothing
 * can be compared.
 */
export function configChanges(base: Config | null, head: Config): ConfigChange[] {
  if (base === null) return []
  const [before, after] = [leaves(base), leaves(head)]
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .sort()
    .map((path) => ({ path, before: before.get(path) ?? null, after: after.get(path) ?? null }))
}

function leaves(config: Config): Map<string, string> {
  const found = new Map<string, string>()
  collect(config, [], found)
  return found
}

function collect(value: unknown, path: readonly string[], found: Map<string, string>): void {
  if (value === undefined) return
  const children = Array.isArray(value)
    ? entriesOfList(value)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : undefined
  if (children !== undefined && children.length > 0)
    for (const [key, child] of children) collect(child, [...path, key], found)
  // An empty list or mapping says the same as none.
  else if (children === undefined) found.set(path.join('.'), leaf(value, path.at(-1) ?? ''))
}

/**
 * Entries are known by what they are about, so that a new one at the top does not change all that
 * follow.
 */
function entriesOfList(list: readonly unknown[]): [string, unknown][] {
  const seen = new Map<string, number>()
  return list.map((entry, index) => {
    const own = keyOf(entry) ?? String(index)
    const times = (seen.get(own) ?? 0) + 1
    seen.set(own, times)
    return [times === 1 ? own : `${own} (${times})`, entry]
  })
}

function keyOf(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry
  if (typeof entry !== 'object' || entry === null) return undefined
  const { name, pattern, command } = entry as Readonly<Record<string, unknown>>
  return [name, pattern, command].find((key) => typeof key === 'string')
}

const DURATIONS: readonly string[] = ['soak', 'watch', 'timeout']

function leaf(value: unknown, key: string): string {
  if (typeof value === 'number' && DURATIONS.includes(key)) return took(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
