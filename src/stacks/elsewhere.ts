import type { Environment } from '../core/environments.ts'
import type { NotComparedFact } from '../report/parity-fact.ts'
import { GOOD_FOR_HOURS } from '../result/freshness.ts'
import type { Result } from '../result/result.ts'
import type { StackInventory, StacksDetails } from '../result/stacks.ts'

/** The stacks of the other environment, as its own `check-stacks` read them with its own key. */
export type Elsewhere =
  | { readonly kind: 'found'; readonly inventory: StackInventory }
  | { readonly kind: 'absent' }
  /** There is a file, and it must not count. */
  | { readonly kind: 'unusable'; readonly why: NotComparedFact }

/** What a result file must be about. */
interface Asked {
  readonly file: string
  readonly target: string
  readonly now: Date
}

export function otherOf(environment: Environment): Environment {
  return environment === 'staging' ? 'production' : 'staging'
}

/**
 * Reads the stacks of environment `other` from the result of its `check-stacks`, which came from
 * `path`. Only one about this file, this target and these hours counts.
 */
export function stacksIn(
  result: Result | undefined,
  other: Environment,
  path: string,
  asked: Asked,
): Exclude<Elsewhere, { kind: 'absent' }> {
  if (result?.command !== 'check-stacks' || result.environment !== other)
    return { kind: 'unusable', why: { kind: 'result-damaged', path } }
  const { details, ended, summary } = result
  if (details === null)
    return { kind: 'unusable', why: { kind: 'read-failed', environment: other, ended, summary } }
  const why = oddity(details, other, asked)
  return why === undefined
    ? { kind: 'found', inventory: details.inventory }
    : { kind: 'unusable', why }
}

/** Clocks of two machines are never quite the same. */
const AHEAD_MINUTES = 5

/** Finds why stacks that were read do not count. */
function oddity(
  { inventory: { read }, file, 'target-version': target }: StacksDetails,
  environment: Environment,
  asked: Asked,
): NotComparedFact | undefined {
  const minutes = (asked.now.getTime() - Date.parse(read)) / 60_000
  if (minutes > GOOD_FOR_HOURS * 60)
    return { kind: 'too-old', environment, read, hours: GOOD_FOR_HOURS }
  if (minutes < -AHEAD_MINUTES) return { kind: 'in-future', environment, read }
  if (target !== asked.target)
    return { kind: 'other-target', environment, read: target, asked: asked.target }
  return file === asked.file ? undefined : { kind: 'other-file', environment }
}
