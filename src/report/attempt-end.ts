import type { Environment } from '../core/environments.ts'
import { type Outcome, wentWell } from '../core/outcomes.ts'
import type { Result } from '../result/result.ts'
import { isOfWork } from './evidence.ts'
import type { FlowEnd } from './flow.ts'

/** Tells whether a run may have ended an attempt: one that found nothing to do, or was refused, has not. */
export function didWorkOn(environment: Environment, results: readonly Result[]): boolean {
  return results.some(
    (result) =>
      result.environment === environment &&
      isOfWork(result) &&
      result['reason-code'] !== 'already-green',
  )
}

/**
 * Decides how an attempt ended. `green` is what its record says; a flow that went well does not
 * make an attempt good whose record is not green.
 */
export function attemptEnd(
  green: boolean,
  flow: FlowEnd,
): { readonly outcome: Outcome; readonly summary: string } {
  if (green) return { outcome: 'success', summary: 'everything was done and measured' }
  return { outcome: wentWell(flow.outcome) ? 'inconclusive' : flow.outcome, summary: flow.summary }
}
