import type { Result, ResultOf } from '../result/result.ts'
import { sameVersion } from '../core/versions.ts'

/** How long the answer of a gate counts: after an approval or a wait it is asked again. */
const COUNTS_MINUTES = 30

interface Asking {
  /** `<run id>.<attempt>`: a re-run asks again. */
  readonly run: string
  readonly tested: string
  readonly target: string
  readonly now: Date
}

/** Tells whether a result says that the gate was opened in this run attempt, for this content. */
export function isOpenFor(
  result: Result | undefined,
  { run, tested, target, now }: Asking,
): result is ResultOf<'promote'> {
  if (result?.command !== 'promote' || result.details?.gate !== 'open') return false
  const { details } = result
  const age = now.getTime() - Date.parse(result.ended)
  return (
    details.run === run &&
    details.tested === tested &&
    details['target-version'] !== null &&
    sameVersion(details['target-version'], target) &&
    age >= 0 &&
    age <= COUNTS_MINUTES * 60_000
  )
}
