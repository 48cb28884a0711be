import type { Phase } from '../result/common.ts'
import type { UpgradeDetails } from '../result/upgrade.ts'
import { lastOf, type Attempt, type EntryOf } from './attempt.ts'

/** Gives what is known of an attempt for content that needed no upgrade: its versions. */
export function detailsWithoutUpgrade(attempt: Attempt): UpgradeDetails {
  return {
    'from-version': attempt['from-version'],
    'to-version': attempt['target-version'],
    'server-id': attempt['server-id'],
    changed: false,
    'rolled-back': null,
    'downtime-seconds': null,
    driver: 'not needed',
    backup: null,
    checks: [],
    counts: { before: null, after: null },
    lost: [],
    'written-since-backup': null,
    phases: [],
    'migration-log': [],
  }
}

/** Gives what the journal says of an attempt that has not ended, or whose runner is gone. */
export function detailsOfJournal(attempt: Attempt): UpgradeDetails {
  const phases = phasesOf(attempt)
  const begun = attempt.entries.some((entry) => entry.kind === 'phase' && entry.phase === 'deploy')
  return {
    ...detailsWithoutUpgrade(attempt),
    changed: begun ? null : false,
    driver: 'not recorded',
    backup: lastOf(attempt, 'backup')?.report ?? null,
    counts: { before: lastOf(attempt, 'inventory')?.counts ?? null, after: null },
    phases,
  }
}

/** The phases that ended; a time before the start is that of a clock which was set back. */
function phasesOf({ entries }: Attempt): Phase[] {
  const all = entries.filter((entry): entry is EntryOf<'phase'> => entry.kind === 'phase')
  return all.flatMap(({ phase, state, at }, index) => {
    const start = all.slice(0, index).findLast((entry) => entry.phase === phase)
    if (state === 'started' || start?.state !== 'started') return []
    const seconds = Math.max(0, Date.parse(at) - Date.parse(start.at)) / 1000
    return [{ name: phase, status: state, started: start.at, seconds }]
  })
}
