import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { BackupReport } from '../../src/result/upgrade.ts'
import { createBackup } from '../../src/backup/backup.ts'
import type { BackupTool } from '../../src/backup/types.ts'
import { inventory, preparedForEdits, WRITTEN_LATER, writeAsUser } from '../support/backup-facts.ts'
import { testMachine } from '../support/machine.ts'
import { startMariadb } from '../support/mariadb.ts'
import { startMysql, type TestMysql } from '../support/mysql.ts'
import { clientJobs } from '../support/seed.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'

// MySQL itself, with GTIDs on as it is by default, and its own programs; then MariaDB's programs on
// the same server.
describe('a MySQL backup', () => {
  let mysql: TestMysql
  let directory: string
  let env: Record<string, string | undefined>
  let apiKey: string | undefined
  const servers: TestServer[] = []
  const serve = async (version: string) => {
    const server = await startServer({
      version,
      databaseUrl: mysql.url('zenml'),
      ...(apiKey === undefined ? {} : { apiKey }),
    })
    apiKey = server.apiKey
    servers.push(server)
    return server
  }
  const tool = (more: Record<string, string | undefined> = {}): BackupTool =>
    createBackup(
      {
        mysql: {
          to: join(directory, 'backups'),
          'url-env': 'ZENML_DATABASE_URL',
          verify: 'restore',
          'scratch-url-env': 'SCRATCH_URL',
        },
      },
      {
        machine: testMachine({ ...env, ...more }),
        environment: 'production',
        reportDirectory: join(directory, 'report'),
        workingDirectory: directory,
      },
    )

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'zenml-backup-'))
    mysql = await startMysql()
    await mysql.sql('CREATE DATABASE zenml_scratch')
    env = {
      ...process.env,
      ...mysql.env,
      ZENML_DATABASE_URL: mysql.url('zenml'),
      SCRATCH_URL: mysql.url('zenml_scratch'),
    }
    const old = await serve(OLD)
    await clientJobs(old, {
      clientVersion: OLD,
      jobs: [{ op: 'run', source: 'churn.report.report', stack: 'default' }],
    })
    await preparedForEdits(old.admin)
  }, 600_000)
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await mysql.stop()
    await rm(directory, { recursive: true, force: true })
  })

  let report: BackupReport
  let before: Awaited<ReturnType<typeof inventory>>

  it('is complete, restored once for proof, and restored after an upgrade with the same server id', async () => {
    const old = servers[0]
    if (old === undefined) throw new Error('no server')
    before = await inventory(old)
    expect(await mysql.sql('SELECT @@gtid_mode')).toEqual([['ON']])
    for (const check of await tool().preflight(OLD))
      expect(check).toMatchObject({ status: 'passed' })
    report = await tool().make('one', {
      serverId: before.id,
      version: OLD,
      counts: null,
      revision: OLD,
    })
    expect(gunzipSync(await readFile(report.location)).toString('latin1')).not.toContain(
      'GTID_PURGED',
    )
    expect(await mysql.sql('SHOW TABLES', 'zenml_scratch')).toEqual([])
    await old.stop()
    const upgraded = await serve(NEW)
    await inventory(upgraded)
    expect(await tool().writtenSince?.(report)).toEqual({})
    await writeAsUser(upgraded.admin)
    expect(await tool().writtenSince?.(report)).toEqual(WRITTEN_LATER)
    await upgraded.stop()
    expect(await tool().restore(report)).toMatchObject({ revision: OLD })
    const again = await serve(OLD)
    expect(await inventory(again)).toEqual(before)
    await again.stop()
  }, 600_000)

  it('can be made by the programs of MariaDB, with a warning', async () => {
    const mariadb = await startMariadb()
    try {
      // Only what MariaDB brought, and MySQL's own programs nowhere.
      const others = (process.env['PATH'] ?? '')
        .split(delimiter)
        .filter((folder) => folder !== mysql.programs)
      const path = { ...mariadb.env, PATH: [mariadb.env['PATH'] ?? '', ...others].join(delimiter) }
      const checks = await tool(path).preflight(OLD)
      expect(checks.find(({ name }) => name === 'backup tools')?.status).toBe('warning')
      expect(checks.filter(({ status }) => status === 'failed')).toEqual([])
      const other = await tool(path).make('two', {
        serverId: before.id,
        version: OLD,
        counts: null,
        revision: OLD,
      })
      await tool(path).restore(other)
      // Loaded by one vendor's program, compared by way of the other's dump.
      const written = await tool().writtenSince?.(report)
      expect(Object.keys(written ?? {})).toEqual([])
      expect((await readdir(join(directory, 'backups'))).sort()).toEqual(['one', 'two'])
    } finally {
      await mariadb.stop()
    }
  }, 300_000)
})
