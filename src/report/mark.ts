import type { Outcome } from '../core/outcomes.ts'

/** `none`: nothing was measured, so nothing may look good or bad. */
export type Mark = 'passed' | 'failed' | 'warning' | 'held' | 'unknown' | 'none'

const MARK_OF: Readonly<Record<Outcome, Mark>> = {
  success: 'passed',
  noop: 'none',
  failure: 'failed',
  invalid: 'failed',
  held: 'held',
  inconclusive: 'unknown',
  cancelled: 'unknown',
}

export function markOf({ outcome }: { readonly outcome: Outcome }): Mark {
  return MARK_OF[outcome]
}
