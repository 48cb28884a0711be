import {
  otherRead,
  PARITY_NEXT,
  parityLine,
  parityMessages,
  paritySummary,
} from '../report/wording-parity.ts'
import type { Check } from '../result/common.ts'
import type { ParityReport } from '../result/stacks.ts'
import { notRead } from '../stacks/comparison.ts'
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
  const summary = `${paritySummary(report)} (${otherRead('the other environment', read)})`
  const unread = notRead(report)
  if (report.differences === 0 && unread !== undefined)
    return { ...parityUnknown(wanted, parityLine(unread), PARITY_NEXT.letRead), report }
  if (report.differences === 0)
    return { report, check: { name: NAME, status: 'passed', message: summary } }
  const check = {
    name: NAME,
    message: [summary, ...parityMessages(report)].join('\n'),
    next: PARITY_NEXT.makeAlike,
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
