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
  /**
   * Rows of users' tables written since the backup, by table; null when it was not or could not be
   * counted.
   */
  'written-since-backup': nullable(z.record(z.string(), count)),
  phases: z.array(phaseSchema),
  'migration-log': z.array(z.string()),
})

export type UpgradeDetails = z.infer<typeof upgradeDetailsSchema>
