import { READ_RELEASES, RELEASE_MIGRATIONS } from './migrations.ts'

/** What all migrations between two revisions do to rows and columns that were there before. */
export interface Migrated {
  readonly renamedTables: Readonly<Record<string, string>>
  readonly droppedTables: ReadonlySet<string>
  /** Columns as `table.column`. */
  readonly droppedColumns: ReadonlySet<string>
  readonly rewritten: ReadonlySet<string>
  /** By table: a row may be gone where all of these columns are NULL. */
  readonly deletedWithout: Readonly<Record<string, readonly string[]>>
}

/**
 * Sums up the migrations after `from` up to `to`. Revisions of releases are the releases' own
 * numbers. Undefined for a release whose migrations were not read, and for a way back.
 */
export function migrationsBetween(from: string | null, to: string | null): Migrated | undefined {
  if (from !== null && from === to) return sumOf([])
  const [first, last] = [READ_RELEASES.indexOf(from ?? ''), READ_RELEASES.indexOf(to ?? '')]
  if (first === -1 || last < first) return undefined
  return sumOf(READ_RELEASES.slice(first + 1, last + 1))
}

function sumOf(releases: readonly string[]): Migrated {
  const steps = releases.flatMap((release) => RELEASE_MIGRATIONS[release] ?? [])
  const columns = (lists: readonly (Readonly<Record<string, readonly string[]>> | undefined)[]) =>
    new Set(
      lists.flatMap((list) =>
        Object.entries(list ?? {}).flatMap(([table, names]) =>
          names.map((column) => `${table}.${column}`),
        ),
      ),
    )
  return {
    renamedTables: Object.assign({}, ...steps.map((step) => step.renamedTables ?? {})) as Record<
      string,
      string
    >,
    droppedTables: new Set(steps.flatMap((step) => step.droppedTables ?? [])),
    droppedColumns: columns(steps.map((step) => step.droppedColumns)),
    rewritten: columns(steps.map((step) => step.rewritten)),
    deletedWithout: Object.assign({}, ...steps.map((step) => step.deletedWithout ?? {})) as Record<
      string,
      readonly string[]
    >,
  }
}
