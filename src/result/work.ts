import { outcomeOf } from '../core/reasons.ts'
import type { Result, ResultOf } from './result.ts'

/** A result whose run did something, which its details are about. */
export type WorkOf<C extends 'upgrade-workspace' | 'run-smoke-suite'> = ResultOf<C> & {
  readonly details: NonNullable<ResultOf<C>['details']>
}

/** Gives what an upgrade did; of a run that did nothing, the last one that it knows of. */
export function upgradeWork(
  result: ResultOf<'upgrade-workspace'>,
): WorkOf<'upgrade-workspace'> | undefined {
  const { details, 'last-work': last } = result
  if (details !== null && didUpgrade(result.outcome, details)) return { ...result, details }
  return last == null ? undefined : { ...result, ...last, outcome: outcomeOf(last['reason-code']) }
}

function didUpgrade(
  outcome: Result['outcome'],
  { changed, backup }: WorkOf<'upgrade-workspace'>['details'],
): boolean {
  return outcome !== 'noop' && (changed !== false || backup !== null)
}

/** Gives the counts of smoke suites that were run; undefined where none were counted. */
export function smokeWork(
  result: ResultOf<'run-smoke-suite'>,
): WorkOf<'run-smoke-suite'> | undefined {
  const { details } = result
  return details === null || (details.total ?? 0) === 0 ? undefined : { ...result, details }
}

/** Tells whether a run left everything as it was, and looked at nothing. */
export function isIdle({ 'reason-code': code }: Result): boolean {
  return code === 'dry-run' || code === 'superseded' || code === 'other-run-active'
}
