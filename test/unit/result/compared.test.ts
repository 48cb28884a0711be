import { describe, expect, it } from '@jest/globals'
import { nothingLost, whatWasCompared } from '../../../src/result/compared.ts'

const DATABASE = {
  tables: 61,
  columns: 412,
  changed: 0,
  'only-listed-columns': false,
  dropped: [],
  'not-compared': [],
}
const API = { names: 7, numbers: 9, database: null, reason: null }

describe('the sentence about what was compared', () => {
  it('is about rows and columns where the database was compared', () => {
    expect(nothingLost({ ...API, database: DATABASE })).toBe(
      'every row of 61 tables is still there and 412 columns are equal',
    )
    expect(whatWasCompared({ ...API, database: DATABASE })).toBe(
      '61 tables and 412 columns with the backup; names of 7 kinds and numbers of 9 over the API',
    )
  })

  it('is about names and numbers elsewhere, and says why', () => {
    expect(nothingLost(API)).toBe(
      'the names of 7 kinds and the numbers of 9 were compared, and nothing is missing',
    )
    expect(nothingLost({ ...API, reason: 'no route' })).toContain(
      '(the database was not: no route)',
    )
    expect(whatWasCompared(API)).toContain('the database was not: it cannot be read')
  })

  it('says what was not compared by content', () => {
    const database = {
      ...DATABASE,
      changed: 3,
      'only-listed-columns': true,
      dropped: ['trigger'],
      'not-compared': ['odd'],
    }
    const sentence = nothingLost({ ...API, database })
    expect(sentence).toContain('3 rows changed since the backup')
    expect(sentence).toContain('only names, locations')
    expect(sentence).toContain("ZenML's migrations dropped trigger")
    expect(sentence).toContain('for want of a key: odd')
  })
})
