import type { Check } from '../../result/common.ts'
import type { ParityReport } from '../../result/stacks.ts'
import { parityMessages, paritySummary } from '../../report/parity-section.ts'
import { Stop } from '../../core/stop.ts'
import type { ParityMeasured } from '../../upgrade/work.ts'
import { compareStacks, LET_READ, notRead, readOwnStacks } from './compare.ts'
import { otherOf, stacksElsewhere } from './other-environment.ts'
import type { Workspace } from '../../session/session.ts'

const NAME = 'stack parity'

/** Stack parity as a check before the first change, as the input `parity` wants it. */
export async function parityCheck(
  workspace: Workspace,
  input: 'fail' | 'warn' | 'off',
): Promise<ParityMeasured | undefined> {
  if (input === 'off') return undefined
  const { environment } = workspace
  // Staging is upgraded first: it waits for no knowledge of production.
  const ifUnknown = environment === 'staging' ? 'warn' : input
  const other = await stacksElsewhere(workspace)
  if (other.kind === 'absent')
    return environment === 'staging'
      ? undefined
      : unknown(
          ifUnknown,
          `check-stacks has not read the stacks of ${otherOf(environment)} into this report directory`,
          readOther(environment),
        )
  if (other.kind === 'unusable') return unknown(ifUnknown, other.why, readOther(environment))
  const own = await readOwnStacks(workspace).catch((error: unknown) => {
    if (error instanceof Stop && error.code !== 'cancelled') return error
    throw error
  })
  if (own instanceof Stop) return unknown(ifUnknown, own.message, own.next ?? 'Run it again.')
  const compared = compareStacks(workspace, own, other)
  return 'why' in compared
    ? unknown(ifUnknown, compared.why, 'Correct the addresses of the two servers in the file.')
    : judged(input, compared.report, other.inventory.read)
}

function judged(wanted: 'fail' | 'warn', report: ParityReport, read: string): ParityMeasured {
  const summary = `${paritySummary(report)} (the other environment was read at ${read})`
  const unread = notRead(report)
  if (report.differences === 0 && unread !== undefined)
    return { ...unknown(wanted, unread, `${LET_READ}.`), report }
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

function unknown(wanted: 'fail' | 'warn', why: string, next: string): ParityMeasured {
  const check: Check = { name: NAME, status: 'not-checked', message: `not compared: ${why}`, next }
  return {
    report: null,
    check:
      wanted === 'fail' ? { ...check, status: 'failed', 'reason-code': 'parity-unknown' } : check,
  }
}

function readOther(environment: Workspace['environment']): string {
  return `Run check-stacks --environment ${otherOf(environment)} with the key of that server and the same report directory, then run this again. In the workflow each GitHub environment needs a key of its own, and none stands in the repository; then re-run all jobs.`
}
