import { plural } from '../core/text.ts'
import type { Compared, ComparedDatabase } from './upgrade.ts'

/**
 * Says what was compared where nothing is missing: `every row of 61 tables is still there and 412
 * columns are equal`.
 */
export function nothingLost(compared: Compared): string {
  const { database, reason, names, numbers } = compared
  if (database !== null) return databaseKept(database)
  const why = reason === null ? '' : ` (the database was not: ${reason})`
  return `the names of ${plural(names, 'kind')} and the numbers of ${numbers.toLocaleString('en')} were compared, and nothing is missing${why}`
}

/** Says what was compared, whatever was found. */
export function whatWasCompared({ database, reason, names, numbers }: Compared): string {
  const api = `names of ${plural(names, 'kind')} and numbers of ${numbers.toLocaleString('en')} over the API`
  if (database === null) return `${api}; the database was not: ${reason ?? 'it cannot be read'}`
  const { tables, columns } = database
  return `${plural(tables, 'table')} and ${plural(columns, 'column')} with the backup; ${api}${limits(database)}`
}

function databaseKept(database: ComparedDatabase): string {
  const { tables, columns } = database
  return `every row of ${plural(tables, 'table')} is still there and ${plural(columns, 'column')} ${columns === 1 ? 'is' : 'are'} equal${limits(database)}`
}

function limits(database: ComparedDatabase): string {
  const { changed, dropped } = database
  return [
    changed === 0
      ? ''
      : `; of ${plural(changed, 'row')} changed since the backup, only the key and locations were compared`,
    database['only-listed-columns']
      ? '; the migrations in between are not known to this version, so only names, locations, references to secrets and configurations were compared by content'
      : '',
    dropped.length === 0 ? '' : `; ZenML's migrations dropped ${dropped.join(', ')}`,
    database['not-compared'].length === 0
      ? ''
      : `; not compared, for want of a key: ${database['not-compared'].join(', ')}`,
  ].join('')
}
