import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBackup } from '../../src/backup/backup.ts'
import type { BackupFacts, BackupTool } from '../../src/backup/types.ts'
import type { Check } from '../../src/result/common.ts'
import { testMachine } from './machine.ts'
import type { TestMariadb } from './mariadb.ts'

const VERSION = '0.94.1'
const FACTS: BackupFacts = { serverId: null, version: VERSION, counts: null, revision: VERSION }
const FIXTURES = join(import.meta.dirname, '../fixtures/databases')

/** A few of ZenML's tables: what a backup does with a database needs no server of ZenML. */
const TABLES = `
  CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY);
  INSERT INTO alembic_version VALUES ('${VERSION}');
  CREATE TABLE flavor (id CHAR(32) PRIMARY KEY, name VARCHAR(255), is_custom BOOL, updated DATETIME(6));
  INSERT INTO flavor VALUES (REPEAT('1', 32), 'local', 1, '2026-01-01 00:00:00'), (REPEAT('2', 32), 'gcp', 1, '2026-01-02 00:00:00');
  CREATE TABLE stack (id CHAR(32) PRIMARY KEY, flavor CHAR(32), FOREIGN KEY (flavor) REFERENCES flavor (id));
  INSERT INTO stack VALUES (REPEAT('a', 32), REPEAT('1', 32));
  CREATE TABLE api_transaction_result (id CHAR(32) PRIMARY KEY, result LONGBLOB);`

/** What a test of an odd database works with. */
export interface OddDatabase {
  readonly server: TestMariadb
  readonly vendor: 'mariadb' | 'mysql'
  /** The backup of the database `t1` as its user, by default `app`, who has all rights on `t1` only. */
  readonly tool: (options?: ToolOptions) => BackupTool
  /** Runs SQL in `t1` with all rights. */
  readonly sql: (statements: string) => Promise<string[][]>
  readonly fixture: (name: string) => Promise<string>
}

interface ToolOptions {
  readonly user?: string
  readonly verify?: 'checksum' | 'restore'
  readonly env?: Readonly<Record<string, string>>
}

/** Tests of databases with more in them than ZenML's tables, on a server of either vendor. */
export function describeOddDatabases(
  vendor: 'mariadb' | 'mysql',
  start: () => Promise<TestMariadb>,
  more: (database: () => OddDatabase) => void,
): void {
  describe(`a ${vendor} database that holds more than tables of ZenML`, () => {
    let server: TestMariadb
    let directory: string
    const database = (): OddDatabase => ({
      server,
      vendor,
      tool: (options = {}) => toolOf(server, directory, options),
      sql: (statements) => server.sql(statements, 't1'),
      fixture: (name) => readFile(join(FIXTURES, `${name}.sql`), 'utf8'),
    })

    beforeAll(async () => {
      server = await start()
      await server.sql(
        "CREATE USER app@'127.0.0.1' IDENTIFIED BY 'app-password'; GRANT ALL ON t1.* TO app@'127.0.0.1'; GRANT ALL ON t1_scratch.* TO app@'127.0.0.1'",
      )
    }, 600_000)
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'zenml-odd-'))
      await server.sql(
        'DROP DATABASE IF EXISTS t1; CREATE DATABASE t1; DROP DATABASE IF EXISTS t1_scratch; CREATE DATABASE t1_scratch',
      )
      await server.sql(TABLES, 't1')
    })
    afterEach(() => rm(directory, { recursive: true, force: true }))
    afterAll(() => server.stop(), 60_000)

    restoresTablesFirst(database)
    checksRights(database)
    comparesOddColumns(database)
    knowsLongRows(database)
    more(database)
  })
}

function toolOf(server: TestMariadb, directory: string, options: ToolOptions): BackupTool {
  const user = options.user ?? 'app'
  const url = (name: string) => `mysql://${user}:${user}-password@127.0.0.1:${server.port}/${name}`
  return createBackup(
    {
      mysql: {
        to: join(directory, 'backups'),
        'url-env': 'ZENML_DATABASE_URL',
        verify: options.verify ?? 'checksum',
        'scratch-url-env': 'SCRATCH_URL',
      },
    },
    {
      machine: testMachine({
        ...process.env,
        ...server.env,
        ...options.env,
        ZENML_DATABASE_URL: url('t1'),
        SCRATCH_URL: url('t1_scratch'),
      }),
      environment: 'production',
      reportDirectory: join(directory, 'report'),
      workingDirectory: directory,
    },
  )
}

const named = (checks: readonly Check[], name: string) =>
  checks.find((check) => check.name === name)

const failedIn = (checks: readonly Check[]) =>
  checks.filter(({ status }) => status === 'failed').map(({ message }) => message)

/** What is in the database beside tables. */
const OBJECTS = `SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 't1'
  UNION SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 't1'
  UNION SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 't1'
  UNION SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 't1' ORDER BY 1`

function restoresTablesFirst(database: () => OddDatabase): void {
  it('restores the tables, and keeps a trigger and a view of another definer as a file', async () => {
    const { tool, sql, fixture, server } = database()
    await sql(await fixture('trigger-of-another-user'))
    await sql('CREATE DEFINER=root@localhost VIEW dashboard AS SELECT name FROM flavor')
    const checks = await tool().preflight(VERSION)
    expect(failedIn(checks)).toEqual([])
    expect(named(checks, 'views, triggers and routines')).toMatchObject({
      status: 'warning',
      message: expect.stringMatching(
        /the view dashboard \(its definer is root@localhost\), the trigger audit_flavor \(its definer is root@localhost\)/,
      ),
    })
    const report = await tool({ verify: 'restore' }).make('one', FACTS)
    await sql('DELETE FROM stack; DELETE FROM flavor')
    const refused = (kind: string, name: string) => ({
      kind,
      name,
      reason: expect.stringMatching(/denied|privilege/),
    })
    // A view does not go with its tables.
    expect((await tool().restore(report)).leftOut).toEqual([refused('trigger', 'audit_flavor')])
    expect(await tool().writtenSince?.(report)).toEqual({})
    expect(await sql(OBJECTS)).toEqual([['dashboard']])
    // ZenML's own way back drops the whole database.
    await server.sql('DROP DATABASE t1; CREATE DATABASE t1')
    const restored = await tool().restore(report)
    expect(restored.leftOut).toEqual([
      refused('view', 'dashboard'),
      refused('trigger', 'audit_flavor'),
    ])
    expect(await tool().writtenSince?.(report)).toEqual({})
    expect(await sql(OBJECTS)).toEqual([])
    await sql(await readFile(restored.leftOutFile ?? '', 'utf8'))
    expect(await sql(OBJECTS)).toEqual([['audit_flavor'], ['dashboard']])
  }, 60_000)

  it('restores what the user may create: views on views, procedures, triggers, events', async () => {
    const { tool, sql, vendor } = database()
    const own = (text: string) => `CREATE DEFINER=app@'127.0.0.1' ${text};\n`
    await sql(
      `${own('VIEW b_base AS SELECT name FROM flavor')}${own('VIEW a_first AS SELECT name FROM b_base')}DELIMITER ;;
      CREATE DEFINER=app@'127.0.0.1' PROCEDURE clean() BEGIN DELETE FROM stack WHERE id = 'x'; SELECT 'a\\nb', "c\td"; END;;
      CREATE DEFINER=app@'127.0.0.1' EVENT nightly ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM stack WHERE id = 'Grüße'; END;;
      DELIMITER ;
      ${vendor === 'mariadb' ? own('TRIGGER seen BEFORE UPDATE ON flavor FOR EACH ROW SET @seen = OLD.name') : ''}`,
    )
    const before = await sql(`${OBJECTS}; SHOW CREATE EVENT nightly; SHOW CREATE VIEW a_first`)
    const checks = await tool().preflight(VERSION)
    expect(named(checks, 'views, triggers and routines')).toMatchObject({ status: 'passed' })
    const report = await tool({ verify: 'restore' }).make('one', FACTS)
    await database().server.sql('DROP DATABASE t1; CREATE DATABASE t1')
    expect(await tool().restore(report)).toMatchObject({ leftOut: [], leftOutFile: null })
    expect(await sql(`${OBJECTS}; SHOW CREATE EVENT nightly; SHOW CREATE VIEW a_first`)).toEqual(
      before,
    )
    // A second time, with routine and event still there.
    expect(await tool().restore(report)).toMatchObject({ leftOut: [] })
  }, 60_000)

  it('backs up a database with a broken view and a procedure that the user cannot read', async () => {
    const { tool, sql, server } = database()
    await sql(
      `CREATE TABLE gone (id INT PRIMARY KEY); CREATE DEFINER=app@'127.0.0.1' VIEW broken AS SELECT id FROM gone; DROP TABLE gone;
      CREATE DEFINER=root@localhost PROCEDURE secret_work() SELECT 1`,
    )
    const checks = await tool().preflight(VERSION)
    expect(failedIn(checks)).toEqual([])
    expect(named(checks, 'views, triggers and routines')).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('the procedure secret_work (app@127.0.0.1 cannot read'),
    })
    const report = await tool().make('one', FACTS)
    expect((await tool().restore(report)).leftOut).toEqual([])
    expect(await sql(OBJECTS)).toEqual([['broken'], ['secret_work']])
    await server.sql('DROP DATABASE t1; CREATE DATABASE t1')
    expect((await tool().restore(report)).leftOut).toEqual([
      { kind: 'procedure', name: 'secret_work', reason: expect.stringContaining('not be read') },
      { kind: 'view', name: 'broken', reason: expect.any(String) },
    ])
    expect(await tool().writtenSince?.(report)).toEqual({})
  }, 60_000)
}

function checksRights(database: () => OddDatabase): void {
  it('fails the preflight of a user who may only read it, whatever rights exist elsewhere', async () => {
    const { tool, server, fixture, vendor } = database()
    const report = await tool().make('one', FACTS)
    await server.sql('DROP DATABASE t1_scratch')
    await server.sql(
      `DROP USER IF EXISTS ro@'127.0.0.1'; ${(await fixture('read-only-user')).replace('ro-secret-11', 'ro-password')}`,
    )
    const lacking = vendor === 'mysql' ? 'DROP, CREATE, INSERT, REFERENCES' : 'DROP, CREATE, INSERT'
    expect(failedIn(await tool({ user: 'ro' }).preflight(VERSION))).toEqual([
      `ro@127.0.0.1 lacks ${lacking} on the database t1: a restore could not put the tables back`,
    ])
    await expect(tool({ user: 'ro' }).restore(report)).rejects.toMatchObject({
      code: 'rollback-failed',
      databaseState: 'untouched',
      next: expect.stringContaining('Nothing in the database was changed'),
    })
    expect(await tool().writtenSince?.(report)).toEqual({})
  }, 60_000)

  it('backs up and restores with no more than the rights that the preflight asks for', async () => {
    const { tool, server, sql } = database()
    await server.sql(
      "DROP USER IF EXISTS least@'127.0.0.1'; CREATE USER least@'127.0.0.1' IDENTIFIED BY 'least-password'; GRANT SELECT, INSERT, CREATE, DROP, REFERENCES ON `t_`.* TO least@'127.0.0.1'",
    )
    const user = 'least'
    expect(failedIn(await tool({ user }).preflight(VERSION))).toEqual([])
    const report = await tool({ user }).make('one', FACTS)
    await sql('DELETE FROM stack')
    await tool({ user }).restore(report)
    expect(await tool({ user }).writtenSince?.(report)).toEqual({})
  }, 60_000)
}

function comparesOddColumns(database: () => OddDatabase): void {
  it('counts nothing as written or lost in columns of any type while no one writes', async () => {
    const { tool, sql, fixture } = database()
    await sql(await fixture('generated-columns'))
    await sql(await fixture('column-types'))
    const report = await tool({ verify: 'restore' }).make('one', FACTS)
    expect(await tool().writtenSince?.(report)).toEqual({})
    expect(await tool().lostSince?.(report)).toMatchObject({ lost: [] })
    await sql("SET GLOBAL time_zone = '+05:00'")
    try {
      expect(await tool().writtenSince?.(report)).toEqual({})
      expect(await tool().lostSince?.(report)).toMatchObject({ lost: [] })
    } finally {
      await sql('SET GLOBAL time_zone = SYSTEM')
    }
    await sql('UPDATE team_costs SET price = 7 WHERE id = 2; UPDATE kinds SET g = Point(9, 9)')
    expect(await tool().writtenSince?.(report)).toEqual({ team_costs: 1, kinds: 3 })
    await tool().restore(report)
    expect(await tool().writtenSince?.(report)).toEqual({})
    expect(await sql('SELECT total FROM team_costs ORDER BY id')).toEqual([['6'], ['20']])
  }, 60_000)
}

function knowsLongRows(database: () => OddDatabase): void {
  it('fails the backup of a row that a restore could not load, and names the limit', async () => {
    const { tool, sql, fixture } = database()
    await sql('SET GLOBAL max_allowed_packet = 64 * 1024 * 1024')
    await sql(await fixture('blob-above-half-packet'))
    try {
      const roomy = await tool({ verify: 'restore' }).make('roomy', FACTS)
      await sql('SET GLOBAL max_allowed_packet = 16 * 1024 * 1024')
      await expect(tool().make('one', FACTS)).rejects.toMatchObject({
        code: 'backup-failed',
        message: expect.stringMatching(
          /longest row of api_transaction_result takes 180\d+ bytes .* max_allowed_packet is 16777216/,
        ),
        next: expect.stringContaining('at least 18M'),
      })
      // A limit that was lowered after the backup is seen before the first table is dropped.
      await expect(tool().restore(roomy)).rejects.toMatchObject({ databaseState: 'untouched' })
    } finally {
      await sql('SET GLOBAL max_allowed_packet = 64 * 1024 * 1024')
    }
  }, 120_000)
}
