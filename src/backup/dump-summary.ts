import { createHash, type Hash } from 'node:crypto'
import type { Show } from '../runtime/progress.ts'
import type { Schema, TableShape } from './comparison.ts'
import type { DatabaseObject } from './dump-objects.ts'
import { readDump, type DumpedTable, type DumpVisitor } from './dump-reader.ts'
import { valueOf, type Token } from './dump-rows.ts'

export interface LongestStatement {
  readonly table: string
  readonly bytes: number
}

/** What a dump holds, worked out from the dump itself. */
export interface DumpSummary {
  readonly tables: Schema
  /**
   * SHA-256 over all rows of a table, by table: equal for two dumps of equal content by the same
   * program.
   */
  readonly hashes: Readonly<Record<string, string>>
  readonly revision: string | null
  /** The longest `INSERT`, or null when there is none. */
  readonly longest: LongestStatement | null
  readonly objects: readonly DatabaseObject[]
  /** The latest `created` or `updated` of any row. */
  readonly newest: string | null
}

/** Reads a dump whole. @throws BrokenDump */
export async function summarize(path: string, show?: Show): Promise<DumpSummary> {
  const { visitor, summary } = summarizer()
  await readDump(path, visitor, show)
  return summary()
}

/** A visitor that collects a summary, for a dump that is read anyhow. */
export function summarizer(): { visitor: DumpVisitor; summary: () => DumpSummary } {
  const tables: Record<string, TableShape & { rows: number }> = {}
  const hashes: Record<string, Hash> = {}
  let stampColumns: number[] = []
  let revision: string | null = null
  let newest: string | null = null
  let longest: LongestStatement | null = null
  let objects: readonly DatabaseObject[] = []
  const visitor = {
    table(table: DumpedTable) {
      tables[table.table] = { rows: 0, columns: table.columns, key: table.key }
      hashes[table.table] = createHash('sha256')
      stampColumns = ['created', 'updated']
        .map((column) => table.columns.indexOf(column))
        .filter((index) => index !== -1)
    },
    row({ table }: DumpedTable, tokens: readonly Token[]) {
      const shape = tables[table]
      if (shape === undefined) return
      shape.rows += 1
      hashes[table]?.update(tokens.join(), 'latin1').update('\n')
      if (table === 'alembic_version') revision = valueOf(tokens[0] ?? 'NULL')
      for (const index of stampColumns) {
        const stamp = valueOf(tokens[index] ?? 'NULL')
        if (stamp !== null && (newest === null || stamp > newest)) newest = stamp
      }
    },
    statement({ table }: DumpedTable, bytes: number) {
      if (longest === null || bytes > longest.bytes) longest = { table, bytes }
    },
    objects(found: readonly DatabaseObject[]) {
      objects = found
    },
  }
  const summary = () => ({
    tables,
    longest,
    objects,
    hashes: Object.fromEntries(
      Object.entries(hashes).map(([table, hash]) => [table, hash.copy().digest('hex')]),
    ),
    revision,
    newest,
  })
  return { visitor, summary }
}
