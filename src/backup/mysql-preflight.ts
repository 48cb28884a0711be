import type { Check } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import { describe, destinationChecks, diskCheck } from './destination.ts'
import { readDumpStream } from './dump-reader.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { dumpToReader } from './mysql-dump.ts'
import { vendorOf } from './mysql-programs.ts'
import { histories, otherObjects, tableRights } from './mysql-restore-checks.ts'
import { refuseForeign } from './mysql-scratch.ts'
import { readRevision } from './mysql-tables.ts'
import { nameOf } from './mysql-url.ts'
import type { MysqlJob } from './mysql-job.ts'
import { revisionCheck } from './revision.ts'

const CHECKS: readonly ((live: MysqlConnection) => Promise<Check>)[] = [
  storageEngine,
  migrationAtWork,
  rehearsal,
  tableRights,
  otherObjects,
  histories,
]

/** Makes every check of this kind of backup; one that cannot be made is a failed one. */
export async function mysqlChecks(job: MysqlJob, version: string): Promise<Check[]> {
  const checks = await destinationChecks(job.to, job.context)
  const writable = checks.every(({ status }) => status === 'passed')
  let live: MysqlConnection
  try {
    live = await job.live()
  } catch (error) {
    return [
      ...checks,
      failed(
        'database connection',
        error,
        'Check the URL, the network from this machine, and the rights of its user.',
      ),
    ]
  }
  checks.push(programs(live))
  for (const check of CHECKS) checks.push(await attempt(check, live))
  checks.push(await revisionCheck(() => readRevision(live), version))
  if (writable)
    checks.push(
      await attempt(async () => {
        const [[bytes = '0'] = []] = await live.query(
          'SELECT COALESCE(SUM(DATA_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
        )
        return diskCheck(job.to, Number(bytes), 'the backup')
      }, live),
    )
  if (job.verify === 'restore') checks.push(await scratch(job, live))
  return checks
}

async function attempt(
  check: (live: MysqlConnection) => Promise<Check>,
  live: MysqlConnection,
): Promise<Check> {
  try {
    return await check(live)
  } catch (error) {
    return failed('database', error, 'Check the rights of the user in the URL.')
  }
}

function failed(name: string, error: unknown, next: string): Check {
  return {
    name,
    status: 'failed',
    message: describe(error),
    next: error instanceof Stop ? (error.next ?? next) : next,
  }
}

function programs({
  programs: { vendor, client, dump, version },
  serverVersion,
  address,
}: MysqlConnection): Check {
  const server = vendorOf(serverVersion)
  const message = `${client} and ${dump} (${version}) reach ${nameOf(address)} (${serverVersion})`
  return vendor === server
    ? { name: 'backup tools', status: 'passed', message }
    : {
        name: 'backup tools',
        status: 'warning',
        message: `${message}; the programs are of another vendor than the server`,
        next: server === 'mysql' ? 'Install mysql-client.' : 'Install mariadb-client.',
      }
}

async function storageEngine(live: MysqlConnection): Promise<Check> {
  const rows = await live.query(
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ENGINE <> 'InnoDB'",
  )
  return rows.length === 0
    ? {
        name: 'storage engine',
        status: 'passed',
        message: 'every table is InnoDB: a dump is one moment of all of them',
      }
    : {
        name: 'storage engine',
        status: 'failed',
        message: `not InnoDB: ${rows.flat().join(', ')}; a dump of a server at work would mix moments`,
        next: 'Convert them with ALTER TABLE … ENGINE=InnoDB.',
      }
}

/**
 * Statements that change a schema, under way in this database. Without the right PROCESS only those
 * of the same user are seen.
 */
async function migrationAtWork(live: MysqlConnection): Promise<Check> {
  const rows = await live.query('SHOW FULL PROCESSLIST')
  const changing = rows.filter(
    ([, , , database, , , , statement = '']) =>
      database === live.address.database &&
      /^\s*(?:ALTER|CREATE|DROP|RENAME|TRUNCATE)\b/i.test(statement),
  )
  return changing.length === 0
    ? { name: 'other migration', status: 'passed', message: 'nobody is changing the schema' }
    : {
        name: 'other migration',
        status: 'failed',
        message: `${changing.length} connection(s) are changing the schema of ${live.address.database}`,
        next: 'Wait until the other migration is over, and run again.',
      }
}

/**
 * A dump without rows into nothing: the user can read the structure of every table, and program and
 * server understand each other.
 */
async function rehearsal(live: MysqlConnection): Promise<Check> {
  let tables = 0
  await dumpToReader(live, { rows: false }, async (stdout) =>
    readDumpStream(stdout, {
      table: () => {
        tables += 1
      },
      row: () => undefined,
    }),
  )
  return {
    name: 'rehearsal of the dump',
    status: 'passed',
    message: `the structure of ${tables} tables can be dumped`,
  }
}

async function scratch(job: MysqlJob, live: MysqlConnection): Promise<Check> {
  try {
    const connection = await job.scratch()
    await refuseForeign(live, connection)
    return {
      name: 'scratch database',
      status: 'passed',
      message: `${nameOf(connection.address)} is reachable and ours to fill`,
    }
  } catch (error) {
    return failed('scratch database', error, 'Give it an empty database of its own.')
  }
}
