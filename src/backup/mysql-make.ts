import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupReport } from '../result/upgrade.ts'
import { Stop } from '../core/stop.ts'
import { sha256File } from '../runtime/files.ts'
import type { BackupFacts } from './types.ts'
import { isUsers } from './comparison.ts'
import { describe, newFolder, syncFolder } from './destination.ts'
import { summarize, type DumpSummary } from './dump-summary.ts'
import { writeManifest } from './manifest.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { dumpToFile } from './mysql-dump.ts'
import { readObjects } from './mysql-objects.ts'
import { assertLoadable } from './mysql-packet.ts'
import { verifyInScratch } from './mysql-scratch.ts'
import { countRows, tableNames } from './mysql-tables.ts'
import type { MysqlJob } from './mysql-job.ts'

const FILE = 'zenml.sql.gz'
/** A server at work can make a count look wrong by chance; not this often. */
const ATTEMPTS = 3

export async function makeMysqlBackup(
  job: MysqlJob,
  id: string,
  facts: BackupFacts,
): Promise<BackupReport> {
  const {
    to,
    verify,
    context: { machine },
  } = job
  const started = machine.monotonic()
  const folder = await newFolder(to, id)
  try {
    const connection = await job.live()
    const partial = join(folder, `${FILE}.partial`)
    const summary = await dumpAndRead(connection, partial)
    assertLoadable(summary.longest, connection.maxAllowedPacket)
    if (summary.revision === null)
      throw new Error('the database has no alembic_version: it is not one of ZenML')
    if (verify === 'restore')
      await verifyInScratch(connection, await job.scratch(), partial, summary)
    const file = join(folder, FILE)
    await rename(partial, file)
    await syncFolder(folder)
    const report: BackupReport = {
      id,
      kind: 'mysql',
      location: file,
      bytes: (await stat(file)).size,
      sha256: await sha256File(file),
      verified: verify,
      completed: machine.now().toISOString(),
      seconds: machine.monotonic() - started,
    }
    await writeManifest(folder, {
      'schema-version': 1,
      report,
      file: FILE,
      'server-id': facts.serverId,
      version: facts.version,
      revision: summary.revision,
      counts: facts.counts,
      tables: Object.fromEntries(
        Object.entries(summary.tables).map(([table, { rows, columns, key }]) => [
          table,
          { rows, columns: [...columns], key: [...key] },
        ]),
      ),
      newest: summary.newest,
    })
    return report
  } catch (cause) {
    await rm(folder, { recursive: true, force: true })
    machine.signal.throwIfAborted()
    throw new Stop(
      'backup-failed',
      `The database could not be backed up to ${to}: ${describe(cause)}.`,
      { cause, next: nextAfter(cause) },
    )
  }
}

function nextAfter(cause: unknown): string {
  const known = cause instanceof Stop ? cause.next : undefined
  return known ?? 'Nothing was changed. Fix the cause and run again.'
}

/** Dumps, reads the file back whole, and compares its rows with counts from before and after it. */
async function dumpAndRead(connection: MysqlConnection, path: string): Promise<DumpSummary> {
  const { machine } = connection
  for (let attempt = 1; ; attempt += 1) {
    const { tables } = await tableNames(connection)
    const before = await countRows(connection, tables)
    const objects = await readObjects(connection)
    await dumpToFile(connection, path, objects)
    const summary = await machine.log.progress('read the dump back', (show) =>
      summarize(path, show),
    )
    if (JSON.stringify(summary.objects) !== JSON.stringify(objects))
      throw new Error('the dump does not hold the views, triggers, routines and events as read')
    const differing = differences(summary, before, await countRows(connection, tables))
    if (differing.length === 0) return summary
    if (attempt === ATTEMPTS)
      throw new Error(`the dump does not hold what the database holds: ${differing.join('; ')}`)
    await rm(path)
  }
}

/**
 * As sentences. While others write, the rows of the dump lie between the counts before and after
 * it; without writers the three are equal.
 */
export function differences(
  summary: Pick<DumpSummary, 'tables'>,
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): string[] {
  return Object.keys(before).flatMap((table) => {
    const rows = summary.tables[table]?.rows
    if (rows === undefined) return [`the table ${table} is missing`]
    const counts = [before[table] ?? 0, after[table] ?? 0]
    const fits = rows >= Math.min(...counts) && rows <= Math.max(...counts)
    return fits || !isUsers(table)
      ? []
      : [`${table} has ${rows} rows in the dump, ${counts.join(' before and ')} after`]
  })
}
