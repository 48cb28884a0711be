import type { ParityFact } from '../report/parity-fact.ts'

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

/** Describes a stack of production whose twin staging does not have. */
export function missingTwin(stack: string, twins: Twins, { staging }: StackNames): ParityFact {
  return {
    kind: 'twin-missing',
    stack,
    twin: twinOf(stack, twins),
    listed: Object.hasOwn(twins, stack),
    known: staging,
  }
}

/**
 * Finds the names under `stacks:` that no server has. A missing twin of one of `orphans` has a fact
 * already.
 */
export function unknownNames(
  twins: Twins,
  { production, staging }: StackNames,
  orphans: ReadonlySet<string>,
): ParityFact[] {
  return Object.entries(twins).flatMap(([stack, twin]): ParityFact[] => {
    const unknown = { kind: 'name-unknown', stack, twin } as const
    return [
      ...(production.includes(stack)
        ? []
        : [{ ...unknown, environment: 'production' as const, known: production }]),
      ...(staging.includes(twin) || orphans.has(stack)
        ? []
        : [{ ...unknown, environment: 'staging' as const, known: staging }]),
    ]
  })
}
