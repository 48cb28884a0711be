import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createBackup } from '../../src/backup/backup.ts'
import type { BackupTool } from '../../src/backup/types.ts'
import {
  compareEveryRow,
  everyRowOfMariadb,
  everyRowOfSqlite,
  type EveryRow,
} from '../support/every-row.ts'
import { inventory } from '../support/backup-facts.ts'
import { copyToMariadb } from '../support/copy-to-mariadb.ts'
import { testMachine } from '../support/machine.ts'
import { startMariadb, type TestMariadb } from '../support/mariadb.ts'
import { seededServer } from '../support/seed.ts'
import { startServer } from '../support/zenml.ts'

/** With the columns that ZenML's migrations in between drop. */
const PAIRS: [from: string, to: string, dropped: string[]][] = [
  ['0.90.0', '0.98.0', ['pipeline_run.trigger_execution_id']],
  ['0.92.0', '0.97.0', ['pipeline_run.trigger_execution_id']],
  ['0.93.3', '0.96.4', ['logs.log_key', 'pipeline_run.trigger_execution_id']],
  ['0.94.1', '0.98.0', ['logs.log_key']],
]
const FACTS = { serverId: null, version: '', counts: null, revision: null }

let directory = ''
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

const backupOf = (
  config: Parameters<typeof createBackup>[0],
  env: Readonly<Record<string, string | undefined>>,
): BackupTool =>
  createBackup(config, {
    machine: testMachine({ ...process.env, ...env }),
    environment: 'staging',
    reportDirectory: join(directory, 'report'),
    workingDirectory: directory,
  })

/** Backs a seeded old server up, migrates it, uses the new one, and compares. */
async function migrate(
  job: { from: string; to: string; databaseUrl?: string; apiKey: string },
  tool: BackupTool,
  everyRow: () => Promise<EveryRow>,
) {
  const serve = (version: string) =>
    startServer({
      version,
      directory,
      apiKey: job.apiKey,
      ...(job.databaseUrl === undefined ? {} : { databaseUrl: job.databaseUrl }),
    })
  const old = await serve(job.from)
  await old.admin.post('/secrets', { name: 'kept', private: false, values: { key: 'value' } })
  await old.admin.post('/tags', { name: 'kept', color: 'blue' })
  await old.stop()
  const before = await everyRow()
  const report = await tool.make('one', FACTS)
  const server = await serve(job.to)
  await inventory(server)
  const after = await everyRow()
  const compared = await tool.lostSince?.(report)
  await server.stop()
  return { ...compareEveryRow(before, after), compared }
}

describe('a migration of a SQLite database', () => {
  it.each(PAIRS)(
    'from ZenML %s to %s loses nothing, and none is reported',
    async (from, to, dropped) => {
      const seeded = await seededServer(from)
      directory = seeded.directory
      const path = seeded.databasePath
      const tool = backupOf({ sqlite: { path, to: join(directory, 'backups') } }, {})
      const { rows, differences, compared } = await migrate(
        { from, to, apiKey: seeded.apiKey },
        tool,
        () => everyRowOfSqlite(path),
      )
      expect(rows).toBeGreaterThan(100)
      expect(differences).toEqual(dropped)
      expect(compared).toMatchObject({
        lost: [],
        compared: { 'only-listed-columns': false, 'not-compared': [], dropped: [] },
      })
    },
    600_000,
  )
})

describe('a migration of a MariaDB database', () => {
  let mariadb: TestMariadb
  beforeAll(async () => {
    mariadb = await startMariadb()
  }, 300_000)
  afterAll(() => mariadb.stop(), 60_000)

  it.each(PAIRS.filter(([, to]) => to === '0.98.0'))(
    'from ZenML %s to %s loses nothing, and none is reported',
    async (from, to, dropped) => {
      const seeded = await seededServer(from)
      directory = seeded.directory
      const database = `zenml_${from.replaceAll('.', '_')}`
      await mariadb.sql(`CREATE DATABASE ${database}`)
      const databaseUrl = mariadb.url(database)
      const empty = await startServer({ version: from, directory, databaseUrl, apiKey: 'none' })
      await empty.stop()
      await copyToMariadb(seeded.databasePath, mariadb, database)
      const to_ = join(directory, 'backups')
      await mkdir(to_)
      const env = { ZENML_DATABASE_URL: databaseUrl, ...mariadb.env }
      const tool = backupOf(
        { mysql: { to: to_, 'url-env': 'ZENML_DATABASE_URL', verify: 'checksum' } },
        env,
      )
      const { rows, differences, compared } = await migrate(
        { from, to, databaseUrl, apiKey: seeded.apiKey },
        tool,
        () => everyRowOfMariadb(mariadb, database),
      )
      expect(rows).toBeGreaterThan(100)
      expect(differences).toEqual(dropped)
      expect(compared).toMatchObject({
        lost: [],
        compared: { 'only-listed-columns': false, 'not-compared': [], dropped: [] },
      })
    },
    600_000,
  )
})
