import type { Environment } from '../core/environments.ts'
import type { InventoryComponent, ParityFinding } from '../result/stacks.ts'

// What the comparison of stacks finds, as facts; wording-parity.ts has the words of each.

interface BothSides<T> {
  readonly production: T
  readonly staging: T
}

/** What differs between two components that are counterparts. */
export type ComponentFact =
  | ({ readonly kind: 'flavor' } & BothSides<string>)
  /** Where the code of a custom flavor is. */
  | ({ readonly kind: 'flavor-source'; readonly flavor: string } & BothSides<string | null>)
  | ({ readonly kind: 'integration'; readonly flavor: string } & BothSides<string | null>)
  /** Attached in `environment` alone; `connector` is its type, null where the key may not read it. */
  | {
      readonly kind: 'connector-on-one-side'
      readonly environment: Environment
      readonly connector: string | null
    }
  | ({ readonly kind: 'connector-type' } & BothSides<string>)
  | { readonly kind: 'connector-not-read'; readonly environment: Environment }
  /** Keys that `environment` alone sets. */
  | {
      readonly kind: 'configuration'
      readonly environment: Environment
      readonly flavor: string
      readonly keys: readonly string[]
    }

/** What is wrong with the twin of a stack; `known` are the stacks of the server that lacks one. */
type TwinFact =
  | {
      readonly kind: 'twin-missing'
      /** Whether the file names the twin. */
      readonly listed: boolean
      readonly known: readonly string[]
    }
  | {
      readonly kind: 'name-unknown'
      readonly environment: Environment
      readonly known: readonly string[]
    }

/** A fact about one stack of production and its twin in staging. */
export type ParityFact = { readonly stack: string; readonly twin: string } & (
  | TwinFact
  | {
      readonly kind: 'component-missing' | 'component-extra'
      readonly component: Pick<InventoryComponent, 'type' | 'name' | 'flavor'>
    }
  /** `type` is that of the two components. */
  | (ComponentFact & { readonly type: string })
)

/** What a result calls each fact. */
export const FINDING_KINDS: Readonly<Record<ParityFact['kind'], ParityFinding['kind']>> = {
  'twin-missing': 'twin-missing',
  'name-unknown': 'name-unknown',
  'component-missing': 'component-missing',
  'component-extra': 'component-extra',
  flavor: 'flavor',
  'flavor-source': 'flavor',
  integration: 'integration',
  'connector-on-one-side': 'connector',
  'connector-type': 'connector',
  'connector-not-read': 'not-read',
  configuration: 'configuration',
}

/** Tells whether a finding is not counted as a difference. */
export function isNote({ kind }: ParityFinding): boolean {
  return kind === 'configuration' || kind === 'not-read'
}

/** Why the stacks of the two environments were not compared. Times are ISO 8601 in UTC. */
export type NotComparedFact =
  | { readonly kind: 'same-server' }
  | { readonly kind: 'not-read-yet'; readonly environment: Environment }
  | { readonly kind: 'result-unreadable'; readonly path: string; readonly error: string }
  | { readonly kind: 'result-damaged'; readonly path: string }
  /** The other environment's own `check-stacks` failed. */
  | {
      readonly kind: 'read-failed'
      readonly environment: Environment
      readonly ended: string
      readonly summary: string
    }
  | {
      readonly kind: 'too-old'
      readonly environment: Environment
      readonly read: string
      readonly hours: number
    }
  | { readonly kind: 'in-future'; readonly environment: Environment; readonly read: string }
  | {
      readonly kind: 'other-target'
      readonly environment: Environment
      readonly read: string
      readonly asked: string
    }
  | { readonly kind: 'other-file'; readonly environment: Environment }
