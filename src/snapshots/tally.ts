import { plural } from '../core/text.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import type { Machine } from '../runtime/runtime.ts'
import { snapshotKey, type DiscoveredSnapshot } from './discovered.ts'

/** What is told while snapshots are worked on. */
export interface Tally {
  readonly began: (snapshot: Pick<DiscoveredSnapshot, 'key' | 'name'>) => void
  readonly done: (report: SnapshotReport) => void
}

const MOST_NAMES = 3

/**
 * Logs every snapshot as it is finished, `3 of 20 · training rebuilt · 4.1 s`; its progress is how
 * many are, and which are being worked on.
 */
export function withTally<T>(
  machine: Machine,
  [verb, total]: readonly [verb: 'plan' | 'rebuild' | 'run', total: number],
  work: (tally: Tally) => Promise<T>,
): Promise<T> {
  const running = new Map<string, string>()
  let finished = 0
  const tally: Tally = {
    began: ({ key, name }) => running.set(key, name),
    done(report) {
      finished += 1
      running.delete(snapshotKey(report.project, report.pipeline, report.name))
      logFinished(machine, report, `${finished} of ${total}`)
    },
  }
  return machine.log.progress(`${verb} the snapshots`, (show) => {
    show(() => [`${finished} of ${total} done`, ...namesOf([...running.values()])].join(', now '))
    return work(tally)
  })
}

function namesOf(running: readonly string[]): string[] {
  const more = running.length - MOST_NAMES
  const names = running.slice(0, MOST_NAMES).join(', ')
  if (running.length === 0) return []
  return [more > 0 ? `${names} and ${plural(more, 'other')}` : names]
}

function logFinished({ log }: Machine, report: SnapshotReport, count: string): void {
  const seconds = report.seconds === null ? '' : ` · ${report.seconds.toFixed(1)} s`
  const line = `${count} · ${report.name} ${report.status}${seconds}`
  if (report.status === 'failed') log.fail(`${line} · ${report.message ?? ''}`)
  else log.pass(line)
  for (const printed of report['log-tail'] ?? []) log.info(`  | ${printed}`)
  for (const sentence of report['not-checked']) log.info(`  ${sentence}`)
}
