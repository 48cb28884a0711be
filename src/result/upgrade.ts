import * as z from 'zod'
import { checkSchema, count, countsSchema, nullable, phaseSchema, seconds, time } from './common.ts'
import { parityReportSchema } from './stacks.ts'

export const backupReportSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  location: z.string(),
  bytes: nullable(count),
  sha256: nullable(z.string()),
  verified: z.enum(['checksum', 'restore', 'command', 'not-by-us']),
  completed: time,
  seconds,
})

export type BackupReport = z.infer<typeof backupReportSchema>

/** Something that was there before an upgrade and is missing, or different, after it. */
export const lossSchema = z.strictObject({
  /**
   * Names it without numbers, so that a later comparison finds it again: `snapshots/default/churn`,
   * `number of runs`, `rows of step_run`, `artifact_version.uri`.
   */
  subject: z.string(),
  message: z.string(),
})

export type Loss = z.infer<typeof lossSchema>

/** How the live database was compared with the backup. */
const comparedDatabaseSchema = z.strictObject({
  /** Tables whose rows were all looked for. */
  tables: count,
  /** Columns that were compared by content. */
  columns: count,
  /** Rows that users changed since the backup: only the locations of data were compared in them. */
  changed: count,
  /**
   * True when the migrations in between are not known: only names, locations, references to secrets
   * and configurations were compared by content.
   */
  'only-listed-columns': z.boolean(),
  /** Tables with rows that a migration dropped. */
  dropped: z.array(z.string()),
  /** Tables with rows that could not be matched. */
  'not-compared': z.array(z.string()),
})

export type ComparedDatabase = z.infer<typeof comparedDatabaseSchema>

/** What was compared to say that nothing, or what, was lost. */
const comparedSchema = z.strictObject({
  /** Kinds whose names, and kinds whose numbers were compared over the API. */
  names: count,
  numbers: count,
  /** null: the database was not compared with the backup. */
  database: nullable(comparedDatabaseSchema),
  /** Why the database was not compared although there is a backup. */
  reason: nullable(z.string()),
})

export type Compared = z.infer<typeof comparedSchema>

/** What of a backup a restore left out, although every table was restored. */
const leftOutSchema = z.strictObject({
  objects: z.array(
    z.strictObject({
      kind: z.enum(['view', 'trigger', 'function', 'procedure', 'event']),
      name: z.string(),
      /** Message of the database. */
      reason: z.string(),
    }),
  ),
  /** Path of the SQL that creates them; null when it could not be written. */
  file: nullable(z.string()),
})

export type LeftOut = z.infer<typeof leftOutSchema>

export const upgradeDetailsSchema = z.strictObject({
  'from-version': nullable(z.string()),
  'to-version': nullable(z.string()),
  'server-id': nullable(z.string()),
  changed: nullable(z.boolean()),
  'rolled-back': nullable(z.boolean()),
  'downtime-seconds': nullable(seconds),
  driver: z.string(),
  backup: nullable(backupReportSchema),
  checks: z.array(checkSchema),
  /**
   * null: not measured. Optional, because results that were written before there was such a key are
   * still read.
   */
  parity: nullable(parityReportSchema).optional(),
  counts: z.strictObject({ before: nullable(countsSchema), after: nullable(countsSchema) }),
  /** What is missing after the upgrade; at most one entry for each subject. */
  lost: z.array(lossSchema),
  /** null: nothing was compared. */
  compared: nullable(comparedSchema).optional(),
  /**
   * Rows of users' tables written since the backup, by table; null when it was not or could not be
   * counted.
   */
  'written-since-backup': nullable(z.record(z.string(), count)),
  /** null, or absent in older results: a restore left out nothing, or there was none. */
  'left-out': nullable(leftOutSchema).optional(),
  phases: z.array(phaseSchema),
  'migration-log': z.array(z.string()),
})

export type UpgradeDetails = z.infer<typeof upgradeDetailsSchema>
