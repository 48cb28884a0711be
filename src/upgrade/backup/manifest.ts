import * as z from 'zod'
import { backupReportSchema, countsSchema } from '../../report/model.ts'

const nullable = <T extends z.ZodType>(value: T) => z.union([value, z.null()])

/** `manifest.json` beside every backup: what it is and what it must look like when it is read again. Written last, so a folder without one is not a backup. */
export const manifestSchema = z.strictObject({
  'schema-version': z.literal(1),
  report: backupReportSchema,
  /** Name of the data file, in the manifest's folder; null when the user's command keeps it elsewhere. */
  file: nullable(z.string()),
  'server-id': nullable(z.string()),
  version: z.string(),
  revision: nullable(z.string()),
  counts: nullable(countsSchema),
  /** Rows by table, as read back from the backup itself. */
  tables: nullable(z.record(z.string(), z.int().min(0)))
})
export type BackupManifest = z.infer<typeof manifestSchema>
