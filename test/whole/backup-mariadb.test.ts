import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { BackupReport } from '../../src/result/upgrade.ts'
import { NotCountable } from '../../src/backup/not-countable.ts'
import { createBackup } from '../../src/backup/backup.ts'
import type { BackupFacts, BackupTool } from '../../src/backup/types.ts'
import { inventory, preparedForEdits, WRITTEN_LATER, writeAsUser } from '../support/backup-facts.ts'
import { runLimited } from '../support/limited.ts'
import { testMachine, type TestMachine } from '../support/machine.ts'
import { startMariadb, type TestMariadb } from '../support/mariadb.ts'
import { clientJobs } from '../support/seed.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'

const FACTS: BackupFacts = { serverId: null, version: OLD, counts: null, revision: OLD }

describe('a MariaDB backup', () => {
  let mariadb: TestMariadb
  let directory: string
  let to: string
  let env: Record<string, string | undefined>
  let apiKey: string | undefined
  const servers: TestServer[] = []

  const serve = async (version: string) => {
    const server = await startServer({
      version,
      databaseUrl: mariadb.url('zenml'),
      ...(apiKey === undefined ? {} : { apiKey }),
    })
    apiKey = server.apiKey
    servers.push(server)
    return server
  }
  const tool = (
    options: { verify?: 'checksum' | 'restore'; machine?: TestMachine } = {},
  ): BackupTool =>
    createBackup(
      {
        mysql: {
          to,
          'url-env': 'ZENML_DATABASE_URL',
          verify: options.verify ?? 'checksum',
          'scratch-url-env': 'SCRATCH_URL',
        },
      },
      {
        machine: options.machine ?? testMachine(env),
        environment: 'production',
        reportDirectory: join(directory, 'report'),
        workingDirectory: directory,
      },
    )
  /** A program that stands before the real one on PATH. */
  const withProgram = async (name: string, script: string): Promise<TestMachine> => {
    const folder = await mkdtemp(join(directory, 'bin-'))
    await writeFile(join(folder, name), `#!/bin/bash\nPATH=${env['PATH'] ?? ''}\n${script}\n`)
    await chmod(join(folder, name), 0o755)
    return testMachine({ ...env, PATH: `${folder}${delimiter}${env['PATH'] ?? ''}` })
  }
  const failed = async (made: BackupTool, version = OLD) =>
    (await made.preflight(version))
      .filter(({ status }) => status === 'failed')
      .map(({ name, message }) => `${name}: ${message}`)
  const checksum = async () => {
    const tables = (
      await mariadb.sql(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'zenml' ORDER BY 1",
      )
    ).flat()
    return mariadb.sql(
      `CHECKSUM TABLE ${tables.map((table) => `\`${table}\``).join(', ')}`,
      'zenml',
    )
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'zenml-backup-'))
    to = join(directory, 'backups')
    mariadb = await startMariadb()
    await mariadb.sql('CREATE DATABASE zenml_scratch')
    env = {
      ...process.env,
      ...mariadb.env,
      ZENML_DATABASE_URL: mariadb.url('zenml').replace('mysql://', 'mysql+pymysql://'),
      SCRATCH_URL: mariadb.url('zenml_scratch'),
    }
    const old = await serve(OLD)
    await clientJobs(old, {
      clientVersion: OLD,
      jobs: [{ op: 'run', source: 'churn.report.report', stack: 'default' }],
    })
    await preparedForEdits(old.admin)
  }, 400_000)
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await mariadb.stop()
    await rm(directory, { recursive: true, force: true })
  })

  let report: BackupReport
  let before: Awaited<ReturnType<typeof inventory>>

  it('is complete, restored once for proof, and says nothing of the password', async () => {
    const old = servers[0]
    if (old === undefined) throw new Error('no server')
    before = await inventory(old)
    const machine = testMachine(env)
    for (const check of await tool({ verify: 'restore', machine }).preflight(OLD))
      expect(check).toMatchObject({ status: 'passed' })
    report = await tool({ verify: 'restore', machine }).make('production-1', {
      ...FACTS,
      serverId: before.id,
    })
    expect(report).toMatchObject({
      kind: 'mysql',
      verified: 'restore',
      location: join(to, 'production-1', 'zenml.sql.gz'),
    })
    expect((await stat(report.location)).size).toBe(report.bytes)
    expect((await stat(report.location)).mode & 0o077).toBe(0)
    expect(await readdir(join(to, 'production-1'))).toEqual(['manifest.json', 'zenml.sql.gz'])
    expect(await mariadb.sql('SHOW TABLES', 'zenml_scratch')).toEqual([])
    const { manifest } = await tool().find('production-1')
    expect(manifest).toMatchObject({ 'server-id': before.id, revision: OLD })
    const counts = await mariadb.sql(
      'SELECT COUNT(*) FROM pipeline_run UNION ALL SELECT COUNT(*) FROM step_run UNION ALL SELECT COUNT(*) FROM flavor',
      'zenml',
    )
    expect(
      ['pipeline_run', 'step_run', 'flavor'].map((table) => [
        String(manifest.tables?.[table]?.rows),
      ]),
    ).toEqual(counts)
    expect([machine.lines.join('\n'), JSON.stringify(manifest)].join('\n')).not.toContain(
      mariadb.password,
    )
  }, 120_000)

  it('counts nothing for an upgraded server that only looks, and exactly what users write', async () => {
    await servers.pop()?.stop()
    const upgraded = await serve(NEW)
    expect(await tool().revision?.()).toBe(NEW)
    await inventory(upgraded)
    expect(await tool().writtenSince?.(report)).toEqual({})
    await writeAsUser(upgraded.admin)
    expect(await tool().writtenSince?.(report)).toEqual(WRITTEN_LATER)
    await upgraded.stop()
  }, 200_000)

  it('puts everything back after the migration, keeps what it replaced, and is safe to repeat', async () => {
    const restored = await tool().restore(report)
    expect(restored.revision).toBe(OLD)
    expect(gunzipSync(await readFile(restored.replacedAt ?? '')).toString()).toContain(`('${NEW}')`)
    const sums = await checksum()
    expect(await tool().restore(report)).toMatchObject({ revision: OLD })
    expect(await checksum()).toEqual(sums)
    expect(await tool().writtenSince?.(report)).toEqual({})
    const again = await serve(OLD)
    expect(await inventory(again)).toEqual(before)
    await again.stop()
  }, 200_000)

  // From here on no server is at work.

  it.each([
    ['stops in the middle and says so', 'mariadb-dump "$@" | head -c 20000; exit 1', 'exit code 1'],
    [
      'stops in the middle and does not say so',
      'mariadb-dump "$@" | head -c 20000',
      'not|missing|end',
    ],
    [
      'leaves out its last line',
      'mariadb-dump "$@" | sed "/^-- Dump completed/d"',
      'Dump completed',
    ],
    [
      'leaves out rows',
      'mariadb-dump "$@" | sed "/^INSERT INTO .stack. VALUES/,/;$/d"',
      'stack has 0 rows in the dump',
    ],
    ['writes nothing', 'exit 0', 'Dump completed'],
  ])(
    'fails, and leaves nothing, when the dump program %s',
    async (_, script, message) => {
      // --help must still tell what it can.
      const machine = await withProgram(
        'mariadb-dump',
        `case "$*" in *--help*) exec mariadb-dump "$@";; esac\n${script}`,
      )
      await expect(tool({ machine }).make('broken', FACTS)).rejects.toMatchObject({
        code: 'backup-failed',
        message: expect.stringMatching(message),
      })
      expect(await readdir(to)).toEqual(['production-1'])
    },
    60_000,
  )

  it('fails, and leaves nothing, when the disk is full', async () => {
    const config = { mysql: { to, 'url-env': 'ZENML_DATABASE_URL', verify: 'checksum' } }
    const result = await runLimited({
      config,
      directory,
      facts: FACTS,
      fileBytes: 10 * 1024,
      env: { ...mariadb.env, ZENML_DATABASE_URL: mariadb.url('zenml') },
    })
    expect(result).toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('EFBIG'),
    })
    expect(await readdir(to)).toEqual(['production-1'])
  }, 60_000)

  it('finds a restored copy that is not the dump', async () => {
    // Loading into the scratch database goes through this client; one value is another one
    // afterwards.
    const machine = await withProgram(
      'mariadb',
      'case "$*" in *zenml_scratch*) sed "s/churn_report/churn_retort/" | exec mariadb "$@";; *) exec mariadb "$@";; esac',
    )
    await expect(tool({ verify: 'restore', machine }).make('broken', FACTS)).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringMatching(/other content in: .*pipeline/),
    })
    expect(await mariadb.sql('SHOW TABLES', 'zenml_scratch')).toEqual([])
  }, 60_000)

  it('never fills a scratch database that is the live one or holds anything', async () => {
    const live = testMachine({
      ...env,
      SCRATCH_URL: mariadb.url('zenml').replace('127.0.0.1', 'localhost'),
    })
    expect(await failed(tool({ verify: 'restore', machine: live }))).toEqual([
      expect.stringContaining('is the live database'),
    ])
    await expect(
      tool({ verify: 'restore', machine: live }).make('broken', FACTS),
    ).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('is the live database'),
    })
    await mariadb.sql(
      'CREATE DATABASE zenml_other; CREATE TABLE zenml_other.precious (id INT); INSERT INTO zenml_other.precious VALUES (1)',
    )
    const foreign = testMachine({ ...env, SCRATCH_URL: mariadb.url('zenml_other') })
    await expect(
      tool({ verify: 'restore', machine: foreign }).make('broken', FACTS),
    ).rejects.toMatchObject({ message: expect.stringContaining('precious') })
    expect(await mariadb.sql('SELECT * FROM zenml_other.precious')).toEqual([['1']])
    expect(await tool().writtenSince?.(report)).toEqual({})
  }, 60_000)

  it('names before the first change what would keep it from working', async () => {
    expect(await failed(tool({ verify: 'restore' }))).toEqual([])
    expect(
      await failed(tool({ machine: testMachine({ ...env, ZENML_DATABASE_URL: undefined }) })),
    ).toEqual([expect.stringContaining('ZENML_DATABASE_URL is not set')])
    expect(
      await failed(
        tool({ machine: testMachine({ ...env, ZENML_DATABASE_URL: 'mysql://127.0.0.1/zenml' }) }),
      ),
    ).toEqual([expect.stringContaining('not a URL')])
    const wrong = `mysql://zenml:wrong-password@127.0.0.1:${mariadb.port}/zenml`
    const [denied] = await failed(
      tool({ machine: testMachine({ ...env, ZENML_DATABASE_URL: wrong }) }),
    )
    expect(denied).toContain('Access denied')
    expect(denied).not.toContain('wrong-password')
    expect(await failed(tool({ machine: testMachine({ ...env, PATH: to }) }))).toEqual([
      expect.stringContaining('Neither mariadb'),
    ])
    expect(
      await failed(tool({ verify: 'restore', machine: testMachine({ ...env, SCRATCH_URL: '' }) })),
    ).toEqual([expect.stringContaining('SCRATCH_URL is not set')])
    expect(await failed(tool(), NEW)).toEqual([
      expect.stringContaining(`the database is at revision ${OLD}, the server reports ${NEW}`),
    ])
    await mariadb.sql('CREATE TABLE old_engine (id INT) ENGINE=MyISAM', 'zenml')
    expect(await failed(tool())).toEqual([expect.stringContaining('old_engine')])
    await mariadb.sql('DROP TABLE old_engine', 'zenml')
  }, 60_000)

  it('sees that somebody else changes the schema', async () => {
    await mariadb.sql(
      `CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader'; GRANT SELECT, SHOW VIEW, TRIGGER ON zenml.* TO reader@'127.0.0.1'; GRANT PROCESS ON *.* TO reader@'127.0.0.1'`,
    )
    // A reader holds the table, so that the change of the schema waits and stays visible.
    const holding = mariadb.sql(
      'START TRANSACTION; SELECT COUNT(*) FROM stack; SELECT SLEEP(6)',
      'zenml',
    )
    const changing = new Promise<void>((resolve, reject) => {
      setTimeout(() => {
        mariadb.sql('ALTER TABLE stack ADD COLUMN later INT', 'zenml').then(() => {
          resolve()
        }, reject)
      }, 500)
    })
    const machine = testMachine({
      ...env,
      ZENML_DATABASE_URL: `mysql://reader:reader@127.0.0.1:${mariadb.port}/zenml`,
    })
    while (
      (await mariadb.sql("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER%'"))
        .length === 0
    );
    const checks = await tool({ machine }).preflight(OLD)
    expect(checks.find(({ name }) => name === 'other migration')).toMatchObject({
      status: 'failed',
    })
    expect(checks.find(({ name }) => name === 'rights for a restore')).toMatchObject({
      status: 'failed',
    })
    await Promise.all([holding, changing])
    await mariadb.sql('ALTER TABLE stack DROP COLUMN later', 'zenml')
  }, 60_000)

  it('touches nothing when the backup is damaged, and tells what to do when loading fails', async () => {
    await tool().restore(report)
    const sums = await checksum()
    const good = await readFile(report.location)
    await writeFile(
      report.location,
      gzipSync(gunzipSync(good).toString('latin1').replace('churn', 'burnt'), { level: 1 }),
    )
    await expect(tool().restore(report)).rejects.toMatchObject({
      code: 'rollback-failed',
      databaseState: 'untouched',
    })
    await expect(tool().writtenSince?.(report)).rejects.toBeInstanceOf(NotCountable)
    expect(await checksum()).toEqual(sums)
    await writeFile(report.location, good)
    const machine = await withProgram(
      'mariadb',
      'case "$*" in *--quick*|*--skip-column-names*|*--help*) exec mariadb "$@";; *) head -c 30000 | mariadb "$@"; exit 1;; esac',
    )
    await expect(tool({ machine }).restore(report)).rejects.toMatchObject({
      code: 'rollback-failed',
      databaseState: 'incomplete',
      next: expect.stringContaining('incomplete'),
    })
    expect(await tool().restore(report)).toMatchObject({ revision: OLD })
    expect(await checksum()).toEqual(sums)
  }, 60_000)

  it('goes on with a restore when the command is stopped from outside', async () => {
    const machine = testMachine(env)
    machine.stop(new Error('SIGTERM'))
    expect(await tool({ machine }).restore(report)).toMatchObject({ revision: OLD })
    await expect(tool({ machine }).make('stopped', FACTS)).rejects.toThrow('SIGTERM')
  }, 60_000)

  it('is the same whatever the rows hold', async () => {
    await mariadb.sql(
      `CREATE TABLE odd (id INT PRIMARY KEY, text LONGTEXT, bytes LONGBLOB, moment DATETIME(6), nothing TEXT) DEFAULT CHARSET=utf8mb4;
      INSERT INTO odd VALUES (1, 'it''s \\\\ "quoted"\\n-- Dump completed\\nINSERT INTO \`odd\` VALUES (2,''x''),(3', x'00ff1f8b275c0a', '2026-01-02 03:04:05.6', NULL), (2, 'Grüße 🎉, a, b);', '', NULL, ''), (3, REPEAT('a,\\'(', 400000), NULL, '2026-01-02 03:04:05', 'NULL')`,
      'zenml',
    )
    const odd = await tool({ verify: 'restore' }).make('odd', FACTS)
    expect((await tool().find('odd')).manifest.tables?.['odd']?.rows).toBe(3)
    expect(await tool().writtenSince?.(odd)).toEqual({})
    await mariadb.sql(
      "UPDATE odd SET bytes = x'00ff1f8b275c0b' WHERE id = 1; UPDATE odd SET nothing = 'null' WHERE id = 3; INSERT INTO odd (id) VALUES (4); DELETE FROM odd WHERE id = 2",
      'zenml',
    )
    expect(await tool().writtenSince?.(odd)).toEqual({ odd: 3, 'odd (deleted)': 1 })
    await tool().restore(odd)
    expect(await tool().writtenSince?.(odd)).toEqual({})
    await mariadb.sql('DROP TABLE odd', 'zenml')
    await expect(tool().writtenSince?.(odd)).rejects.toThrow('odd')
  }, 60_000)
})
