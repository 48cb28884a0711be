import { didYouMean } from '../core/did-you-mean.ts'
import type { ParityFinding } from '../result/stacks.ts'
import { quoted } from './words.ts'

/** `stacks:` of the file: production stack to its twin in staging. */
export type Twins = Readonly<Record<string, string>>

/** Names of all stacks of the two servers. */
export interface StackNames {
  readonly production: readonly string[]
  readonly staging: readonly string[]
}

/**
 * The stack in staging that stands for one of production: what the file names, else the one of the
 * same name.
 */
export function twinOf(stack: string, twins: Twins): string {
  return Object.hasOwn(twins, stack) ? (twins[stack] ?? stack) : stack
}

/** What is to be said of a stack of production whose twin staging does not have. */
export function missingTwin(stack: string, twins: Twins, { staging }: StackNames): ParityFinding {
  const twin = twinOf(stack, twins)
  const listed = Object.hasOwn(twins, stack)
  const what = listed
    ? `staging has no stack ${quoted(twin)}, which stacks: names as the twin of ${quoted(stack)}`
    : `staging has no stack ${quoted(twin)}, and stacks: names no twin for it`
  return { kind: 'twin-missing', stack, twin, message: `${what}${guess(twin, staging)}` }
}

/**
 * Names under `stacks:` that no server has. A twin that is missing for one of `told` was said
 * already.
 */
export function unknownNames(
  twins: Twins,
  { production, staging }: StackNames,
  told: ReadonlySet<string>,
): ParityFinding[] {
  return Object.entries(twins).flatMap(([stack, twin]): ParityFinding[] => [
    ...(production.includes(stack)
      ? []
      : [
          {
            kind: 'name-unknown' as const,
            stack,
            twin,
            message: `stacks: names ${quoted(stack)}, and production has no such stack${guess(stack, production)}`,
          },
        ]),
    ...(staging.includes(twin) || told.has(stack)
      ? []
      : [
          {
            kind: 'name-unknown' as const,
            stack,
            twin,
            message: `stacks: names ${quoted(twin)} as the twin of ${quoted(stack)}, and staging has no such stack${guess(twin, staging)}`,
          },
        ]),
  ])
}

/** Only a name that can be shown as it is. */
function guess(name: string, candidates: readonly string[]): string {
  return didYouMean(
    name,
    candidates.filter((candidate) => quoted(candidate) === `"${candidate}"`),
  )
}
