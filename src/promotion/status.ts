import { capitalised, oneLine, short } from '../core/text.ts'
import type { JobEnd } from '../report/job-end.ts'
import type { GateVerdict } from './gate.ts'
import { utc } from './moment.ts'

/** GitHub refuses a longer one. */
const DESCRIPTION_LIMIT = 140

export interface CommitStatus {
  readonly state: 'success' | 'pending' | 'failure'
  readonly description: string
  /** Where a person reads more. */
  readonly target: string | null
  /**
   * Says less than a run that could read everything: it must not stand in place of what such a run
   * said.
   */
  readonly onlyIfNone?: true
}

export interface StatusFacts {
  /**
   * Whether the head holds the same upgrade-relevant content as the base: the digests of both as
   * state/content-digest.ts makes them.
   */
  readonly unchanged: boolean
  /**
   * Judged for the head as if it were merged now, without an override: that is for one run, a merge
   * comes later.
   */
  readonly verdict: GateVerdict
  /**
   * Sources in other repositories that could not be read, and were taken as staging was tested with
   * them.
   */
  readonly assumed?: readonly string[]
  /** A merge queue waits for an answer, and nobody else gives one. */
  readonly mergeGroup?: boolean
  /** A run for a pull request, on a runner that may not reach the staging server. */
  readonly pullRequest?: boolean
  /** A job of staging's run that left no result: why staging is not green, where it is not. */
  readonly job?: Pick<JobEnd, 'summary' | 'url'> | undefined
  readonly target: string | null
}

/** What the gate would say after the merge, told before it. */
export function promotionStatus({
  unchanged,
  verdict,
  assumed = [],
  mergeGroup = false,
  pullRequest = false,
  job,
  target,
}: StatusFacts): CommitStatus {
  const status = (state: CommitStatus['state'], description: string): CommitStatus => ({
    state,
    description: short(description, DESCRIPTION_LIMIT),
    target,
  })
  if (unchanged) return status('success', 'Nothing here changes what is upgraded.')
  const { gate, closedFor, opensAt, reasonCode } = verdict
  if (gate === null) return status('success', 'Production already has this version.')
  // Production that was left half way opens the gate for one run; it says nothing about this
  // content.
  if (gate === 'open' && closedFor.length === 0) {
    if (assumed.length === 0) return status('success', 'Staging is green for exactly this content.')
    const description = `Staging is green; not read here, and taken as it was tested: ${assumed.join(', ')}.`
    return mergeGroup
      ? status('success', description)
      : { ...status('pending', description), onlyIfNone: true }
  }
  if (opensAt !== null) {
    const why = closedFor
      .map(({ code }) => (code === 'frozen' ? 'frozen' : 'soaking'))
      .join(' and ')
    return status('pending', `Staging is green; ${why} until ${utc(opensAt)}.`)
  }
  if (job !== undefined && reasonCode === 'staging-not-green')
    return { ...status('failure', capitalised(oneLine(job.summary))), target: job.url }
  const message = oneLine(
    (closedFor.find(({ code }) => code === reasonCode) ?? closedFor[0])?.message ?? reasonCode,
  )
  const more = closedFor.length > 1 ? ` (and ${closedFor.length - 1} more)` : ''
  const failure = status(
    'failure',
    `${short(capitalised(message), DESCRIPTION_LIMIT - more.length)}${more}`,
  )
  // A runner that does not reach the staging server says nothing about what staging's own run said.
  const isUnread =
    closedFor.length > 0 && closedFor.every(({ code }) => code === 'server-unreachable')
  return isUnread && pullRequest ? { ...failure, onlyIfNone: true } : failure
}
