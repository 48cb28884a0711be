import type { BackupReport } from '../result/upgrade.ts'
import { describe } from './destination.ts'

/**
 * What was written or lost since a backup could not be found out. Never read it as none.
 */
export class NotCountable extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'NotCountable'
  }
}

/** The error of a comparison that failed half-way. */
export function notComparable(report: BackupReport, cause: unknown): NotCountable {
  return cause instanceof NotCountable
    ? cause
    : new NotCountable(
        `The database could not be compared with the backup ${report.id}: ${describe(cause)}`,
        { cause },
      )
}
