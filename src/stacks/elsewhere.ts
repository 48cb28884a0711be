import type { Environment } from '../core/environments.ts'
import { firstOf, minute } from '../core/text.ts'
import { GOOD_FOR_HOURS } from '../result/freshness.ts'
import type { Result } from '../result/result.ts'
import type { StackInventory, StacksDetails } from '../result/stacks.ts'

/** The stacks of the other environment, as its own `check-stacks` read them with its own key. */
export type Elsewhere =
  | { readonly kind: 'found'; readonly inventory: StackInventory }
  | { readonly kind: 'absent' }
  /** There is a file, and it must not count. */
  | { readonly kind: 'unusable'; readonly why: string }

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
    return { kind: 'unusable', why: `${path} is damaged, or of another version of zenml-upgrade` }
  if (result.details === null)
    return {
      kind: 'unusable',
      why: `the stacks of ${other} could not be read on ${minute(result.ended)}: ${firstOf(result.summary, 300)}`,
    }
  const why = oddity(result.details, asked)
  return why === undefined
    ? { kind: 'found', inventory: result.details.inventory }
    : { kind: 'unusable', why: `what is known of the stacks of ${other} ${why}` }
}

/** Clocks of two machines are never quite the same. */
const AHEAD_MINUTES = 5

function oddity(
  { inventory: { read }, file, 'target-version': target }: StacksDetails,
  asked: Asked,
): string | undefined {
  const minutes = (asked.now.getTime() - Date.parse(read)) / 60_000
  if (minutes > GOOD_FOR_HOURS * 60)
    return `was read on ${minute(read)}, more than ${GOOD_FOR_HOURS} hours ago`
  if (minutes < -AHEAD_MINUTES) return `was read on ${minute(read)}, which is yet to come`
  if (target !== asked.target) return `was read for ZenML ${target}, not ${asked.target}`
  if (file !== asked.file) return 'was read for another configuration file than is checked out'
  return undefined
}
