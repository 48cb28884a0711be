import { createHash } from 'node:crypto'
import { planComparison, written, type TablePair } from './comparison.ts'
import { readDump, type DumpedTable } from './dump-reader.ts'
import { valueOf, type Token } from './dump-rows.ts'
import type { BackupManifest } from './manifest.ts'
import { identifier, literal, type MysqlConnection } from './mysql-connection.ts'
import { readRevision, readSchema } from './mysql-tables.ts'
import { NotCountable } from './not-countable.ts'

/** Digits of a digest that tell rows apart; 128 bits. */
const DIGITS = 32

type ColumnType = 'time' | 'bytes' | 'text'

/**
 * Compares the rows of a dump with those of the live database, one table after the other. @throws
 * NotCountable
 */
export async function countWritten(
  live: MysqlConnection,
  path: string,
  manifest: BackupManifest,
): Promise<Record<string, number>> {
  if (manifest.tables === null)
    throw new NotCountable(
      `The manifest of the backup ${manifest.report.id} does not list the tables.`,
    )
  const plan = planComparison(manifest.tables, await readSchema(live), {
    backup: manifest.revision,
    live: (await readRevision(live)) ?? null,
  })
  const types = await readTypes(live)
  const pairs = new Map(plan.pairs.map((pair) => [pair.table, pair]))
  const counts: [string, number][] = []
  let rows = new Map<string, string>()
  await readDump(path, {
    table() {
      rows = new Map()
    },
    row(table, tokens) {
      const pair = pairs.get(table.table)
      if (
        pair === undefined ||
        (pair.usersColumn !== null && tokens[table.columns.indexOf(pair.usersColumn)] === '0')
      )
        return
      rows.set(
        digestOf(pair.key, table, tokens, types[pair.live]),
        digestOf(pair.compared, table, tokens, types[pair.live]),
      )
    },
    async endOfTable({ table }) {
      const pair = pairs.get(table)
      if (pair !== undefined)
        counts.push(...written(table, await compareTable(live, pair, rows, types[pair.live] ?? {})))
    },
  })
  for (const { table, created, usersColumn } of plan.fresh) {
    const conditions = [
      ...(created !== null && manifest.newest !== null
        ? [`${identifier(created)} > ${literal(manifest.newest)}`]
        : []),
      ...(usersColumn === null ? [] : [`${identifier(usersColumn)} <> 0`]),
    ]
    const [[count] = []] = await live.query(
      `SELECT COUNT(*) FROM ${identifier(table)}${where(conditions)}`,
    )
    counts.push(...written(table, { added: Number(count), changed: 0, deleted: 0 }))
  }
  return Object.fromEntries(counts)
}

async function compareTable(
  live: MysqlConnection,
  pair: TablePair,
  backup: Map<string, string>,
  types: Readonly<Record<string, ColumnType>>,
): Promise<{ added: number; changed: number; deleted: number }> {
  let [added, changed] = [0, 0]
  const users = pair.usersColumn === null ? [] : [`${identifier(pair.usersColumn)} <> 0`]
  await live.eachRow(
    `SELECT ${digestSql(pair.key, types)}, ${digestSql(pair.compared, types)} FROM ${identifier(pair.live)}${where(users)}`,
    ([key = '', content]) => {
      const before = backup.get(key)
      if (before === undefined) added += 1
      else if (before !== content) changed += 1
      backup.delete(key)
    },
  )
  return { added, changed, deleted: backup.size }
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
}

async function readTypes(
  live: MysqlConnection,
): Promise<Record<string, Record<string, ColumnType>>> {
  const types: Record<string, Record<string, ColumnType>> = {}
  for (const [table = '', column = '', type = ''] of await live.query(
    'SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()',
  )) {
    const kind = /^(datetime|timestamp)$/i.test(type)
      ? 'time'
      : /blob|binary|bit/i.test(type)
        ? 'bytes'
        : 'text'
    types[table] = { ...types[table], [column]: kind }
  }
  return types
}

// The two sides of one digest: the server works it out for the live rows, so that no content has to
// travel; we do for the dump.

function digestSql(
  columns: readonly string[],
  types: Readonly<Record<string, ColumnType>>,
): string {
  if (columns.length === 0) return "''"
  const parts = columns.map((column) => {
    const name = identifier(column)
    const value = {
      time: `DATE_FORMAT(${name}, '%Y-%m-%d %H:%i:%s.%f')`,
      bytes: name,
      text: `CONVERT(${name} USING utf8mb4)`,
    }[types[column] ?? 'text']
    return `IFNULL(SHA2(${value}, 256), 'N')`
  })
  return `LEFT(SHA2(CONCAT(${parts.join(', ')}), 256), ${DIGITS})`
}

function digestOf(
  columns: readonly string[],
  table: DumpedTable,
  tokens: readonly Token[],
  types: Readonly<Record<string, ColumnType>> | undefined,
): string {
  if (columns.length === 0) return ''
  const parts = columns.map((column) => {
    const value = valueOf(tokens[table.columns.indexOf(column)] ?? 'NULL')
    if (value === null) return 'N'
    return sha256(types?.[column] === 'time' ? withMicroseconds(value) : value)
  })
  return sha256(parts.join('')).slice(0, DIGITS)
}

/** A migration may give a column more digits; the moment stays the same. */
function withMicroseconds(time: string): string {
  const [seconds = '', fraction = ''] = time.split('.')
  return `${seconds}.${fraction.padEnd(6, '0')}`
}

function sha256(bytes: string): string {
  return createHash('sha256').update(bytes, 'latin1').digest('hex')
}
