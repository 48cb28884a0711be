// Fills a MariaDB database, whose tables a server of the same version has made, with the rows of a
// SQLite database.
import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { TestMariadb } from './mariadb.ts'

const execute = promisify(execFile)

const SCRIPT = `
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
def value(v):
    if v is None: return "NULL"
    if isinstance(v, (int, float)): return repr(v)
    return "0x" + (v if isinstance(v, bytes) else v.encode()).hex() if len(v) else "''"
print("SET FOREIGN_KEY_CHECKS = 0;")
for (table,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'").fetchall():
    columns = ", ".join(f"\`{i[1]}\`" for i in c.execute(f'PRAGMA table_info("{table}")'))
    print(f"DELETE FROM \`{table}\`;")
    for row in c.execute(f'SELECT * FROM "{table}"'):
        print(f"INSERT INTO \`{table}\` ({columns}) VALUES ({', '.join(map(value, row))});")
`

export async function copyToMariadb(
  path: string,
  mariadb: TestMariadb,
  database: string,
): Promise<void> {
  const { stdout } = await execute('python3', ['-c', SCRIPT, path], { maxBuffer: 256 * 1024 ** 2 })
  const file = `${path}.sql`
  await writeFile(file, stdout)
  await mariadb.sql(`source ${file}`, database)
  await rm(file)
}
