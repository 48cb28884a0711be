import type { Check, Counts } from '../result/common.ts'
import type { BackupReport, ComparedDatabase, LeftOut, Loss } from '../result/upgrade.ts'
import type { BackupManifest } from './manifest.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { Environment } from '../core/environments.ts'

/** What is known about the server at the time of the backup; it is written into the manifest. */
export interface BackupFacts {
  readonly serverId: string | null
  readonly version: string
  readonly counts: Counts | null
  /** `alembic_version` of the database, where it can be read. */
  readonly revision: string | null
}

export interface FoundBackup {
  readonly report: BackupReport
  readonly manifest: BackupManifest
}

/** A view, trigger, routine, or event of the backup that could not be created. */
export type LeftOutObject = LeftOut['objects'][number]

/** What `restore` did, for the log and the result. */
export interface Restored {
  /** Where the database that was replaced is kept, or null when it is not kept. */
  readonly replacedAt: string | null
  /** `alembic_version` after the restore, or null where it cannot be read. */
  readonly revision: string | null
  /** Every table is restored; these objects are not. */
  readonly leftOut: readonly LeftOutObject[]
  /** SQL that creates what was left out, for a user who may; null when nothing was. */
  readonly leftOutFile: string | null
}

/**
 * Rows of users' tables written since a backup, by table; a key `<table> (deleted)` counts rows
 * that are in the backup and gone from the live database. A table without a difference has no key:
 * `{}` means nothing was written.
 */
export type WrittenSince = Readonly<Record<string, number>>

/** What of a backup is missing or different in the live database, and what was compared. */
export interface DatabaseComparison {
  readonly lost: readonly Loss[]
  readonly compared: ComparedDatabase
}

/**
 * One way to back up the database of a server. Each is a file that was read back; see
 * docs/backups.md.
 */
export interface BackupTool {
  readonly kind: 'sqlite' | 'mysql' | 'command'
  /** False when the file names no way to restore; to be told before the upgrade, not after. */
  readonly canRestore: boolean
  /**
   * Everything that can be known before the first change: tools, credentials, disk, destination, no
   * other migration at work. `version` is what the server reports now; a database at another
   * revision is a failed check. Never throws for a failed check.
   */
  preflight(version: string): Promise<Check[]>
  /**
   * Makes the backup, reads it back, verifies it and writes the manifest last. @throws Stop
   * `backup-failed`
   */
  make(id: string, facts: BackupFacts): Promise<BackupReport>
  /**
   * Reads the manifest of a backup, also of one that another machine made. @throws Stop
   * `backup-failed` when there is none or it is damaged
   */
  find(id: string): Promise<FoundBackup>
  /**
   * The data is still at its place, with the same size and checksum. @throws BackupDamaged; Stop
   * `backup-failed` for what cannot be read from here
   */
  verifyStillThere(report: BackupReport): Promise<void>
  /**
   * Puts the backup in the place of the live database. The server must be stopped before. Safe to
   * repeat after a kill.
   * @throws RestoreFailed with what is known of the database
   */
  restore(report: BackupReport): Promise<Restored>
  /**
   * `alembic_version` of the live database; undefined when it is empty. Absent: cannot be read.
   * @throws Stop `preflight-failed`
   */
  revision?(): Promise<string | undefined>
  /**
   * Id of the server that the live database belongs to, with or without hyphens; undefined where it
   * is not told. Absent: cannot be read.
   */
  serverId?(): Promise<string | undefined>
  /**
   * What a restore would lose. Works across a schema migration. Absent: cannot be counted. @throws
   * NotCountable
   */
  writtenSince?(report: BackupReport): Promise<WrittenSince>
  /**
   * Looks for every row of the backup in the live database, and compares contents. Works across a
   * schema migration and while users write. Absent: cannot be compared. @throws NotCountable
   */
  lostSince?(report: BackupReport): Promise<DatabaseComparison>
}

export interface BackupContext {
  readonly machine: Machine
  /** Environment of the file; a part of the backup's id. */
  readonly environment: Environment
  /** Absolute. Backups are refused inside it: its content is uploaded as an artifact. */
  readonly reportDirectory: string
  /** Absolute; relative paths of the file start here. */
  readonly workingDirectory: string
}
