import { planComparison, written, type TablePair } from './comparison.ts'
import { readDump, type DumpVisitor } from './dump-reader.ts'
import { tablesOf, type BackupManifest } from './manifest.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { identifier, literal } from './mysql-text.ts'
import { digestOf, digestSql, IN_UTC, readTypes, type ColumnType } from './mysql-digest.ts'
import { readRevision, readSchema } from './mysql-tables.ts'

/**
 * Compares the rows of a dump with those of the live database, one table after the other. @throws
 * NotCountable
 */
export async function countWritten(
  live: MysqlConnection,
  path: string,
  manifest: BackupManifest,
): Promise<Record<string, number>> {
  const plan = planComparison(tablesOf(manifest), await readSchema(live), {
    backup: manifest.revision,
    live: (await readRevision(live)) ?? null,
  })
  const types = await readTypes(live)
  const pairs = new Map(plan.pairs.map((pair) => [pair.table, pair]))
  const counts: [string, number][] = []
  let rows = new Map<string, string>()
  const visitor: DumpVisitor = {
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
  }
  await live.machine.log.progress('count what was written since the backup', (show) =>
    readDump(path, visitor, show),
  )
  for (const { table, created, usersColumn } of plan.fresh) {
    const conditions = [
      ...(created !== null && manifest.newest !== null
        ? [`${identifier(created)} > ${literal(manifest.newest)}`]
        : []),
      ...(usersColumn === null ? [] : [`${identifier(usersColumn)} <> 0`]),
    ]
    const [[count] = []] = await live.query(
      `${IN_UTC}SELECT COUNT(*) FROM ${identifier(table)}${where(conditions)}`,
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
    `${IN_UTC}SELECT ${digestSql(pair.key, types)}, ${digestSql(pair.compared, types)} FROM ${identifier(pair.live)}${where(users)}`,
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
