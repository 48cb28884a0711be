import { Stop } from '../core/stop.ts'
import type { GithubEvent } from '../github/event.ts'
import { personOf } from '../github/person.ts'
import type { Override } from './gate.ts'

/**
 * Refuses a run of another branch that asks for production; by hand, without an event, anyone may
 * ask.
 * @throws Stop `invalid-input`
 */
export function demandBaseBranch(event: GithubEvent | undefined, base: string): void {
  if (event === undefined || !('branch' in event) || event.branch === base) return
  throw new Stop(
    'invalid-input',
    `the gate to production was asked in a run of ${event.branch}, and production is deployed from ${base}`,
    { next: 'Run it on that branch, or name the branch by input base.' },
  )
}

/**
 * Names who opens the gate by hand, null without a reason. Only a person may: on GitHub who
 * dispatched the run, elsewhere who runs the command.
 * @throws Stop `invalid-input` for a run that no person started
 */
export function overrideBy(
  reason: string | undefined,
  event: GithubEvent | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Override | null {
  if (reason === undefined) return null
  const actor = personOf(event, env)
  if (actor !== undefined) return { reason, actor }
  throw new Stop(
    'invalid-input',
    `input override-reason is given in a run that was started by ${event?.kind ?? 'no one'}`,
    { next: 'Leave it out, or dispatch the workflow by hand with a reason.' },
  )
}
