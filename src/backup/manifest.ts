import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { backupReportSchema } from '../result/upgrade.ts'
import { countsSchema } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import { NotCountable } from './not-countable.ts'

const nullable = <T extends z.ZodType>(value: T) => z.union([value, z.null()])

const tableSchema = z.strictObject({
  rows: z.int().min(0),
  columns: z.array(z.string()),
  key: z.array(z.string()),
})

/**
 * `manifest.json` beside every backup: what it is and what it must look like when it is read again.
 * Written last, so a folder without one is not a backup.
 */
const manifestSchema = z.strictObject({
  'schema-version': z.literal(1),
  report: backupReportSchema,
  /**
   * Name of the data file, in the manifest's folder; null when the user's command keeps it
   * elsewhere.
   */
  file: nullable(z.string()),
  'server-id': nullable(z.string()),
  version: z.string(),
  revision: nullable(z.string()),
  counts: nullable(countsSchema),
  /** Every table, as read back from the backup itself. */
  tables: nullable(z.record(z.string(), tableSchema)),
  /**
   * The latest time stamp in the backup: the clock of the server that wrote it, not of this
   * machine.
   */
  newest: nullable(z.string()),
})
export type BackupManifest = z.infer<typeof manifestSchema>

const MANIFEST = 'manifest.json'

export async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFileAtomic(
    join(folder, MANIFEST),
    `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`,
    0o600,
  )
}

/**
 * @throws Stop `backup-failed` when there is none, or it is not one that this version understands
 */
export async function readManifest(folder: string, id: string): Promise<BackupManifest> {
  const path = join(folder, MANIFEST)
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (cause) {
    throw new Stop('backup-failed', `There is no backup ${id}: ${path} cannot be read.`, {
      cause,
      next: `Look for the backup's folder in ${dirname(folder)}; is the volume mounted here?`,
    })
  }
  try {
    const manifest = manifestSchema.parse(JSON.parse(content))
    if (manifest.report.id !== id) throw new Error(`it is the manifest of ${manifest.report.id}`)
    return manifest
  } catch (cause) {
    throw new Stop(
      'backup-failed',
      `The manifest of the backup ${id} is damaged or of another version: ${path}.`,
      {
        cause,
        next: 'Put the original manifest back, or look for another backup and restore that by hand.',
      },
    )
  }
}

/** The tables of a backup. @throws NotCountable when its manifest does not list them */
export function tablesOf({
  tables,
  report,
}: BackupManifest): NonNullable<BackupManifest['tables']> {
  if (tables === null)
    throw new NotCountable(`The manifest of the backup ${report.id} does not list the tables.`)
  return tables
}
