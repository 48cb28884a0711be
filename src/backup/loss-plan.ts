import {
  BOOKKEEPING_COLUMNS,
  CHANGED_WITHOUT_STAMP,
  LISTED_COLUMNS,
  LOCATIONS,
} from './bookkeeping.ts'
import {
  isUsers,
  liveNameOf,
  usersColumn,
  type Matched,
  type Schema,
  type TableShape,
} from './comparison.ts'
import { migrationsBetween, type Migrated } from './migrations-between.ts'

/** A table of the backup whose rows must still be there. */
export interface KeptTable extends Matched {
  /** Equal in every row that was not changed since the backup. */
  readonly compared: readonly string[]
  /** Equal in every row; `configuration.path` means the path inside that column. */
  readonly locations: readonly string[]
  /** A row where this is later than in the backup was changed since; null: no column tells. */
  readonly stamp: string | null
  /** False where the server itself moves the stamp: such a row is not counted as changed. */
  readonly countsChanged: boolean
  /** A row may be gone where all of these are NULL; empty: none may. */
  readonly mayVanishWithout: readonly string[]
}

export interface LossPlan {
  readonly kept: readonly KeptTable[]
  /** Tables with rows that are gone, and no migration dropped them. */
  readonly goneTables: readonly string[]
  /** Columns as `table.column` that are gone, and no migration dropped them. */
  readonly goneColumns: readonly string[]
  /** Tables with rows that a migration dropped. */
  readonly dropped: readonly string[]
  /** Tables with rows that cannot be matched, because they have no key on both sides. */
  readonly unmatched: readonly string[]
  /** The migrations in between were not read: only the listed columns are compared by content. */
  readonly onlyListed: boolean
}

/** Decides what of a backup must be found again in the live database. */
export function planLosses(
  backup: Schema,
  live: Schema,
  revisions: { readonly backup: string | null; readonly live: string | null },
): LossPlan {
  const migrated = migrationsBetween(revisions.backup, revisions.live)
  const plan = {
    kept: [] as KeptTable[],
    goneTables: [] as string[],
    goneColumns: [] as string[],
    dropped: [] as string[],
    unmatched: [] as string[],
    onlyListed: migrated === undefined,
  }
  for (const [table, before] of Object.entries(backup).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isUsers(table) || before.rows === 0) continue
    if (migrated?.droppedTables.has(table) === true) {
      plan.dropped.push(table)
      continue
    }
    const name = migrated?.renamedTables[table] ?? liveNameOf(table, live)
    const after = live[name]
    if (after === undefined) plan.goneTables.push(table)
    else if (!keyIsOnBothSides(before, after)) plan.unmatched.push(table)
    else {
      plan.kept.push(keptTable(table, name, before, after, migrated))
      if (migrated !== undefined)
        plan.goneColumns.push(
          ...before.columns
            .filter((column) => !after.columns.includes(column))
            .map((column) => `${table}.${column}`)
            .filter((column) => !migrated.droppedColumns.has(column)),
        )
    }
  }
  return plan
}

function keyIsOnBothSides(before: TableShape, after: TableShape): boolean {
  return before.key.length > 0 && before.key.every((column) => after.columns.includes(column))
}

function keptTable(
  table: string,
  live: string,
  before: TableShape,
  after: TableShape,
  migrated: Migrated | undefined,
): KeptTable {
  const own = BOOKKEEPING_COLUMNS[table]?.columns ?? []
  const shared = before.columns.filter((column) => after.columns.includes(column))
  const unstable = [...own, ...(CHANGED_WITHOUT_STAMP[table]?.columns ?? [])]
  const comparable = shared.filter(
    (column) =>
      !before.key.includes(column) &&
      !unstable.includes(column) &&
      (migrated === undefined
        ? LISTED_COLUMNS.test(column)
        : !migrated.rewritten.has(`${table}.${column}`)),
  )
  const locations = (LOCATIONS[table] ?? []).filter((location) =>
    shared.includes(location.split('.')[0] ?? location),
  )
  return {
    table,
    live,
    key: before.key,
    usersColumn: usersColumn(table, before, after),
    compared: comparable.filter((column) => !locations.includes(column)),
    locations,
    stamp: shared.includes('updated') ? 'updated' : null,
    countsChanged: !own.includes('updated'),
    mayVanishWithout: migrated?.deletedWithout[table] ?? [],
  }
}
