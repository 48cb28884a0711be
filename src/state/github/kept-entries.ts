import type { Entry } from '../attempt.ts'
import { canonicalJson } from '../content-digest.ts'
import { withoutKeys } from '../../runtime/secrets.ts'
import { shortened } from './payload.ts'

/**
 * Decides when GitHub gets an entry. It keeps what a run on another machine needs to go on, and
 * what the verdict is made of; other lines help on this machine only. A step has one line: that it
 * began is not written again.
 */
export function whenKept(
  entry: Entry,
  before: readonly Entry[],
): 'now' | 'with the next' | 'never' {
  switch (entry.kind) {
    case 'backup':
    case 'overtaken':
    case 'evidence':
    case 'closed':
    case 'acknowledged':
      return 'now'
    case 'compared':
      // The upgrade that lost nothing ends next; a later run that looks again writes nothing else.
      return entry.lost.length > 0 || before.some(({ kind }) => kind === 'closed')
        ? 'now'
        : 'with the next'
    case 'inventory':
      // Needed only when something changes after it.
      return 'with the next'
    case 'phase': {
      const kept = (phase: Entry): phase is Entry & { kind: 'phase' } =>
        phase.kind === 'phase' && isKeptPhase(phase)
      const last = before.findLast(kept)
      return isKeptPhase(entry) && !(last?.phase === entry.phase && last.state === entry.state)
        ? 'now'
        : 'never'
    }
    case 'child':
      // Whether tables may be half changed must be known wherever the next run is; the process
      // itself is not.
      return entry.name === 'migration' &&
        !before.some((other) => other.kind === 'child' && other.name === 'migration')
        ? 'now'
        : 'never'
    case 'note':
    case 'unreadable':
      return 'never'
  }
}

function isKeptPhase({ phase, state }: Entry & { kind: 'phase' }): boolean {
  return (phase === 'deploy' && state === 'started') || (phase === 'rollback' && state !== 'done')
}

/** Joins the entries of this process, in their order, with what others added meanwhile. */
export function joined(mine: readonly Entry[], onGithub: readonly Entry[]): Entry[] {
  const known = new Set(
    mine.map((entry) => withoutKeys(canonicalJson(shortened(entry)), 'the record')),
  )
  return [...mine, ...onGithub.filter((entry) => !known.has(canonicalJson(entry)))]
}

/** Tells whether an entry is recorded before the first change; `entries` are those before it. */
export function comesBeforeChange(entry: Entry, entries: readonly Entry[]): boolean {
  if (entry.kind === 'phase') return entry.phase === 'deploy'
  return (
    entry.kind === 'backup' &&
    !entries.some((other) => other.kind === 'phase' && other.phase === 'deploy')
  )
}
