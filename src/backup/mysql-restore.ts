import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupReport } from '../result/upgrade.ts'
import { RestoreFailed, type DatabaseState } from './restore-failed.ts'
import type { Restored } from './types.ts'
import { describe, verifiedFile } from './destination.ts'
import { summarize } from './dump-summary.ts'
import { nameOf } from './mysql-url.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { dumpToFile, loadFile } from './mysql-dump.ts'
import { countRows, dropEverything, readRevision } from './mysql-tables.ts'
import type { MysqlJob } from './mysql-job.ts'

/**
 * Drops what is there, loads the dump and counts. Everything that can be judged is judged before
 * the first table is dropped.
 */
export async function restoreMysql(
  { to, context: { machine } }: MysqlJob,
  connectLive: () => Promise<MysqlConnection>,
  report: BackupReport,
): Promise<Restored> {
  let state: DatabaseState = 'untouched'
  try {
    const { path } = await verifiedFile(to, report)
    const summary = await summarize(path)
    const connection = await connectLive()
    const replacedAt = await keepReplaced(
      connection,
      join(
        to,
        report.id,
        `replaced-${machine.now().toISOString().replaceAll(/[-:.]/g, '')}.sql.gz`,
      ),
      (line) => {
        machine.log.warn(line)
      },
    )
    state = 'incomplete'
    await dropEverything(connection)
    await loadFile(connection, path)
    const counts = await countRows(connection, Object.keys(summary.tables))
    const differing = Object.entries(summary.tables)
      .filter(([table, { rows }]) => counts[table] !== rows)
      .map(([table]) => table)
    if (differing.length > 0)
      throw new Error(
        `other counts than in the backup in ${nameOf(connection.address)}: ${differing.join(', ')}`,
      )
    state = 'complete'
    if (replacedAt !== null)
      machine.log.info(`a dump of the replaced database is kept: ${replacedAt}`)
    const revision = (await readRevision(connection)) ?? null
    return { replacedAt, revision, leftOut: [], leftOutFile: null }
  } catch (cause) {
    throw new RestoreFailed(
      `The backup ${report.id} could not be restored: ${describe(cause)}.`,
      state,
      { cause, location: report.location },
    )
  }
}

/**
 * A dump of what is about to be dropped. Its failure is told and does not keep the good backup from
 * being restored.
 */
async function keepReplaced(
  connection: MysqlConnection,
  path: string,
  warn: (line: string) => void,
): Promise<string | null> {
  try {
    await dumpToFile(connection, path)
    return path
  } catch (error) {
    await rm(path, { force: true })
    warn(`the database that is replaced could not be kept: ${describe(error)}`)
    return null
  }
}
