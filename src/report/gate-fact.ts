import type { Environment } from '../core/environments.ts'
import type { ReasonCode } from '../core/reasons.ts'
import type { Override } from '../result/promotion.ts'

// What the gate of production is decided by, as facts; wording-gate.ts has the words of each.

/** A part of staging's work that the file asks for. */
export type RequiredPart = 'smoke-suite' | 'rebuild' | 'execution'

/** What keeps an attempt from being green. */
export type MissingFact =
  | { readonly kind: 'record-unreadable' }
  | { readonly kind: 'upgrade-unfinished' }
  | { readonly kind: 'losses-open'; readonly amount: number }
  | { readonly kind: 'upgrade-ended'; readonly code: ReasonCode }
  | { readonly kind: 'part-not-run'; readonly part: RequiredPart }
  | { readonly kind: 'part-ended'; readonly part: RequiredPart; readonly code: ReasonCode }
  | {
      readonly kind: 'part-of-other-version'
      readonly part: RequiredPart
      readonly version: string
      readonly target: string
    }
  | { readonly kind: 'rebuilt-after-execution' }

/** A source in another repository that changed after staging was tested; commits in full. */
export interface MovedSource {
  readonly name: string
  readonly tested: string
  readonly now: string
}

/** How the content to promote differs from that of staging's newest attempt, where it is known. */
interface ContentDifference {
  readonly newest: { readonly id: string; readonly version: string }
  readonly parts: readonly string[]
  readonly sources: readonly MovedSource[]
}

/** A condition of the gate that is not met. */
export type GateFact =
  | { readonly kind: 'never-upgraded' }
  | ({ readonly kind: 'content-never-tested' } & ContentDifference)
  | ({ readonly kind: 'tested-before'; readonly attempt: string } & ContentDifference)
  | { readonly kind: 'not-green'; readonly missing: MissingFact }
  | {
      readonly kind: 'loss-not-acknowledged'
      readonly environment: Environment
      readonly attempt: string
      /** A sentence about each loss. */
      readonly losses: readonly string[]
    }
  | {
      readonly kind: 'loss-not-measured'
      readonly environment: Environment
      readonly attempt: string
    }
  | { readonly kind: 'staging-unknown'; readonly why: string }
  | { readonly kind: 'staging-replaced'; readonly id: string; readonly tested: string }
  | { readonly kind: 'staging-version'; readonly version: string; readonly target: string }
  | {
      readonly kind: 'blocked'
      readonly environment: Environment
      readonly attempt: string
      readonly target: string
    }
  | {
      readonly kind: 'ahead' | 'downgrade'
      readonly environment: Environment
      readonly version: string
      readonly target: string
    }
  | { readonly kind: 'labels-unknown'; readonly why: string }
  | { readonly kind: 'label'; readonly pullRequest: number; readonly label: string }
  | {
      readonly kind: 'frozen'
      readonly windows: readonly string[]
      /** null: the windows leave no gap. */
      readonly until: Date | null
    }
  | { readonly kind: 'soaking'; readonly seconds: number; readonly until: Date }
  /** Evidence with a time in the future: how long staging has been green is not known. */
  | { readonly kind: 'soak-not-measured'; readonly seconds: number; readonly since: Date }

/** What the gate decided, and by what. */
export type GateDecision =
  | { readonly kind: 'nothing-to-do'; readonly target: string }
  | { readonly kind: 'green'; readonly target: string }
  /** An upgrade that already changed production is finished first. */
  | { readonly kind: 'unfinished'; readonly attempt: string }
  | { readonly kind: 'overridden'; readonly by: Override; readonly conditions: number }
  | { readonly kind: 'closed'; readonly facts: readonly GateFact[] }

/** What the commit status says. */
export type StatusFact =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'green' }
  /** Green, with sources that were taken to be as they were tested. */
  | { readonly kind: 'assumed'; readonly sources: readonly string[] }
  | { readonly kind: 'waiting'; readonly facts: readonly GateFact[]; readonly opensAt: Date }
  | { readonly kind: 'job'; readonly summary: string }
  /** The decisive condition, and how many more are not met. */
  | { readonly kind: 'closed'; readonly fact: GateFact; readonly more: number }
