import {
  BOOKKEEPING_COLUMNS,
  BOOKKEEPING_TABLES,
  RENAMED_TABLES,
  UPDATED_IS_NOT_KEPT,
  USERS_ROWS,
} from './bookkeeping.ts'
import { NotCountable } from './not-countable.ts'

/** What has to be known of a table to compare it. */
export interface TableShape {
  readonly rows: number
  readonly columns: readonly string[]
  /** Columns of the primary key. */
  readonly key: readonly string[]
}
export type Schema = Readonly<Record<string, TableShape>>

/** A table that is in the backup and in the live database, and how its rows are matched. */
export interface Matched {
  readonly table: string
  /** Its name in the live database; another one when a migration renamed it. */
  readonly live: string
  readonly key: readonly string[]
  /** Only rows where this column is not 0 are users' rows; null: all rows. */
  readonly usersColumn: string | null
}

export interface TablePair extends Matched {
  /** A row whose key is on both sides was changed when one of these differs. */
  readonly compared: readonly string[]
}

/**
 * A table that the migration made. Rows it copied keep their old `created`; rows without that
 * column all count.
 */
interface FreshTable {
  readonly table: string
  readonly created: string | null
  readonly usersColumn: string | null
}

export interface Comparison {
  readonly pairs: readonly TablePair[]
  readonly fresh: readonly FreshTable[]
}

/**
 * How to find what users wrote between a backup and now. Where the schema is still the backup's,
 * whole rows are compared. After a migration `updated` decides, because a migration rewrites
 * content by itself.
 * @throws NotCountable when the migration dropped a users' table that had rows, or took away its
 * key
 */
export function planComparison(
  backup: Schema,
  live: Schema,
  revisions: { readonly backup: string | null; readonly live: string | null },
): Comparison {
  const tables = Object.keys(backup).filter(isUsers)
  const migrated =
    revisions.backup === null ||
    revisions.backup !== revisions.live ||
    tables.some((table) => !sameColumns(backup[table], live[table]))
  const gone: string[] = []
  const pairs: TablePair[] = []
  for (const table of tables.sort()) {
    const before = backup[table]
    const name = liveNameOf(table, live)
    const after = live[name]
    if (before === undefined) continue
    if (after === undefined) {
      // What was written in it before the migration dropped it cannot be known; an empty one is
      // taken to have stayed empty.
      if (before.rows > 0) gone.push(table)
      continue
    }
    if (before.key.length === 0 || before.key.some((column) => !after.columns.includes(column))) {
      if (before.rows === 0 && after.rows === 0) continue
      throw new NotCountable(
        `The rows of the table ${table} cannot be matched with the backup: its key is ${before.key.join(', ') || 'missing'}.`,
      )
    }
    pairs.push({
      table,
      live: name,
      key: before.key,
      compared: comparedColumns(table, before, after, migrated),
      usersColumn: usersColumn(table, before, after),
    })
  }
  if (gone.length > 0)
    throw new NotCountable(
      `Tables that had rows in the backup are gone from the live database: ${gone.join(', ')}. What was written in them is not known.`,
    )
  const paired = new Set(pairs.map((pair) => pair.live))
  const fresh = Object.entries(live)
    .filter(([table]) => isUsers(table) && backup[table] === undefined && !paired.has(table))
    .map(([table, shape]) => ({
      table,
      created: shape.columns.includes('created') ? 'created' : null,
      usersColumn: usersColumn(table, shape),
    }))
  return { pairs, fresh: fresh.sort((a, b) => (a.table < b.table ? -1 : 1)) }
}

/** False for tables that only the server itself writes. */
export function isUsers(table: string): boolean {
  return BOOKKEEPING_TABLES[table] === undefined
}

/** Name of a table of the backup in the live database, which may not have it. */
export function liveNameOf(table: string, live: Schema): string {
  return live[table] === undefined ? (RENAMED_TABLES[table] ?? table) : table
}

function comparedColumns(
  table: string,
  before: TableShape,
  after: TableShape,
  migrated: boolean,
): string[] {
  const ignored = BOOKKEEPING_COLUMNS[table]?.columns ?? []
  const shared = before.columns.filter(
    (column) =>
      after.columns.includes(column) && !before.key.includes(column) && !ignored.includes(column),
  )
  const stamped = shared.includes('updated') && UPDATED_IS_NOT_KEPT[table] === undefined
  return migrated && stamped ? ['updated'] : shared
}

/** Column that is 0 in the server's own rows of a table; null where all rows are users'. */
export function usersColumn(table: string, ...shapes: TableShape[]): string | null {
  const column = USERS_ROWS[table]?.column
  return column !== undefined && shapes.every((shape) => shape.columns.includes(column))
    ? column
    : null
}

function sameColumns(before: TableShape | undefined, after: TableShape | undefined): boolean {
  return (
    before !== undefined &&
    after !== undefined &&
    [...before.columns].sort().join() === [...after.columns].sort().join()
  )
}

/** Counts of one table as keys of a result; nothing for a table without a difference. */
export function written(
  table: string,
  counts: { readonly added: number; readonly changed: number; readonly deleted: number },
): [string, number][] {
  const entries: [string, number][] = [
    [table, counts.added + counts.changed],
    [`${table} (deleted)`, counts.deleted],
  ]
  return entries.filter(([, count]) => count > 0)
}
