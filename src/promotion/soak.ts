import type { Attempt } from '../state/attempt.ts'
import { judgeAttempt, type Expectations } from '../state/verdict.ts'

/**
 * Since when an attempt is green without a break: the time of the entry that made it so. Undefined
 * while it is not green.
 */
export function greenSince(attempt: Attempt, expectations: Expectations): Date | undefined {
  if (!judgeAttempt(attempt, expectations).green) return undefined
  const turned = attempt.entries.findLast(
    (_, index) =>
      !judgeAttempt({ ...attempt, entries: attempt.entries.slice(0, index) }, expectations).green,
  )
  return turned === undefined ? undefined : new Date(turned.at)
}
