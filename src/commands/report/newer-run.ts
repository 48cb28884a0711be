import { outcomeOf, type ReasonCode } from '../../core/reasons.ts'
import { Stop } from '../../core/stop.ts'
import { orWarning, type GithubWarning } from '../../github/errors.ts'
import type { PullRequestRef } from '../../github/pull-request.ts'
import type { Needs } from '../../report/job-end.ts'
import type { FoundResults } from '../../result/read-results.ts'
import { demandTip, type GithubPlace, type Place } from '../../state/backend.ts'
import type { Conclusion } from '../command.ts'

/** The run that is active reports; this one has nothing to say but which one that is. */
export function leftToOtherRun({ results }: FoundResults): Conclusion<'report'> | undefined {
  const left = results.find((result) => result['reason-code'] === 'other-run-active')
  return left === undefined ? undefined : asOther(left['reason-code'], left.summary, left.next)
}

/**
 * A scheduled run whose gate was replaced by that of a newer one, or that failed before it could ask
 * the gate, did nothing: it has nothing to say about the servers.
 */
export function scheduledWithoutGate(
  { context: { event } }: GithubPlace,
  { gate }: Needs,
  { results }: FoundResults,
): Conclusion<'report'> | undefined {
  if (event.kind !== 'schedule' || (gate?.result !== 'cancelled' && gate?.result !== 'failure'))
    return undefined
  if (results.some(({ environment }) => environment === 'production')) return undefined
  return gate.result === 'cancelled'
    ? asOther('cancelled', 'the job "Gate" was cancelled before it asked the gate', undefined)
    : asOther('job-failed', 'the job "Gate" failed before it asked the gate', undefined)
}

/** The newer run reports; this one has nothing to say but that. */
export function asSuperseded({ code, message, next }: Stop): Conclusion<'report'> {
  return asOther(code, message, next)
}

function asOther(
  code: ReasonCode,
  summary: string,
  next: string | null | undefined,
): Conclusion<'report'> {
  return {
    reasonCode: code,
    summary,
    next: next ?? undefined,
    details: null,
    outputs: { 'flow-outcome': outcomeOf(code), 'flow-reason-code': code },
  }
}

/** Says why a newer run reports instead of this one; undefined while this one is the newest. */
export async function supersededBy(
  place: Place,
  pull: PullRequestRef | undefined,
  note: (warning: GithubWarning) => void,
): Promise<Stop | undefined> {
  if (place.github !== undefined && isTipOf(place.github, pull)) return undefined
  try {
    const tip = await orWarning(
      'whether this run is the newest of its branch was not found out',
      () => demandTip(place),
    )
    if ('warning' in tip) note(tip.warning)
    return undefined
  } catch (error) {
    if (error instanceof Stop && error.code === 'superseded') return error
    if (!(error instanceof Stop) || error.code !== 'github-unreachable') throw error
    note({ message: error.message, next: error.next ?? 'Run this again.' })
    return undefined
  }
}

/** An open pull request tells the tip of its branch: that saves asking. */
function isTipOf({ context: { event } }: GithubPlace, pull: PullRequestRef | undefined): boolean {
  return (
    event.kind === 'push' &&
    pull?.head?.branch === event.branch &&
    pull.head.sha === event.sha &&
    pull.merged === false
  )
}
