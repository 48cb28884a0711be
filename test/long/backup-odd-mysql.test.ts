import { expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { connect } from '../../src/backup/mysql-connection.ts'
import { loadTables } from '../../src/backup/mysql-dump.ts'
import { readAddress } from '../../src/backup/mysql-url.ts'
import type { BackupFacts } from '../../src/backup/types.ts'
import { describeOddDatabases } from '../support/database-cases.ts'
import { testMachine } from '../support/machine.ts'
import { startMysql } from '../support/mysql.ts'

const FACTS: BackupFacts = { serverId: null, version: '0.94.1', counts: null, revision: '0.94.1' }

describeOddDatabases('mysql', startMysql, (database) => {
  it("warns of the user's own trigger under a binary log, and restores the tables without it", async () => {
    const { tool, sql } = database()
    await sql(
      "CREATE DEFINER=app@'127.0.0.1' TRIGGER own BEFORE UPDATE ON flavor FOR EACH ROW SET @seen = OLD.name",
    )
    const check = async () =>
      (await tool().preflight('0.94.1')).find(({ name }) => name === 'views, triggers and routines')
    expect(await check()).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('the trigger own (the server has a binary log'),
    })
    const report = await tool().make('one', FACTS)
    // MySQL's own error 1419.
    expect((await tool().restore(report)).leftOut).toEqual([
      { kind: 'trigger', name: 'own', reason: expect.stringContaining('ERROR 1419') },
    ])
    expect(await tool().writtenSince?.(report)).toEqual({})
    await sql('SET GLOBAL log_bin_trust_function_creators = ON')
    try {
      expect((await tool().restore(report)).leftOut).toEqual([])
      expect(await check()).toMatchObject({ status: 'passed' })
    } finally {
      await sql('SET GLOBAL log_bin_trust_function_creators = OFF')
    }
  }, 60_000)

  it("loads a dump that MariaDB's program began with its sandbox line, in either spelling", async () => {
    const { sql, server, fixture } = database()
    const first = await fixture('sandbox-line')
    const directory = await mkdtemp(join(tmpdir(), 'zenml-sandbox-'))
    const env = {
      ...process.env,
      ...server.env,
      URL: `mysql://app:app-password@127.0.0.1:${server.port}/t1`,
    }
    try {
      const live = await connect(readAddress(env, 'URL'), testMachine(env))
      for (const [index, text] of [first, first.replace('/*!', '/*M!')].entries()) {
        const path = join(directory, `${index}.sql.gz`)
        await writeFile(path, gzipSync(`${text}CREATE TABLE loaded${index} (id INT);\n`))
        await loadTables(live, path)
      }
      expect(await sql("SHOW TABLES LIKE 'loaded%'")).toEqual([['loaded0'], ['loaded1']])
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }, 60_000)
})
