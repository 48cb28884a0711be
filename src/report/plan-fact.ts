import type { Environment } from '../core/environments.ts'
import type { GateFact } from './gate-fact.ts'

// What a plan finds, as facts; wording-plan.ts has the words of each.

/** What ends without a person, so that a schedule has to continue. */
export type Pause = 'soak' | 'freeze'

/** A check of a plan: what was found. */
export type PlanCheckFact =
  | { readonly kind: 'server-unknown'; readonly environment: Environment; readonly why: string }
  | { readonly kind: 'goes-back'; readonly from: string; readonly target: string }
  /** The gate would be closed for it. */
  | { readonly kind: 'ahead' | 'downgrade' | 'loss'; readonly condition: GateFact }
  | {
      readonly kind: 'blocked'
      readonly condition: GateFact
      /** Files that the upgrade is made with. */
      readonly files: readonly string[]
    }
  | {
      readonly kind: 'blocked-unknown'
      readonly environment: Environment
      readonly target: string
      readonly attempt: string
    }
  | { readonly kind: 'at-target'; readonly environment: Environment; readonly target: string }
  | {
      readonly kind: 'upgrade'
      readonly environment: Environment
      readonly version: string
      readonly target: string
    }
  /** The server does not run what the file on its branch says. */
  | {
      readonly kind: 'drift'
      readonly environment: Environment
      readonly version: string
      readonly file: string
      readonly target: string
    }
  | { readonly kind: 'release-unknown'; readonly target: string; readonly why: string }
  | { readonly kind: 'release-found'; readonly target: string }
  | {
      readonly kind: 'release-missing'
      readonly target: string
      readonly nearest: readonly string[]
    }
  | { readonly kind: 'no-base-file' }
  | { readonly kind: 'address-changes' }
  | {
      readonly kind: 'driver-changes'
      readonly environment: Environment
      readonly before: string
      readonly after: string
    }
  | { readonly kind: 'driver-one-way'; readonly driver: string }
  | { readonly kind: 'driver'; readonly environment: Environment; readonly driver: string }
  | { readonly kind: 'no-backup'; readonly environment: Environment }
  | { readonly kind: 'managed-backup' }
  | { readonly kind: 'backup'; readonly by: string }
  | { readonly kind: 'no-smoke-suite' }
  /** The file and a recorded snapshot do not fit. */
  | { readonly kind: 'snapshot'; readonly message: string; readonly next: string }
  | { readonly kind: 'schedule-unknown'; readonly pause: Pause }
  | { readonly kind: 'no-schedule'; readonly pause: Pause; readonly workflow: string }
  | { readonly kind: 'schedule'; readonly pause: Pause; readonly workflow: string }
  /** GitHub runs schedules on the default branch only. */
  | {
      readonly kind: 'schedule-on-other-branch'
      readonly pause: Pause
      readonly workflow: string
      readonly defaultBranch: string
      readonly base: string
    }

/** What a merge would do, where no check stops it. */
export type PlanStep =
  | { readonly kind: 'upgrade'; readonly environment: Environment }
  | { readonly kind: 'same-version'; readonly target: string }
  | { readonly kind: 'nothing'; readonly target: string }
