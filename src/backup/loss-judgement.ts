import { plural } from '../core/text.ts'
import type { Loss } from '../result/upgrade.ts'
import type { Schema } from './comparison.ts'
import type { KeptTable, LossPlan } from './loss-plan.ts'
import type { DatabaseComparison } from './types.ts'

/** What was found in one table. */
export interface TableFindings {
  readonly table: string
  /** Rows of the backup that are gone. */
  readonly missing: number
  /** First column of the key of a few of them. */
  readonly examples: readonly string[]
  /** Rows that were changed since the backup. */
  readonly changed: number
  /** Rows that differ: for each compared column, then for each location. */
  readonly differing: readonly number[]
}

/** Turns what was counted into losses, at most one for each table and column. */
export function judgeLosses(
  plan: LossPlan,
  backup: Schema,
  findings: readonly TableFindings[],
): DatabaseComparison {
  const byTable = new Map(findings.map((one) => [one.table, one]))
  const losses = plan.kept.flatMap((kept) => {
    const found = byTable.get(kept.table)
    return found === undefined ? [] : lossesOf(kept, found)
  })
  const gone = plan.goneTables.map((table) => ({
    subject: `rows of ${table}`,
    message: `${table}: the table with its ${plural(backup[table]?.rows ?? 0, 'row')} is gone.`,
  }))
  const columns = plan.goneColumns.map((column) => ({
    subject: column,
    message: `${column}: the column is gone.`,
  }))
  return {
    lost: [...gone, ...columns, ...losses],
    compared: {
      tables: plan.kept.length,
      columns: plan.kept.reduce((sum, kept) => sum + columnsOf(kept).length, 0),
      changed: plan.kept
        .filter(({ countsChanged }) => countsChanged)
        .reduce((sum, { table }) => sum + (byTable.get(table)?.changed ?? 0), 0),
      'only-listed-columns': plan.onlyListed,
      dropped: [...plan.dropped],
      'not-compared': [...plan.unmatched],
    },
  }
}

/** The columns of a table that are compared by content, in the order of `differing`. */
export function columnsOf({ compared, locations }: KeptTable): string[] {
  return [...compared, ...locations]
}

/** Tells a loss that only the database shows from one that the API shows. */
export function isOfDatabase({ subject }: Loss): boolean {
  return /^rows of \w+$|^\w+(?:\.\w+)+$/.test(subject)
}

function lossesOf(kept: KeptTable, found: TableFindings): Loss[] {
  const { table } = kept
  // Only ids are shown: another key is text of users.
  const ids = found.examples.filter((example) => /^[0-9a-f-]{32,36}$/.test(example))
  const such = ids.length === 0 ? '' : `, such as ${ids.join(' and ')}`
  const rows =
    found.missing === 0
      ? []
      : [
          {
            subject: `rows of ${table}`,
            message: `${table}: ${plural(found.missing, 'row')} of the backup ${found.missing === 1 ? 'is' : 'are'} gone${such}.`,
          },
        ]
  const columns = columnsOf(kept).flatMap((column, index) => {
    const amount = found.differing[index] ?? 0
    return amount === 0
      ? []
      : [
          {
            subject: `${table}.${column}`,
            message: `${table}.${column}: ${plural(amount, 'row')} ${amount === 1 ? 'differs' : 'differ'} from the backup.`,
          },
        ]
  })
  return [...rows, ...columns]
}
