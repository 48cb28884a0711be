import { parityMessages, paritySummary } from '../report/parity-section.ts'
import { minute } from '../core/text.ts'
import type { Check } from '../result/common.ts'
import type { ParityReport } from '../result/stacks.ts'
import { LET_READ, notRead } from '../stacks/comparison.ts'
import type { ParityMeasured } from './work.ts'

const NAME = 'stack parity'

/**
 * Makes the check of stacks that were compared; `read` is when the other environment was read, and
 * `wanted` what a difference does.
 */
export function parityFound(
  wanted: 'fail' | 'warn',
  report: ParityReport,
  read: string,
): ParityMeasured {
  const summary = `${paritySummary(report)} (the other environment was read on ${minute(read)})`
  const unread = notRead(report)
  if (report.differences === 0 && unread !== undefined)
    return { ...parityUnknown(wanted, unread, `${LET_READ}.`), report }
  if (report.differences === 0)
    return { report, check: { name: NAME, status: 'passed', message: summary } }
  const check = {
    name: NAME,
    message: [summary, ...parityMessages(report)].join('\n'),
    next: 'Make the stacks alike, or name the right twins under stacks: in the file.',
  }
  return {
    report,
    check:
      wanted === 'fail'
        ? { ...check, status: 'failed', 'reason-code': 'stacks-not-mirrored' }
        : { ...check, status: 'warning' },
  }
}

/** Makes the check of stacks that could not be compared. */
export function parityUnknown(wanted: 'fail' | 'warn', why: string, next: string): ParityMeasured {
  const check: Check = { name: NAME, status: 'not-checked', message: `not compared: ${why}`, next }
  return {
    report: null,
    check:
      wanted === 'fail' ? { ...check, status: 'failed', 'reason-code': 'parity-unknown' } : check,
  }
}
