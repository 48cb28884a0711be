import { readDump, type DumpedTable, type DumpVisitor } from './dump-reader.ts'
import type { Token } from './dump-rows.ts'
import { columnsOf, judgeLosses, type TableFindings } from './loss-judgement.ts'
import { planLosses, type KeptTable } from './loss-plan.ts'
import { tablesOf, type BackupManifest } from './manifest.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { identifier } from './mysql-text.ts'
import {
  digestOf,
  digestSql,
  dumpedValue,
  IN_UTC,
  readTypes,
  SHORT,
  shortDigestsOf,
  shortDigestsSql,
  valueSql,
  type ColumnType,
} from './mysql-digest.ts'
import { readRevision, readSchema } from './mysql-tables.ts'
import type { DatabaseComparison } from './types.ts'

/** Rows of a dump that are in memory at a time, as digests: some ten megabytes. */
const CHUNK = 20_000
const MOST_EXAMPLES = 2

/** A row of the dump that has not been seen in the live database yet. */
interface KeptRow {
  /** First column of its key. */
  readonly id: string
  readonly stamp: string
  readonly digests: string
  readonly mayVanish: boolean
}

/** What is known of a table while its rows are read. */
interface Reading {
  readonly kept: KeptTable
  readonly types: Readonly<Record<string, ColumnType>>
  readonly rows: Map<string, KeptRow>
  /** Keys of the first and last row in memory, each column as SQL. */
  first: readonly string[]
  last: readonly string[]
  missing: number
  changed: number
  readonly examples: string[]
  readonly differing: number[]
}

/**
 * Looks for every row of a dump in the live database. The dump is in the order of its primary keys,
 * so each part of it is compared with the live rows between its first and its last key.
 */
export async function compareWithDump(
  live: MysqlConnection,
  path: string,
  manifest: BackupManifest,
): Promise<DatabaseComparison> {
  const tables = tablesOf(manifest)
  const plan = planLosses(tables, await readSchema(live), {
    backup: manifest.revision,
    live: (await readRevision(live)) ?? null,
  })
  const types = await readTypes(live)
  const kept = new Map(plan.kept.map((one) => [one.table, one]))
  const findings: TableFindings[] = []
  let reading: Reading | undefined
  const visitor: DumpVisitor = {
    table({ table }) {
      const one = kept.get(table)
      reading = one === undefined ? undefined : newReading(one, types[one.live] ?? {})
    },
    row(table, tokens) {
      if (reading !== undefined) addRow(reading, table, tokens)
    },
    endOfLine: () =>
      reading !== undefined && reading.rows.size >= CHUNK ? compareRows(live, reading) : undefined,
    async endOfTable({ table }) {
      if (reading === undefined) return
      await compareRows(live, reading)
      const { missing, examples, changed, differing } = reading
      findings.push({ table, missing, examples, changed, differing })
    },
  }
  await live.machine.log.progress('compare the database with the backup', (show) => {
    show(() => `${findings.length} of ${plan.kept.length} tables`)
    return readDump(path, visitor)
  })
  return judgeLosses(plan, tables, findings)
}

function newReading(kept: KeptTable, types: Reading['types']): Reading {
  return {
    kept,
    types,
    rows: new Map(),
    first: [],
    last: [],
    missing: 0,
    changed: 0,
    examples: [],
    differing: columnsOf(kept).map(() => 0),
  }
}

function addRow(reading: Reading, table: DumpedTable, tokens: readonly Token[]): void {
  const { kept, types, rows } = reading
  const token = (column: string) => tokens[table.columns.indexOf(column)] ?? 'NULL'
  if (kept.usersColumn !== null && token(kept.usersColumn) === '0') return
  const key = kept.key.map((column) => sqlOf(token(column)))
  if (rows.size === 0) reading.first = key
  reading.last = key
  rows.set(digestOf(kept.key, table, tokens, types), {
    id: dumpedValue(kept.key[0] ?? '', table, tokens, types) ?? '',
    stamp: kept.stamp === null ? '' : (dumpedValue(kept.stamp, table, tokens, types) ?? ''),
    digests: shortDigestsOf(columnsOf(kept), table, tokens, types),
    mayVanish:
      kept.mayVanishWithout.length > 0 &&
      kept.mayVanishWithout.every((column) => token(column) === 'NULL'),
  })
}

/** A value of a dump is SQL already; only its bytes are text again. */
function sqlOf(token: Token): string {
  return Buffer.from(token, 'latin1').toString('utf8')
}

/** Compares the rows in memory with the live ones and forgets them. */
async function compareRows(live: MysqlConnection, reading: Reading): Promise<void> {
  const { rows } = reading
  if (rows.size === 0) return
  await compareLive(live, reading, ` WHERE ${between(reading)}`)
  // The order of keys may have changed with the collation: what was not found is looked for
  // everywhere before it counts as gone.
  if ([...rows.values()].some(({ mayVanish }) => !mayVanish)) await compareLive(live, reading, '')
  for (const { id, mayVanish } of rows.values()) {
    if (mayVanish) continue
    reading.missing += 1
    if (reading.examples.length < MOST_EXAMPLES) reading.examples.push(id)
  }
  rows.clear()
}

/** SQL for the live rows from the first to the last key. Only the first column finds an index. */
function between({ kept, first, last }: Reading): string {
  const [columns, from, to] = [kept.key.map(identifier), first, last].map((list) => list.join(', '))
  return `${identifier(kept.key[0] ?? '')} BETWEEN ${first[0] ?? ''} AND ${last[0] ?? ''} AND (${columns ?? ''}) >= (${from ?? ''}) AND (${columns ?? ''}) <= (${to ?? ''})`
}

async function compareLive(live: MysqlConnection, reading: Reading, where: string): Promise<void> {
  const { kept, types, rows } = reading
  const stamp = kept.stamp === null ? "''" : `IFNULL(${valueSql(kept.stamp, types)}, '')`
  const digests = shortDigestsSql(columnsOf(kept), types)
  await live.eachRow(
    `${IN_UTC}SELECT ${digestSql(kept.key, types)}, ${stamp}, ${digests} FROM ${identifier(kept.live)}${where}`,
    ([row = '', now = '', found = '']) => {
      const before = rows.get(row)
      if (before === undefined) return
      rows.delete(row)
      const changed = now > before.stamp
      if (changed) reading.changed += 1
      if (found !== before.digests) countDifferences(reading, before.digests, found, changed)
    },
  )
}

function countDifferences(reading: Reading, before: string, found: string, changed: boolean): void {
  const { kept, differing } = reading
  for (const index of differing.keys()) {
    if (changed && index < kept.compared.length) continue
    const [from, to] = [index * SHORT, (index + 1) * SHORT]
    if (before.slice(from, to) !== found.slice(from, to))
      differing[index] = (differing[index] ?? 0) + 1
  }
}
