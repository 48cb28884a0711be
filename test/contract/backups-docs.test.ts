import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT_BACKUPS } from '../../src/config/not-built.ts'
import {
  BOOKKEEPING_COLUMNS,
  BOOKKEEPING_TABLES,
  USERS_ROWS,
} from '../../src/backup/bookkeeping.ts'
import { TABLE_RIGHTS } from '../../src/backup/restorable.ts'
import { tableRows } from '../support/markdown-tables.ts'

const docs = readFileSync(join(import.meta.dirname, '../../docs/backups.md'), 'utf8')
/** Table, what is left out, why. */
const rows = tableRows(docs).flatMap(([table, text = '', why]) => {
  const name = /^`(\w+)`$/.exec(table ?? '')?.[1]
  return name === undefined || why === undefined ? [] : [[name, text, why] as const]
})
const documented = (what: (text: string) => boolean) =>
  rows.filter(([, text]) => what(text)).map(([table, , why]) => [table, why])

describe('the docs of the backups', () => {
  it('have a section for every kind that is built', () => {
    for (const kind of BUILT_BACKUPS) expect(docs).toContain(`\n## ${kind}\n`)
  })

  it('list the rights that a restore needs, with the reasons of the code', () => {
    const listed = tableRows(docs).flatMap(([right, why = '', ...more]) => {
      const name = /^`([A-Z ]+)`$/.exec(right ?? '')?.[1]
      return name === undefined || more.length > 0 ? [] : [[name, why]]
    })
    expect(listed).toEqual(Object.entries(TABLE_RIGHTS))
  })

  it('list what is not counted, with the reasons of the code', () => {
    expect(documented((text) => text === 'all')).toEqual(Object.entries(BOOKKEEPING_TABLES))
    expect(documented((text) => text.startsWith('`'))).toEqual(
      Object.entries(BOOKKEEPING_COLUMNS).map(([table, { why }]) => [table, why]),
    )
    expect(rows.flatMap(([table, text]) => (text.startsWith('`') ? [[table, text]] : []))).toEqual(
      Object.entries(BOOKKEEPING_COLUMNS).map(([table, { columns }]) => [
        table,
        columns.map((column) => `\`${column}\``).join(', '),
      ]),
    )
    expect(documented((text) => text.startsWith('rows without'))).toEqual(
      Object.entries(USERS_ROWS).map(([table, { why }]) => [table, why]),
    )
  })
})
