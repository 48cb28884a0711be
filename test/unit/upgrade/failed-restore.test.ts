import { describe, expect, it } from '@jest/globals'
import {
  decideAfterFailedRestore,
  type FailedRestoreFacts,
} from '../../../src/upgrade/failed-restore.ts'

const FACTS: FailedRestoreFacts = {
  database: 'untouched',
  schema: 'new',
  migrationBegun: true,
  backupIsGood: true,
  canStartOld: true,
  fromVersion: '0.94.1',
  toVersion: '0.98.0',
  byHand: 'cp /backups/1 DATABASE_FILE',
}

const NO_SERVER = /^Start no server on this database/
const NOT_OLD = /^Do not start ZenML 0\.94\.1 on this database\. Repair ZenML 0\.98\.0 and start it/

describe('after a restore that failed', () => {
  it.each<[string, Partial<FailedRestoreFacts>]>([
    ['holds the whole backup', { database: 'complete', schema: 'old' }],
    ['holds the whole backup and cannot be read', { database: 'complete', schema: 'unknown' }],
    ['was not touched by a migration either', { schema: 'old', migrationBegun: false }],
  ])('the old version is started on a database that %s', (_which, change) => {
    expect(decideAfterFailedRestore({ ...FACTS, ...change }).kind).toBe('start-old')
    expect(decideAfterFailedRestore({ ...FACTS, ...change, canStartOld: false })).toMatchObject({
      kind: 'stay',
      next: expect.stringMatching(/^Start ZenML 0\.94\.1 by hand/) as unknown,
    })
  })

  it.each<[string, Partial<FailedRestoreFacts>, RegExp]>([
    ['is whole at the new schema', {}, NOT_OLD],
    ['is in the middle of the migration', { schema: 'between' }, NO_SERVER],
    ['has the old revision after a migration began', { schema: 'old' }, NO_SERVER],
    ['is empty', { schema: 'empty' }, NO_SERVER],
    ['was not touched and cannot be read', { schema: 'unknown' }, NO_SERVER],
    ['is incomplete', { database: 'incomplete', schema: 'old' }, NO_SERVER],
    ['no one watched', { database: 'unknown', schema: 'unknown' }, NO_SERVER],
    ['holds the backup of another schema', { database: 'complete', schema: 'new' }, NO_SERVER],
  ])('nothing is started on a database that %s', (_which, change, next) => {
    const after = decideAfterFailedRestore({ ...FACTS, ...change })
    expect(after).toMatchObject({ kind: 'stay', next: expect.stringMatching(next) as unknown })
    expect(after).toMatchObject({ next: expect.stringContaining(FACTS.byHand) as unknown })
  })

  const next = (change: Partial<FailedRestoreFacts>) => {
    const after = decideAfterFailedRestore({ ...FACTS, ...change })
    return after.kind === 'stay' ? after.next : after.kind
  }

  it.each<[string, Partial<FailedRestoreFacts>]>([
    ['is incomplete', { database: 'incomplete', schema: 'between' }],
    ['is empty', { schema: 'empty' }],
  ])('an old version would make a new database of one that %s', (_which, change) => {
    expect(next(change)).toContain('an old one would make a new, empty database')
  })

  it.each<[string, Partial<FailedRestoreFacts>]>([
    ['is in the middle of the migration', { schema: 'between' }],
    ['has the old revision after a migration began', { schema: 'old' }],
    ['was not touched and cannot be read', { schema: 'unknown' }],
    ['no one watched', { database: 'unknown', schema: 'unknown' }],
  ])('the next step speaks of no empty database where it %s', (_which, change) => {
    expect(next(change)).toMatch(NO_SERVER)
    expect(next(change)).not.toContain('empty database')
  })

  it('a damaged backup is not what a person is sent to', () => {
    const after = decideAfterFailedRestore({ ...FACTS, schema: 'between', backupIsGood: false })
    expect(after).toMatchObject({
      next: expect.stringContaining('another backup of ZenML 0.94.1') as unknown,
    })
    expect(after).not.toMatchObject({ next: expect.stringContaining(FACTS.byHand) as unknown })
  })
})
