/**
 * How an action ends. The order is that of the docs; the exit code of the bundle follows from it.
 */
export const OUTCOMES = [
  'success',
  'noop',
  'failure',
  'invalid',
  'held',
  'inconclusive',
  'cancelled',
] as const

export type Outcome = (typeof OUTCOMES)[number]

export const EXIT_CODES: Readonly<Record<Outcome, number>> = {
  success: 0,
  noop: 0,
  failure: 1,
  invalid: 2,
  held: 3,
  inconclusive: 4,
  cancelled: 130,
}

const LEAST_GRAVE_FIRST: readonly Outcome[] = [
  'noop',
  'success',
  'cancelled',
  'inconclusive',
  'held',
  'invalid',
  'failure',
]

/** How grave an outcome is beside others: the gravest decides about them all. */
export function gravityOf(outcome: Outcome): number {
  return LEAST_GRAVE_FIRST.indexOf(outcome)
}

/** Whether nothing is wrong: it was done and measured, or there was nothing to do. */
export function wentWell(outcome: Outcome): boolean {
  return outcome === 'success' || outcome === 'noop'
}

/** Returns the gravest of what ended, the newest among equals; undefined of nothing. */
export function worstOf<E extends { readonly outcome: Outcome }>(
  oldestFirst: readonly E[],
): E | undefined {
  return [...oldestFirst].sort((a, b) => gravityOf(a.outcome) - gravityOf(b.outcome)).at(-1)
}
