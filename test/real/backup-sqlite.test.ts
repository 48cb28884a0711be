import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupReport } from '../../src/result/upgrade.ts'
import { NotCountable } from '../../src/backup/not-countable.ts'
import { createBackup } from '../../src/backup/backup.ts'
import type { BackupFacts, BackupTool } from '../../src/backup/types.ts'
import { WRITTEN_LATER, inventory, preparedForEdits, writeAsUser } from '../support/backup-facts.ts'
import { runLimited } from '../support/limited.ts'
import { testMachine, type TestMachine } from '../support/machine.ts'
import { seededOldServer } from '../support/seed.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'

const FACTS: BackupFacts = { serverId: null, version: OLD, counts: null, revision: OLD }

let directory: string
let path: string
let to: string
let apiKey: string
const tool = (machine: TestMachine = testMachine(process.env)): BackupTool =>
  createBackup(
    { sqlite: { path, to } },
    {
      machine,
      environment: 'staging',
      reportDirectory: join(directory, 'report'),
      workingDirectory: directory,
    },
  )

async function prepare(): Promise<void> {
  const seeded = await seededOldServer()
  directory = seeded.directory
  path = seeded.databasePath
  apiKey = seeded.apiKey
  to = join(directory, 'backups')
}

/** Python's sqlite3 as a second opinion, independent of the code under test. */
async function python(script: string, ...args: string[]): Promise<string> {
  const child = spawn('python3', ['-c', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = (await event(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`exit code ${String(code)}: ${script}`)
  return output.trim()
}
const sql = (database: string, statement: string) =>
  python(
    'import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\nfor row in c.execute(sys.argv[2]): print(*row)',
    database,
    statement,
  )

describe('a SQLite backup of real servers', () => {
  const servers: TestServer[] = []
  const serve = async (version: string) => {
    const server = await startServer({ version, directory, apiKey })
    servers.push(server)
    return server
  }
  beforeAll(prepare, 240_000)
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await rm(directory, { recursive: true, force: true })
  })

  it('is complete, verified, found again, counts what users write, and puts everything back after a migration', async () => {
    const old = await serve(OLD)
    await preparedForEdits(old.admin)
    const before = await inventory(old)
    for (const check of await tool().preflight(OLD))
      expect(check).toMatchObject({ status: 'passed' })

    const report = await tool().make('staging-1', {
      ...FACTS,
      serverId: before.id,
      counts: { pipelines: 2 },
    })
    expect(report).toMatchObject({
      id: 'staging-1',
      kind: 'sqlite',
      verified: 'checksum',
      location: join(to, 'staging-1', 'zenml.db'),
    })
    expect((await stat(report.location)).size).toBe(report.bytes)
    expect((await stat(report.location)).mode & 0o077).toBe(0)
    expect(await sql(report.location, 'SELECT COUNT(*) FROM pipeline_snapshot')).toBe(
      await sql(path, 'SELECT COUNT(*) FROM pipeline_snapshot'),
    )
    const found = await tool().find('staging-1')
    expect(found.report).toEqual(report)
    expect(found.manifest).toMatchObject({
      'server-id': before.id,
      version: OLD,
      revision: OLD,
      counts: { pipelines: 2 },
    })
    expect(found.manifest.tables?.['pipeline_run']?.rows).toBe(before.runs)
    expect((await readdir(join(to, 'staging-1'))).sort()).toEqual(['manifest.json', 'zenml.db'])

    // Reading and logging in writes, but nothing of users.
    await inventory(old)
    expect(await tool().writtenSince?.(report)).toEqual({})
    await old.stop()

    const upgraded = await serve(NEW)
    expect(await tool().revision?.()).toBe(NEW)
    await inventory(upgraded)
    expect(await tool().writtenSince?.(report)).toEqual({})

    await writeAsUser(upgraded.admin)
    expect(await tool().writtenSince?.(report)).toEqual(WRITTEN_LATER)
    await upgraded.stop()

    const replaced = await tool().restore(report)
    expect(replaced).toMatchObject({ replacedAt: `${path}.replaced-staging-1`, revision: OLD })
    expect(await sql(`${path}.replaced-staging-1`, 'SELECT version_num FROM alembic_version')).toBe(
      NEW,
    )
    const again = await serve(OLD)
    expect(await inventory(again)).toEqual(before)
    await again.stop()
  }, 400_000)
})

describe('a SQLite backup of a file', () => {
  beforeEach(prepare, 240_000)
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  it('is one moment of the database while others write', async () => {
    const tables = ['one_side', 'other_side']
    for (const table of tables)
      await sql(path, `CREATE TABLE ${table} (id TEXT PRIMARY KEY, updated TEXT)`)
    // The two tables are written together: a backup that has a row of one without the other is of
    // no one moment.
    const writer = spawn(
      'python3',
      [
        '-c',
        `
import sqlite3, sys, time, uuid
c = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
while True:
    c.execute("BEGIN IMMEDIATE")
    for table in sys.argv[2:]:
        c.execute(f"INSERT INTO {table} VALUES (?, '2026-01-01')", (uuid.uuid4().hex,))
    c.execute("COMMIT")
    print("written", flush=True)
    time.sleep(0.005)
`,
        path,
        ...tables,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    await event(writer.stdout, 'data')
    writer.stdout.resume()
    for (const id of ['one', 'two', 'three']) {
      const report = await tool().make(id, FACTS)
      const { manifest } = await tool().find(id)
      const [one, other] = tables.map((table) => manifest.tables?.[table]?.rows)
      expect(one).toBeGreaterThan(0)
      expect(other).toBe(one)
      const counted = await tool().writtenSince?.(report)
      expect(counted?.['one_side']).toBeGreaterThan(0)
      expect(counted?.['other_side']).toBe(counted?.['one_side'])
    }
    writer.kill('SIGKILL')
  }, 120_000)

  it('takes away what lies beside the database, and is safe to repeat', async () => {
    const report = await tool().make('one', FACTS)
    await sql(path, "UPDATE alembic_version SET version_num = '0.96.3'")
    for (const suffix of ['-journal', '-wal', '-shm'])
      await writeFile(`${path}${suffix}`, 'of the broken migration')
    await writeFile(join(directory, 'zenml-backup.db'), 'stale')
    expect(await tool().restore(report)).toMatchObject({
      replacedAt: `${path}.replaced-one`,
      revision: OLD,
    })
    const beside = (await readdir(directory)).filter((name) => name.startsWith('zenml')).sort()
    expect(beside).toEqual([
      'zenml-backup.db.replaced-one',
      'zenml.db',
      ...['', '-journal', '-shm', '-wal'].map((suffix) => `zenml.db.replaced-one${suffix}`),
    ])
    // Nothing to do any more.
    expect(await tool().restore(report)).toEqual({
      replacedAt: null,
      revision: OLD,
      leftOut: [],
      leftOutFile: null,
    })
    // A later restore of the same backup keeps the later database, and the first one too.
    await sql(path, "UPDATE alembic_version SET version_num = 'later'")
    expect(await tool().restore(report)).toMatchObject({ replacedAt: `${path}.replaced-one-2` })
  }, 60_000)

  it('goes on with a restore when the command is stopped from outside', async () => {
    const report = await tool().make('one', FACTS)
    await sql(path, 'DELETE FROM pipeline')
    const machine = testMachine(process.env)
    machine.stop(new Error('SIGTERM'))
    expect(await tool(machine).restore(report)).toMatchObject({ revision: OLD })
    await expect(tool(machine).make('two', FACTS)).rejects.toThrow('SIGTERM')
    expect(await readdir(to)).toEqual(['one'])
  }, 60_000)

  it('refuses a backup that is not what was written', async () => {
    const report = await tool().make('one', FACTS)
    await tool().verifyStillThere(report)
    const live = await readFile(path)
    const bytes = await readFile(report.location)
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000)
    await writeFile(report.location, bytes)
    await expect(tool().verifyStillThere(report)).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('checksum'),
    })
    await expect(tool().restore(report)).rejects.toMatchObject({
      code: 'rollback-failed',
      databaseState: 'untouched',
    })
    await expect(tool().writtenSince?.(report)).rejects.toBeInstanceOf(NotCountable)
    await appendFile(report.location, 'x')
    await expect(tool().verifyStillThere(report)).rejects.toMatchObject({
      message: expect.stringContaining('bytes'),
    })
    await rm(report.location)
    await expect(tool().verifyStillThere(report)).rejects.toMatchObject({
      message: expect.stringContaining('gone'),
    })
    await writeFile(join(to, 'one', 'manifest.json'), '{"schema-version": 2}')
    await expect(tool().find('one')).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('damaged'),
    })
    await expect(tool().find('two')).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('no backup two'),
    })
    expect(await readFile(path)).toEqual(live)
  }, 60_000)

  it('fails, and leaves nothing, when the disk is full', async () => {
    await mkdir(to)
    const size = (await stat(path)).size
    const result = await runLimited({
      config: { sqlite: { path, to } },
      directory,
      facts: FACTS,
      fileBytes: size / 2,
    })
    expect(result).toMatchObject({ code: 'backup-failed', message: expect.stringMatching(/disk/) })
    expect(await readdir(to)).toEqual([])
  }, 60_000)

  it('never overwrites a backup, and clears what an attempt that died left behind', async () => {
    await mkdir(join(to, 'one'), { recursive: true })
    await writeFile(join(to, 'one', 'zenml.db.partial'), 'half')
    const report: BackupReport = await tool().make('one', FACTS)
    await expect(tool().make('one', FACTS)).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('never overwritten'),
    })
    await tool().verifyStillThere(report)
  }, 60_000)

  it('holds views, triggers, generated columns and virtual tables, and counts nothing in them', async () => {
    const objects = `CREATE TABLE team_costs (id INT PRIMARY KEY, price INT, qty INT, total INT AS (price * qty) STORED, half INT AS (price / 2));
      INSERT INTO team_costs (id, price, qty) VALUES (1, 2, 3), (2, 4, 5);
      CREATE VIEW dashboard AS SELECT name FROM pipeline; CREATE VIEW broken AS SELECT * FROM gone;
      CREATE TRIGGER audit AFTER DELETE ON team_costs BEGIN INSERT INTO gone VALUES (OLD.id); END;
      CREATE VIRTUAL TABLE notes USING fts5(text); INSERT INTO notes VALUES ('a note');
      PRAGMA writable_schema = ON;
      INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING not_installed(x)')`
    await python(
      'import sqlite3,sys\nsqlite3.connect(sys.argv[1]).executescript(sys.argv[2])',
      path,
      objects,
    )
    const listed = () => sql(path, 'SELECT type, name FROM sqlite_master ORDER BY 1, 2')
    const before = await listed()
    const report = await tool().make('one', FACTS)
    expect(await tool().writtenSince?.(report)).toEqual({})
    expect(await tool().lostSince?.(report)).toMatchObject({ lost: [] })
    await sql(path, 'UPDATE team_costs SET price = 7 WHERE id = 2')
    expect(await tool().writtenSince?.(report)).toEqual({ team_costs: 1 })
    await sql(path, 'DROP VIEW dashboard')
    await tool().restore(report)
    expect(await listed()).toBe(before)
    expect(await tool().writtenSince?.(report)).toEqual({})
  }, 60_000)

  it('says that the database is whole when only the check after a restore fails', async () => {
    const report = await tool().make('one', FACTS)
    await sql(path, 'DELETE FROM pipeline')
    const machine = testMachine({ PATH: to })
    await expect(tool(machine).restore(report)).rejects.toMatchObject({
      code: 'rollback-failed',
      databaseState: 'complete',
      next: expect.stringContaining('holds the whole backup'),
    })
    expect(await tool().writtenSince?.(report)).toEqual({})
  }, 60_000)

  it('cannot count what was written in a table that is gone', async () => {
    const report = await tool().make('one', FACTS)
    await sql(path, 'DROP TABLE pipeline_snapshot')
    await expect(tool().writtenSince?.(report)).rejects.toThrow('pipeline_snapshot')
  }, 60_000)

  it('names before the first change what would keep it from working', async () => {
    const failed = async (machine = testMachine(process.env), version = OLD) =>
      (await tool(machine).preflight(version))
        .filter(({ status }) => status === 'failed')
        .map(({ name, message }) => `${name}: ${message}`)
    expect(await failed()).toEqual([])
    expect(
      await failed(testMachine({ ...process.env, RUNNER_ENVIRONMENT: 'github-hosted' })),
    ).toEqual([expect.stringContaining('GitHub-hosted runner')])
    expect(await failed(testMachine({ ...process.env, RUNNER_TEMP: directory }))).toEqual([
      expect.stringContaining('RUNNER_TEMP'),
    ])
    expect(await failed(testMachine({ PATH: to }))).toEqual([expect.stringContaining('no Python')])
    expect(await failed(undefined, NEW)).toEqual([
      `database revision: the database is at revision ${OLD}, the server reports ${NEW}`,
    ])
    await writeFile(join(directory, 'zenml-backup.db'), 'stale')
    expect(await failed()).toEqual([expect.stringContaining('old automatic backup')])
    await rm(join(directory, 'zenml-backup.db'))
    to = join(directory, 'report', 'backups')
    expect(await failed()).toEqual([expect.stringContaining('report directory')])
    to = join(directory, 'not-mounted', 'backups')
    expect(await failed()).toEqual([expect.stringContaining('does not exist')])
    to = join(directory, 'backups')
    await sql(path, 'DROP TABLE alembic_version')
    expect(await failed()).toEqual([expect.stringContaining('no alembic_version')])
    await writeFile(path, 'not a database at all')
    expect(await failed()).toEqual([expect.stringContaining('file is not a database')])
    await rm(path)
    expect(await failed()).toEqual([expect.stringContaining('not a file on this machine')])
  }, 60_000)
})
