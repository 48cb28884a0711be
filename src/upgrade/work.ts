import { phaseState, type Attempt, type AttemptStore } from '../state/attempt.ts'
import type { Lock } from '../state/local/lock.ts'
import type { SourceRevision, UpgradeInputs } from '../state/content-digest.ts'
import type { Expectations } from '../state/verdict.ts'
import type { Environment } from '../core/environments.ts'
import type { Check } from '../result/common.ts'
import type { ParityReport } from '../result/stacks.ts'
import type { UpgradeDetails } from '../result/upgrade.ts'
import type { Override } from '../result/promotion.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { Stop } from '../core/stop.ts'
import { refusedAccess } from '../runtime/file-access.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { Inventory } from '../zenml/inventory.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import type { BackupTool } from '../backup/types.ts'
import type { Deployment, Driver } from '../deploy/driver.ts'
import { openJournal, type Journal } from './journal.ts'
import { detailsOf, emptyProgress, type Progress } from './progress.ts'

export interface UpgradeSettings {
  readonly environment: Environment
  readonly target: string
  readonly onFailure: 'rollback' | 'rollback-with-loss' | 'stop'
  readonly backup: 'required' | 'skip'
  readonly dryRun: boolean
  /** For the server to report the target after the deployment, in seconds. */
  readonly timeoutSeconds: number
  /** Digest of what is tested, and the commit: see the record. */
  readonly tested: string
  readonly sources: readonly SourceRevision[]
  /** What this upgrade is made with. */
  readonly inputs: UpgradeInputs
  /** A person who tries again what was rolled back, with nothing changed; null for no one. */
  readonly retry: Override | null
  /** How a person does that: a command, or a place on GitHub. */
  readonly retryWith: string
  /** How a person goes back although something is lost, as an imperative clause. */
  readonly goBackWithLoss: string
  readonly sha: string | null
  /** What must be done for this content besides the upgrade, for it to be green. */
  readonly expectations: Expectations
  /** How a person acknowledges what this attempt lost: a command, or a place on GitHub. */
  acknowledgeWith(attempt: string): string
}

export interface UpgradeTools {
  readonly machine: Machine
  readonly server: ZenmlServer
  readonly driver: Driver
  readonly backup: BackupTool | undefined
  readonly store: AttemptStore
  lock(serverId: string): Promise<Lock>
  /**
   * Checks of other rooms: the client of the target, the snapshots. Run before the first change.
   */
  checks(facts: { readonly serverVersion: string; readonly target: string }): Promise<Check[]>
  /**
   * How the stacks of the two environments stand to each other; undefined where nobody wants to
   * know, or where it cannot be known yet.
   */
  parity(): Promise<ParityMeasured | undefined>
  inventory(): Promise<Inventory>
  /** Whether an upgrade of this environment may begin. */
  gate(): Promise<GateAnswer>
}

export type GateAnswer =
  | { readonly kind: 'open'; readonly override: Override | null }
  | {
      readonly kind: 'closed'
      readonly code: ReasonCode
      readonly message: string
      readonly next: string
    }

export interface ParityMeasured {
  /** null: they could not be compared; the check says why. */
  readonly report: ParityReport | null
  readonly check: Check
}

export interface UpgradeEnd {
  readonly reasonCode: ReasonCode
  readonly summary: string
  readonly next?: string | undefined
  readonly attempt?: string | undefined
  readonly details: UpgradeDetails
}

/** One attempt at work: what all steps share. */
export interface Work {
  readonly settings: UpgradeSettings
  readonly tools: UpgradeTools
  readonly attempt: Attempt
  readonly journal: Journal
  readonly progress: Progress
}

/** Takes up an attempt, new or cut off. */
export function workOn(settings: UpgradeSettings, tools: UpgradeTools, attempt: Attempt): Work {
  const progress: Progress = {
    ...emptyProgress(),
    fromVersion: attempt['from-version'],
    toVersion: attempt['from-version'],
    serverId: attempt['server-id'],
    changed: false,
  }
  return {
    settings,
    tools,
    attempt,
    journal: openJournal(tools.store, attempt, tools.machine),
    progress,
  }
}

export function deploymentOf(attempt: Attempt): Deployment {
  return { fromVersion: attempt['from-version'], toVersion: attempt['target-version'] }
}

/** Ends the attempt for good. */
export async function closed(
  work: Work,
  code: ReasonCode,
  summary: string,
  next?: string,
): Promise<UpgradeEnd> {
  const concluded = end(work, code, summary, next)
  await work.journal.close({ code, summary, next, details: concluded.details })
  return concluded
}

/**
 * A stop in the middle ends the run with all that is known, and says what state it leaves the
 * server in; the attempt stays open.
 */
export async function told(work: Work, run: () => Promise<UpgradeEnd>): Promise<UpgradeEnd> {
  try {
    return await run()
  } catch (thrown) {
    const error = thrown instanceof Stop ? thrown : refusedAccess(thrown)
    if (error === undefined) throw thrown
    const { stoppedAt, backAt, changed } = work.progress
    const state =
      stoppedAt !== null && backAt === null
        ? `; the server was stopped at ${stoppedAt.at.toISOString()} and has not been seen since`
        : changed === true
          ? '; the deployment has begun'
          : ''
    return end(
      work,
      error.code,
      `${work.settings.environment}: ${error.message}${state}; attempt ${work.attempt.id} is open`,
      error.next ?? 'Run this again: it goes on where it was stopped.',
    )
  }
}

/** Ends the run; an attempt that was begun stays open, and the next run goes on with it. */
export function end(
  { tools, attempt, journal, progress }: Work,
  code: ReasonCode,
  summary: string,
  next?: string,
): UpgradeEnd {
  return {
    reasonCode: code,
    summary,
    next,
    attempt: attempt.id,
    details: detailsOf(progress, tools.driver.name, [...journal.phases()]),
  }
}

/**
 * Whether a migration of this attempt may have begun. The journal on disk is asked: the driver
 * wrote to it meanwhile.
 */
export async function migrationBegun({ tools, attempt }: Work): Promise<boolean> {
  const now =
    (await tools.store.list(attempt.environment)).find(({ id }) => id === attempt.id) ?? attempt
  if (!tools.driver.tellsMigration) return phaseState(now, 'deploy') !== 'not-started'
  return now.entries.some((entry) => entry.kind === 'child' && entry.name === 'migration')
}
