// Every row of every table, read without any code of the product, and compared row by row.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { TestMariadb } from './mariadb.ts'

const execute = promisify(execFile)

interface Table {
  readonly key: readonly string[]
  readonly rows: readonly Readonly<Record<string, string | null>>[]
}
export type EveryRow = Readonly<Record<string, Table>>

const SQLITE = `
import json, sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.row_factory = sqlite3.Row
text = lambda v: v if v is None else (v.hex() if isinstance(v, bytes) else str(v))
out = {}
for (table,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
    info = c.execute(f'PRAGMA table_info("{table}")').fetchall()
    key = [i["name"] for i in info if i["pk"]]
    rows = [{k: text(r[k]) for k in r.keys()} for r in c.execute(f'SELECT * FROM "{table}"')]
    out[table] = {"key": key, "rows": rows}
json.dump(out, sys.stdout)
`

export async function everyRowOfSqlite(path: string): Promise<EveryRow> {
  const { stdout } = await execute('python3', ['-c', SQLITE, path], { maxBuffer: 512 * 1024 ** 2 })
  return JSON.parse(stdout) as EveryRow
}

export async function everyRowOfMariadb(mariadb: TestMariadb, database: string): Promise<EveryRow> {
  const columns = await mariadb.sql(
    `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_KEY FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${database}'`,
  )
  const tables: Record<string, Table> = {}
  for (const table of new Set(columns.map(([name = '']) => name))) {
    const own = columns.filter(([name]) => name === table)
    const names = own.map(([, column = '']) => column)
    const values = names.map((name) => `IFNULL(CONCAT('x', HEX(\`${name}\`)), 'NULL')`)
    const found = await mariadb.sql(`SELECT ${values.join(', ')} FROM \`${table}\``, database)
    tables[table] = {
      key: own.filter(([, , key]) => key === 'PRI').map(([, column = '']) => column),
      rows: found.map((row) =>
        Object.fromEntries(
          names.map((name, index) => [name, row[index] === 'NULL' ? null : (row[index] ?? null)]),
        ),
      ),
    }
  }
  return tables
}

/** Only the server itself writes these. */
const SERVERS_OWN = [
  'alembic_version',
  'api_transaction',
  'api_transaction_result',
  'flavor',
  'server_settings',
]
/** What a login writes. */
const BY_LOGIN = ['api_key.last_login', 'api_key.updated']

/** `table`, `table: row` and `table.column` for what is gone or different, sorted; and the totals. */
export function compareEveryRow(
  before: EveryRow,
  after: EveryRow,
): { differences: string[]; rows: number } {
  const differences = new Set<string>()
  let rows = 0
  for (const [table, { key, rows: old }] of Object.entries(before)) {
    if (SERVERS_OWN.includes(table) || old.length === 0) continue
    const now = after[table]
    if (now === undefined) {
      differences.add(table)
      continue
    }
    const keyOf = (row: Readonly<Record<string, string | null>>) =>
      JSON.stringify(key.map((column) => row[column]))
    const live = new Map(now.rows.map((row) => [keyOf(row), row]))
    for (const row of old) {
      rows += 1
      const found = live.get(keyOf(row))
      if (found === undefined) differences.add(`${table}: row`)
      else
        for (const [column, value] of Object.entries(row))
          if (found[column] !== value && !BY_LOGIN.includes(`${table}.${column}`))
            differences.add(`${table}.${column}`)
    }
  }
  return { differences: [...differences].sort(), rows }
}
