import { expect, it } from '@jest/globals'
import type { BackupFacts } from '../../src/backup/types.ts'
import { describeOddDatabases } from '../support/database-cases.ts'
import { startMariadb } from '../support/mariadb.ts'

const FACTS: BackupFacts = { serverId: null, version: '0.94.1', counts: null, revision: '0.94.1' }

describeOddDatabases('mariadb', startMariadb, (database) => {
  it('counts nothing in network addresses, sequences and tables with a history while no one writes', async () => {
    const { tool, sql } = database()
    await sql(`
      CREATE TABLE nets (a INET6 PRIMARY KEY, i4 INET4, u UUID);
      INSERT INTO nets VALUES ('::1', '10.0.0.1', '123e4567-e89b-12d3-a456-426655440000'), ('fe80::1', NULL, NULL);
      CREATE SEQUENCE numbers START WITH 5;
      CREATE TABLE numbered (id INT PRIMARY KEY DEFAULT NEXT VALUE FOR numbers); INSERT INTO numbered VALUES (), ();
      CREATE TABLE implicit (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING;
      INSERT INTO implicit VALUES (1, 1); UPDATE implicit SET v = 2;
      CREATE TABLE explicit (id INT PRIMARY KEY, v INT, since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, until TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until)) WITH SYSTEM VERSIONING;
      INSERT INTO explicit (id, v) VALUES (1, 1), (2, 2); UPDATE explicit SET v = 3 WHERE id = 1`)
    const checks = await tool().preflight('0.94.1')
    expect(checks.find(({ name }) => name === 'history of tables')).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('explicit, implicit'),
    })
    const report = await tool({ verify: 'restore' }).make('one', FACTS)
    expect((await tool().find('one')).manifest.tables).toMatchObject({
      implicit: { rows: 1, columns: ['id', 'v'], key: ['id'] },
      explicit: { rows: 2, columns: ['id', 'v'], key: ['id'] },
    })
    expect(await tool().writtenSince?.(report)).toEqual({})
    expect(await tool().lostSince?.(report)).toMatchObject({ lost: [] })
    await sql(
      "UPDATE explicit SET v = 4 WHERE id = 2; UPDATE nets SET i4 = '10.0.0.2' WHERE a = '::1'",
    )
    expect(await tool().writtenSince?.(report)).toEqual({ explicit: 1, nets: 1 })
    await tool().restore(report)
    expect(await tool().writtenSince?.(report)).toEqual({})
    expect(await sql('SELECT v FROM explicit ORDER BY id')).toEqual([['3'], ['2']])
  }, 60_000)
})
