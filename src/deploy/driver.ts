import type { Check } from '../result/common.ts'
import type { Instant } from '../runtime/instant.ts'
import type { ProcessIdentity } from '../runtime/process-identity.ts'
import type { ServerInfo } from '../zenml/info.ts'

export interface Deployment {
  readonly fromVersion: string
  readonly toVersion: string
}

/**
 * What a driver writes down while it works, so that a later run can find what a killed one left
 * behind.
 */
export interface DeployJournal {
  /**
   * A process that may outlive us began (`identity`) or ended (undefined). A migration is named
   * `migration`.
   */
  child(name: string, identity: ProcessIdentity | undefined): Promise<void>
  note(message: string): Promise<void>
}

export interface Deployed {
  /**
   * False: the driver's own work failed. True says nothing about the server; only the server does.
   */
  readonly ok: boolean
  /** One sentence, of what failed or what was done. */
  readonly message: string
  /** When the old server was stopped; null when the driver did not stop it or cannot know. */
  readonly stoppedAt: Instant | null
  /** Tail of the migration's or the command's log; redacted. */
  readonly log: readonly string[]
}

export interface LeftChild {
  readonly name: string
  readonly identity: ProcessIdentity
}

/**
 * One way to deploy a server. A driver does and tells; it never judges whether the upgrade
 * succeeded.
 */
export interface Driver {
  readonly name: 'local' | 'command' | 'gitops'
  /**
   * Set where somebody else deploys: how that is reverted, as an imperative sentence. `deploy` then
   * only tells what is awaited.
   */
  revertHint?(deployment: Deployment): string
  /**
   * True where a migration, if one is run at all, is told through the journal's child `migration`.
   */
  readonly tellsMigration: boolean
  /** What can be known before the first change. Never throws for a failed check. */
  preflight(deployment: Deployment): Promise<Check[]>
  /** Ends or waits for what a dead owner left running on this host; a migration is waited for. */
  endLeftovers(children: readonly LeftChild[]): Promise<void>
  /**
   * Brings the new version up. Safe to call again on a half-done deployment whose schema is that of
   * the old or of the new version.
   */
  deploy(deployment: Deployment, journal: DeployJournal): Promise<Deployed>
  /** Why what we started has ended early, or undefined while it runs or cannot be known. */
  died?(): Promise<string | undefined>
  /**
   * What the server itself answers, asked past every gateway in front of it; undefined when it does
   * not answer. Absent where only its address leads to it.
   */
  serves?(): Promise<ServerInfo | undefined>
  /** Absent: the server cannot be stopped from here. @throws Stop `rollback-failed` */
  stop?(deployment: Deployment): Promise<void>
  /**
   * Starts the old version on a schema that is its own. Absent: there is no way back by this
   * driver. @throws Stop `rollback-failed`
   */
  startOld?(deployment: Deployment, journal: DeployJournal): Promise<void>
}
