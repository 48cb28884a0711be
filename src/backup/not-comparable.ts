import type { BackupReport } from '../result/upgrade.ts'
import { describe } from './destination.ts'
import { NotCountable } from './not-countable.ts'

/** The error of a comparison with a backup that failed half-way. */
export function notComparable(report: BackupReport, cause: unknown): NotCountable {
  return cause instanceof NotCountable
    ? cause
    : new NotCountable(
        `The database could not be compared with the backup ${report.id}: ${describe(cause)}`,
        { cause },
      )
}
