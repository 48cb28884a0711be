import type { SnapshotReport } from '../result/snapshots.ts'
import type { Machine } from '../runtime/runtime.ts'

/** Tells every finished snapshot as it comes: `3 of 20 · training rebuilt · 4.1 s`. */
export function progress(machine: Machine, total: number): (report: SnapshotReport) => void {
  let done = 0
  return (report) => {
    done += 1
    const seconds = report.seconds === null ? '' : ` · ${report.seconds.toFixed(1)} s`
    const line = `${done} of ${total} · ${report.name} ${report.status}${seconds}`
    if (report.status === 'failed') machine.log.fail(`${line} · ${report.message ?? ''}`)
    else machine.log.pass(line)
    for (const sentence of report['not-checked']) machine.log.info(`  ${sentence}`)
  }
}
