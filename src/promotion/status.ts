import type { StatusFact } from '../report/gate-fact.ts'
import type { JobEnd } from '../report/job-end.ts'
import { statusDescription } from '../report/wording-gate.ts'
import type { GateVerdict } from './gate.ts'

/** GitHub refuses a longer one. */
const DESCRIPTION_LIMIT = 140

export interface CommitStatus {
  readonly state: 'success' | 'pending' | 'failure'
  readonly description: string
  /** Where a person reads more. */
  readonly target: string | null
  /** Says less than a run that could read everything: it must not replace what such a run said. */
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
   * Sources in other repositories that could not be read: they are assumed to be as staging was
   * tested with them.
   */
  readonly assumed?: readonly string[]
  /** A merge queue waits for an answer, and no other run gives one. */
  readonly mergeGroup?: boolean
  /** A run for a pull request, on a runner that may not reach the staging server. */
  readonly pullRequest?: boolean
  /** A job of staging's run that left no result: why staging is not green, where it is not. */
  readonly job?: Pick<JobEnd, 'summary' | 'url'> | undefined
  readonly target: string | null
}

/** Makes the commit status: what the gate would say after the merge, known before it. */
export function promotionStatus(facts: StatusFacts): CommitStatus {
  const { unchanged, verdict, assumed = [], mergeGroup = false, job, target } = facts
  const { closedFor, opensAt, reasonCode } = verdict
  if (unchanged) return status('success', { kind: 'unchanged' }, target)
  if (verdict.gate === null) return status('success', { kind: 'nothing-to-do' }, target)
  // Production that was left half way opens the gate for one run, although conditions are not met:
  // that says nothing about this content.
  const decisive = closedFor.find(({ code }) => code === reasonCode) ?? closedFor[0]
  if (decisive === undefined) return greenStatus(assumed, mergeGroup, target)
  const conditions = closedFor.map(({ fact }) => fact)
  if (opensAt !== null)
    return status('pending', { kind: 'waiting', facts: conditions, opensAt }, target)
  if (job !== undefined && reasonCode === 'staging-not-green')
    return status('failure', { kind: 'job', summary: job.summary }, job.url)
  const more = closedFor.length - 1
  const failure = status('failure', { kind: 'closed', fact: decisive.fact, more }, target)
  // A runner that does not reach the staging server says nothing about what staging's own run said.
  const isUnread = closedFor.every(({ code }) => code === 'server-unreachable')
  return isUnread && facts.pullRequest === true ? { ...failure, onlyIfNone: true } : failure
}

function greenStatus(
  assumed: readonly string[],
  mergeGroup: boolean,
  target: string | null,
): CommitStatus {
  if (assumed.length === 0) return status('success', { kind: 'green' }, target)
  const fact: StatusFact = { kind: 'assumed', sources: assumed }
  return mergeGroup
    ? status('success', fact, target)
    : { ...status('pending', fact, target), onlyIfNone: true }
}

function status(
  state: CommitStatus['state'],
  fact: StatusFact,
  target: string | null,
): CommitStatus {
  return { state, description: statusDescription(fact, DESCRIPTION_LIMIT), target }
}
