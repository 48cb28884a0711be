import { readDumpStream } from './dump-reader.ts'
import { summarizer, type DumpSummary } from './dump-summary.ts'
import { MysqlError, type MysqlConnection } from './mysql-connection.ts'
import { dumpToReader, loadTables } from './mysql-dump.ts'
import { dropTables, tableNames } from './mysql-tables.ts'
import { nameOf } from './mysql-url.ts'

/** Says that everything in a database is ours to drop. */
const MARKER = 'zenml_upgrade_scratch'

/**
 * Loads a dump into the scratch database, dumps that again and compares table by table. Nobody
 * writes in between, so equality is demanded. The scratch database is empty afterwards, also when
 * this fails.
 * @throws MysqlError
 */
export async function verifyInScratch(
  live: MysqlConnection,
  scratch: MysqlConnection,
  path: string,
  expected: DumpSummary,
): Promise<void> {
  await refuseForeign(live, scratch)
  await dropTables(scratch)
  try {
    await scratch.query(`CREATE TABLE ${MARKER} (made_by VARCHAR(64) NOT NULL PRIMARY KEY)`)
    await loadTables(scratch, path)
    const { visitor, summary } = summarizer()
    await live.machine.log.progress('compare the scratch database with the dump', () =>
      dumpToReader(scratch, { rows: true }, (stdout) => readDumpStream(stdout, visitor)),
    )
    const found = summary()
    const differing = Object.keys(expected.tables).filter(
      (table) =>
        expected.hashes[table] !== found.hashes[table] ||
        expected.tables[table]?.rows !== found.tables[table]?.rows,
    )
    if (differing.length > 0)
      throw new MysqlError(
        `the dump, restored into ${nameOf(scratch.address)}, has other content in: ${differing.join(', ')}`,
      )
  } finally {
    await dropTables(scratch)
  }
}

/**
 * Refuses the live database itself, under whatever address, and a database that holds anything of
 * somebody else. @throws MysqlError
 */
export async function refuseForeign(
  live: MysqlConnection,
  scratch: MysqlConnection,
): Promise<void> {
  const identity = async (connection: MysqlConnection) =>
    (await connection.query('SELECT @@hostname, @@port, @@datadir, LOWER(DATABASE())'))
      .flat()
      .join('\n')
  if ((await identity(live)) === (await identity(scratch)))
    throw new MysqlError(`the scratch database is the live database: ${nameOf(scratch.address)}`)
  const { tables, views } = await tableNames(scratch)
  if (tables.length + views.length > 0 && !tables.includes(MARKER)) {
    throw new MysqlError(
      `the scratch database ${nameOf(scratch.address)} holds tables that are not ours (${[...tables, ...views].slice(0, 3).join(', ')} …); it must be empty`,
    )
  }
}
