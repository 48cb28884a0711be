import { Stop } from '../core/stop.ts'
import type { GithubEvent } from '../github/event.ts'
import { personWhoGave } from '../github/person.ts'
import type { Override } from '../result/promotion.ts'

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
 * Names who opens the gate by hand; null without a reason.
 * @throws Stop `invalid-input` for a reason that no person gave in this run
 */
export function overrideBy(
  reason: string | undefined,
  event: GithubEvent | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Override | null {
  return reason === undefined
    ? null
    : { reason, actor: personWhoGave(reason, 'override-reason', event, env) }
}
