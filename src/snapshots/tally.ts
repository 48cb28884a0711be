import { snapshotKey } from '../core/snapshot-key.ts'
import { plural } from '../core/text.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import type { Machine } from '../runtime/runtime.ts'
import { type DiscoveredSnapshot } from './discovered.ts'

/** What is told while snapshots are worked on. */
export interface Tally {
  readonly began: (snapshot: Pick<DiscoveredSnapshot, 'key' | 'name'>) => void
  /** The server has no free slot for a run of it. */
  readonly waits: (snapshot: Pick<DiscoveredSnapshot, 'key' | 'name'>) => void
  readonly done: (report: SnapshotReport) => void
}

/** For work that reports by itself. */
export const NO_TALLY: Tally = {
  began: () => undefined,
  waits: () => undefined,
  done: () => undefined,
}

const MOST_NAMES = 3

/**
 * Logs every snapshot as it is finished, `3 of 20 · training rebuilt · 4.1 s`; its progress is how
 * many are, which are being worked on, and which wait for the server.
 */
export function withTally<T>(
  machine: Machine,
  [verb, total]: readonly [verb: 'plan' | 'rebuild' | 'run', total: number],
  work: (tally: Tally) => Promise<T>,
): Promise<T> {
  const running = new Map<string, string>()
  const waiting = new Map<string, string>()
  let finished = 0
  const tally: Tally = {
    began({ key, name }) {
      waiting.delete(key)
      running.set(key, name)
    },
    waits({ key, name }) {
      if (!waiting.has(key)) machine.log.info(`${name} waits for a free slot on the server`)
      waiting.set(key, name)
    },
    done(report) {
      finished += 1
      const key = snapshotKey(report)
      running.delete(key)
      waiting.delete(key)
      logFinished(machine, report, `${finished} of ${total}`)
    },
  }
  return machine.log.progress(`${verb} the snapshots`, (show) => {
    show(() => progressOf({ finished, total, running, waiting }))
    return work(tally)
  })
}

interface Progress {
  readonly finished: number
  readonly total: number
  /** Names by key. */
  readonly running: ReadonlyMap<string, string>
  readonly waiting: ReadonlyMap<string, string>
}

/** `3 of 20 done, now training, scoring, report waits for a free slot on the server`. */
function progressOf({ finished, total, running, waiting }: Progress): string {
  return [
    `${finished} of ${total} done`,
    ...(running.size === 0 ? [] : [`now ${namesOf([...running.values()])}`]),
    ...(waiting.size === 0
      ? []
      : [
          `${namesOf([...waiting.values()])} ${waiting.size === 1 ? 'waits' : 'wait'} for a free slot on the server`,
        ]),
  ].join(', ')
}

function namesOf(snapshots: readonly string[]): string {
  const more = snapshots.length - MOST_NAMES
  const names = snapshots.slice(0, MOST_NAMES).join(', ')
  return more > 0 ? `${names} and ${plural(more, 'other')}` : names
}

function logFinished({ log }: Machine, report: SnapshotReport, count: string): void {
  const seconds = report.seconds === null ? '' : ` · ${report.seconds.toFixed(1)} s`
  const line = `${count} · ${report.name} ${report.status}${seconds}`
  if (report.status === 'failed') log.fail(`${line} · ${report.message ?? ''}`)
  else log.pass(line)
  for (const printed of report['log-tail'] ?? []) log.info(`  | ${printed}`)
  for (const sentence of report.warnings ?? []) log.warn(`${report.name}: ${sentence}`)
  for (const sentence of report['not-checked']) log.info(`  ${sentence}`)
}
