import { otherActiveRun } from '../../github/active-runs.ts'
import { logWarning, orWarning } from '../../github/errors.ts'
import type { GithubPlace } from '../../state/backend.ts'
import type { CommandContext, Conclusion } from '../command.ts'

const DOES: Readonly<Record<string, string>> = {
  waiting: 'waits for an approval',
  in_progress: 'is in progress',
}

/**
 * Ends a scheduled run while another run of this workflow is active on the branch: that one does the
 * work. Undefined for every other event, and where GitHub could not be
 * asked: then this run goes on.
 */
export async function leaveToOtherRun(
  { context: { event, run }, github }: GithubPlace,
  { log }: CommandContext<'promote'>['machine'],
): Promise<Conclusion<'promote'> | undefined> {
  if (event.kind !== 'schedule') return undefined
  const asked = await orWarning(
    'whether another run of this workflow is active was not found',
    () => otherActiveRun(github, run, event),
  )
  if ('warning' in asked) {
    logWarning(log, asked.warning)
    return undefined
  }
  const other = asked.value
  if (other === undefined) return undefined
  return {
    reasonCode: 'other-run-active',
    summary: `run #${other.number} of this workflow (${other.event}) ${DOES[other.status] ?? 'is queued'} on ${event.branch}: ${other.url}`,
    details: { step: 'gate', gate: null, reasons: [], tested: null, 'target-version': null },
    outputs: { gate: undefined, reasons: '[]' },
  }
}
