import { describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createBackup } from '../../src/backup/backup.ts'
import { copyToMariadb } from '../support/copy-to-mariadb.ts'
import { testMachine } from '../support/machine.ts'
import { startMariadb } from '../support/mariadb.ts'
import { seededOldServer } from '../support/seed.ts'
import { OLD, startServer } from '../support/zenml.ts'

const STEP_RUNS = 200_000
const FACTS = { serverId: null, version: OLD, counts: null, revision: OLD }

function contextIn(directory: string, env: Readonly<Record<string, string>> = {}) {
  return {
    machine: testMachine({ ...process.env, ...env }),
    environment: 'staging' as const,
    reportDirectory: join(directory, 'report'),
    workingDirectory: directory,
  }
}

async function seconds(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

const python = (script: string, ...args: string[]) =>
  execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8' })

describe('the comparison of a database with 200,000 step runs', () => {
  it('takes a small multiple of a plain read of SQLite', async () => {
    const { directory, databasePath } = await seededOldServer()
    python(
      `import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
columns = [i[1] for i in c.execute('PRAGMA table_info(step_run)')]
copied = ', '.join('"%s"' % n for n in columns if n not in ('id', 'name'))
c.execute(f"""INSERT INTO step_run (id, name, {copied}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {sys.argv[2]})
  SELECT lower(hex(randomblob(16))), 'step-' || i, {copied} FROM n, (SELECT * FROM step_run LIMIT 1)""")
c.commit()`,
      databasePath,
      String(STEP_RUNS),
    )
    const tool = createBackup(
      { sqlite: { path: databasePath, to: join(directory, 'backups') } },
      contextIn(directory),
    )
    const report = await tool.make('one', FACTS)
    const plain = await seconds(() =>
      python(
        `import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
for (t,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
    for row in c.execute(f'SELECT * FROM "{t}"'): pass`,
        databasePath,
      ),
    )
    const compared = await seconds(() => tool.lostSince?.(report))
    console.info('SQLite', { plain, compared, ratio: compared / plain })
    expect(await tool.lostSince?.(report)).toMatchObject({ lost: [] })
    await rm(directory, { recursive: true, force: true })
  }, 600_000)

  it('takes a small multiple of a dump of MariaDB, in bounded memory', async () => {
    const mariadb = await startMariadb()
    const { directory, databasePath } = await seededOldServer()
    try {
      const databaseUrl = mariadb.url('zenml')
      const empty = await startServer({ version: OLD, directory, databaseUrl, apiKey: 'none' })
      await empty.stop()
      await copyToMariadb(databasePath, mariadb, 'zenml')
      const columns = (
        await mariadb.sql(
          "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'zenml' AND TABLE_NAME = 'step_run'",
        )
      ).map(([name = '']) => name)
      const copied = columns.filter((name) => !['id', 'name'].includes(name)).map((n) => `\`${n}\``)
      await mariadb.sql(
        `INSERT INTO step_run (id, name, ${copied.join(', ')}) SELECT MD5(seq), CONCAT('step-', seq), ${copied.join(', ')} FROM seq_1_to_${STEP_RUNS}, (SELECT * FROM step_run LIMIT 1) AS one`,
        'zenml',
      )
      const to = join(directory, 'backups')
      await mkdir(to)
      const env = { ZENML_DATABASE_URL: databaseUrl, ...mariadb.env }
      const tool = createBackup(
        { mysql: { to, 'url-env': 'ZENML_DATABASE_URL', verify: 'checksum' } },
        contextIn(directory, env),
      )
      const made = await seconds(() => tool.make('one', FACTS))
      const { report } = await tool.find('one')
      const before = process.memoryUsage().rss
      let peak = before
      const timer = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().rss)
      }, 50)
      const written = await seconds(() => tool.writtenSince?.(report))
      const afterWritten = peak - before
      const base = process.memoryUsage().rss
      peak = base
      const compared = await seconds(() => tool.lostSince?.(report))
      clearInterval(timer)
      const megabytes = (peak - base) / 1024 ** 2
      const writtenMegabytes = afterWritten / 1024 ** 2
      console.info('MariaDB', { made, written, compared, megabytes, writtenMegabytes })
      expect(await tool.lostSince?.(report)).toMatchObject({ lost: [] })
      expect(megabytes).toBeLessThan(300)
    } finally {
      await mariadb.stop()
      await rm(directory, { recursive: true, force: true })
    }
  }, 900_000)
})
