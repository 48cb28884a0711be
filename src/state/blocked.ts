import { sameVersion } from '../core/versions.ts'
import { lastOf, type Attempt } from './attempt.ts'
import type { UpgradeInputs } from './content-digest.ts'

/** What an upgrade would be made with. */
interface Wanted {
  readonly target: string
  readonly inputs: Pick<UpgradeInputs, 'digest'>
}

/**
 * The newest attempt to reach this version that was rolled back; undefined where there is none.
 */
export function rolledBackTo(attempts: readonly Attempt[], target: string): Attempt | undefined {
  return attempts.findLast((attempt) => wasRolledBack(attempt, target))
}

/**
 * The newest attempt with exactly these inputs that was rolled back: the version is blocked.
 * Undefined where it may be tried.
 */
export function blockedBy(
  attempts: readonly Attempt[],
  { target, inputs }: Wanted,
): Attempt | undefined {
  return attempts.findLast(
    (attempt) => wasRolledBack(attempt, target) && attempt.inputs === inputs.digest,
  )
}

function wasRolledBack(attempt: Attempt, target: string): boolean {
  return (
    lastOf(attempt, 'closed')?.['reason-code'] === 'rolled-back' &&
    sameVersion(attempt['target-version'], target)
  )
}
