import type { Environment } from '../../core/environments.ts'
import type { Outcome } from '../../core/outcomes.ts'
import { outcomeOf } from '../../core/reasons.ts'
import type { Github } from '../../github/client.ts'
import type { GithubContext } from '../../github/context.ts'
import { type GithubWarning, logWarning, orWarning } from '../../github/errors.ts'
import type { Attempt } from '../attempt.ts'
import { showState, stateOf, type DeploymentState } from './deployment-state.ts'
import type { FoundAttempt } from './found-attempts.ts'

// What people see of an attempt: `in_progress` from its first moment, then how it ended.

export interface AttemptConclusion {
  readonly environment: Environment
  readonly id: string
  readonly outcome: Outcome
  readonly summary: string
  /** Address of the ZenML server. */
  readonly serverUrl?: string | undefined
}

interface Shown {
  readonly github: Github
  readonly context: Pick<GithubContext, 'run'>
}

const STATES: Readonly<Record<Outcome, DeploymentState>> = {
  success: 'success',
  failure: 'failure',
  inconclusive: 'error',
  cancelled: 'error',
  invalid: 'inactive',
  held: 'inactive',
  noop: 'inactive',
}

/** Shows that an attempt is under way. */
export async function showBegun(
  { github, context: { run } }: Shown,
  id: number,
  attempt: Attempt,
): Promise<void> {
  const what = `attempt ${attempt.id} is not shown as in progress`
  logWarning(
    github.machine.log,
    await showState(github, what, {
      id,
      state: 'in_progress',
      logUrl: run.url,
      serverUrl: attempt['server-url'],
    }),
  )
}

/**
 * Shows how an attempt ended, with a link to this run. A run that was held, or had nothing to do,
 * ends only an attempt of its own: one that another run began may be worked on.
 */
export async function showConclusion(
  { github, context: { run } }: Shown,
  { row, payload }: FoundAttempt,
  { id, outcome, summary, serverUrl }: AttemptConclusion,
): Promise<GithubWarning | undefined> {
  const state = STATES[outcome]
  if (state === 'inactive' && payload.attempt !== run.key) return undefined
  return showState(
    github,
    `the state of attempt ${id} was not written`,
    { id: row.id, state, description: summary, logUrl: run.url, serverUrl },
    { ignoreAbort: outcome === 'cancelled' },
  )
}

/**
 * Ends what the attempt before a new one shows, where the run that worked on it was killed before it
 * could say how that ended.
 */
export async function endOvertaken(
  { github, context: { run } }: Shown,
  { row, payload, entries }: FoundAttempt,
  next: string,
): Promise<void> {
  const what = `attempt ${payload.id} may still be shown as in progress`
  const shown = await orWarning(what, () => stateOf(github, row.id))
  if ('warning' in shown) {
    logWarning(github.machine.log, shown.warning)
    return
  }
  if (shown.value !== undefined && shown.value !== 'in_progress') return
  logWarning(
    github.machine.log,
    await showState(github, what, {
      id: row.id,
      state: stateOfRecord([...payload.entries, ...entries.map(({ entry }) => entry)]),
      description: `no run reported its end; attempt ${next} follows it`,
      logUrl: run.url,
      serverUrl: payload['server-url'],
    }),
  )
}

/** An upgrade that ended well was never looked at as a whole: that is neither good nor bad. */
function stateOfRecord(entries: Attempt['entries']): DeploymentState {
  const closed = entries.findLast((entry) => entry.kind === 'closed')
  const state = closed === undefined ? 'error' : STATES[outcomeOf(closed['reason-code'])]
  return state === 'success' ? 'inactive' : state
}
