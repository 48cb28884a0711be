import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupReport } from '../result/upgrade.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import type { Log } from '../runtime/log.ts'
import type { LeftOutObject, Restored } from './types.ts'
import { describe, verifiedFile } from './destination.ts'
import { spellObjects, type DatabaseObject } from './dump-objects.ts'
import { summarize, type DumpSummary } from './dump-summary.ts'
import { nameOf } from './mysql-url.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { dumpToFile, loadTables } from './mysql-dump.ts'
import { createObjects, readObjects } from './mysql-objects.ts'
import { assertLoadable } from './mysql-packet.ts'
import { countRows, dropTables, readRevision, tableNames } from './mysql-tables.ts'
import type { MysqlJob } from './mysql-job.ts'
import { RestoreFailed, type DatabaseState } from './restore-failed.ts'

/**
 * Drops what is there, loads the tables, counts them, and creates views, triggers, routines and
 * events last. Everything that can be judged is judged before the first table is dropped.
 * @throws RestoreFailed
 */
export async function restoreMysql(
  { to, context: { machine } }: MysqlJob,
  connectLive: () => Promise<MysqlConnection>,
  report: BackupReport,
): Promise<Restored> {
  const { log } = machine
  const stamp = machine.now().toISOString().replaceAll(/[-:.]/g, '')
  const beside = (name: string) => join(to, report.id, `${name}-${stamp}`)
  const progress: { state: DatabaseState } = { state: 'untouched' }
  try {
    const { path } = await verifiedFile(to, report)
    const summary = await log.progress('read the dump', (show) => summarize(path, show))
    const connection = await connectLive()
    assertLoadable(summary.longest, connection.maxAllowedPacket)
    const replacedAt = await keepReplaced(connection, `${beside('replaced')}.sql.gz`, log)
    await replaceTables(connection, path, summary, progress)
    if (replacedAt !== null) log.info(`a dump of the replaced database is kept: ${replacedAt}`)
    const leftOut = await createObjects(connection, summary.objects)
    const leftOutFile = await keepLeftOut(
      summary.objects,
      leftOut,
      `${beside('not-restored')}.sql`,
      log,
    )
    return {
      replacedAt,
      // A connection that is lost now changes nothing in what was restored.
      revision: (await readRevision(connection).catch(() => undefined)) ?? null,
      leftOut,
      leftOutFile,
    }
  } catch (cause) {
    throw new RestoreFailed(
      `The backup ${report.id} could not be restored: ${describe(cause)}.`,
      progress.state,
      { cause, location: report.location },
    )
  }
}

/** Replaces every table by that of the dump, and counts their rows. */
async function replaceTables(
  connection: MysqlConnection,
  path: string,
  summary: DumpSummary,
  progress: { state: DatabaseState },
): Promise<void> {
  const before = JSON.stringify(await tableNames(connection))
  progress.state = 'incomplete'
  try {
    await dropTables(connection, Object.keys(summary.tables))
  } catch (error) {
    // Dropping a table is all or nothing: while every name is there, so is every row.
    const names = await tableNames(connection).catch(() => undefined)
    if (JSON.stringify(names) === before) progress.state = 'untouched'
    throw error
  }
  await loadTables(connection, path)
  const counts = await countRows(connection, Object.keys(summary.tables))
  const differing = Object.entries(summary.tables)
    .filter(([table, { rows }]) => counts[table] !== rows)
    .map(([table]) => table)
  if (differing.length > 0)
    throw new Error(
      `other counts than in the backup in ${nameOf(connection.address)}: ${differing.join(', ')}`,
    )
  progress.state = 'complete'
}

/**
 * A dump of what is about to be dropped. Its failure is logged and does not keep the good backup from
 * being restored.
 */
async function keepReplaced(
  connection: MysqlConnection,
  path: string,
  log: Log,
): Promise<string | null> {
  try {
    await dumpToFile(connection, path, await readObjects(connection))
    return path
  } catch (error) {
    await rm(path, { force: true })
    log.warn(`the database that is replaced could not be kept: ${describe(error)}`)
    return null
  }
}

/** Writes the SQL of what was left out into a file; null when nothing was, or it cannot be written. */
async function keepLeftOut(
  objects: readonly DatabaseObject[],
  leftOut: readonly LeftOutObject[],
  path: string,
  log: Log,
): Promise<string | null> {
  if (leftOut.length === 0) return null
  const kept = objects.filter((object) =>
    leftOut.some(({ kind, name }) => kind === object.kind && name === object.name),
  )
  for (const { kind, name, reason } of leftOut)
    log.warn(`the ${kind} ${name} was not restored: ${reason}`)
  try {
    await writeFileAtomic(path, spellObjects(kept), 0o600)
    log.warn(`a user who may can create them from ${path}`)
    return path
  } catch (error) {
    log.warn(`their definitions could not be written to ${path}: ${describe(error)}`)
    return null
  }
}
