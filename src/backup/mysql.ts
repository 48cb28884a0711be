import type { MysqlJob, MysqlOptions } from './mysql-job.ts'
import type { BackupContext, BackupTool, DatabaseComparison } from './types.ts'
import { resolve } from 'node:path'
import { connect } from './mysql-connection.ts'
import { readAddress } from './mysql-url.ts'
import { Stop } from '../core/stop.ts'
import { mysqlChecks } from './mysql-preflight.ts'
import { makeMysqlBackup } from './mysql-make.ts'
import { readManifest } from './manifest.ts'
import { describe, verifiedFile } from './destination.ts'
import { restoreMysql } from './mysql-restore.ts'
import { unstoppable } from './without-abort.ts'
import { readRevision, readServerId } from './mysql-tables.ts'
import type { BackupReport } from '../result/upgrade.ts'
import { countWritten } from './mysql-written.ts'
import { compareWithDump } from './mysql-lost.ts'
import { notComparable } from './not-comparable.ts'
import { NotCountable } from './not-countable.ts'

/** Backup of MySQL or MariaDB by the database's own command line programs. */
export function mysqlBackup(options: MysqlOptions, context: BackupContext): BackupTool {
  const { machine } = context
  const to = resolve(context.workingDirectory, options.to)
  const live = async () => connect(readAddress(machine.env, options['url-env']), machine)
  const scratch = async () => {
    const name = options['scratch-url-env']
    if (name === undefined)
      throw new Stop('preflight-failed', '`verify: restore` needs a scratch database.', {
        next: 'Name the environment variable of its URL as `backup.mysql.scratch-url-env`.',
      })
    return connect(readAddress(machine.env, name), machine)
  }
  const job: MysqlJob = { to, verify: options.verify, context, live, scratch }

  return {
    kind: 'mysql',
    canRestore: true,
    preflight: (version) => mysqlChecks(job, version),
    make: (id, facts) => makeMysqlBackup(job, id, facts),
    find: async (id) => {
      const manifest = await readManifest(resolve(to, id), id)
      return { manifest, report: manifest.report }
    },
    verifyStillThere: async (report) => {
      await verifiedFile(to, report)
    },
    restore: (report) =>
      restoreMysql(
        job,
        async () => connect(readAddress(machine.env, options['url-env']), unstoppable(machine)),
        report,
      ),
    revision: async () => {
      try {
        return await readRevision(await live())
      } catch (cause) {
        if (cause instanceof Stop) throw cause
        throw new Stop(
          'preflight-failed',
          `The database in ${options['url-env']} cannot be read: ${describe(cause)}.`,
          { cause, next: 'Check the URL, the network and the rights of its user.' },
        )
      }
    },
    serverId: async () => readServerId(await live()),
    writtenSince: async (report) => writtenSince(job, report),
    lostSince: async (report) => lostSince(job, report),
  }
}

async function writtenSince(
  { to, live, context: { machine } }: MysqlJob,
  report: BackupReport,
): Promise<Record<string, number>> {
  try {
    const { path, manifest } = await verifiedFile(to, report)
    return await countWritten(await live(), path, manifest)
  } catch (cause) {
    machine.signal.throwIfAborted()
    if (cause instanceof NotCountable) throw cause
    throw new NotCountable(
      `What was written since the backup ${report.id} cannot be counted: ${describe(cause)}`,
      { cause },
    )
  }
}

async function lostSince(
  { to, live, context: { machine } }: MysqlJob,
  report: BackupReport,
): Promise<DatabaseComparison> {
  try {
    const { path, manifest } = await verifiedFile(to, report)
    return await compareWithDump(await live(), path, manifest)
  } catch (cause) {
    machine.signal.throwIfAborted()
    throw notComparable(report, cause)
  }
}
