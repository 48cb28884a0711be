import { describe, expect, it } from '@jest/globals'
import { NotCountable } from '../../../src/backup/not-countable.ts'
import type { BackupTool } from '../../../src/backup/types.ts'
import { measureLosses, unseen } from '../../../src/upgrade/losses.ts'
import { newWorld, toolsFor } from './world.ts'

const INVENTORY = { counts: {}, names: {} }
const REPORT = {
  id: 'one',
  kind: 'mysql',
  location: '/backups/one',
  bytes: 1,
  sha256: null,
  verified: 'checksum' as const,
  completed: '2026-01-01T00:00:00Z',
  seconds: 1,
}
const LOST = [{ subject: 'rows of step_run', message: 'step_run: 2 rows of the backup are gone.' }]
const COMPARED = {
  tables: 1,
  columns: 2,
  changed: 0,
  'only-listed-columns': false,
  dropped: [],
  'not-compared': [],
}

const measure = (lostSince: BackupTool['lostSince']) => {
  const tools = toolsFor(newWorld())
  const backup = { ...tools.backup, lostSince } as BackupTool
  return measureLosses({ ...tools, backup }, { inventory: INVENTORY, backup: REPORT })
}

describe('the losses of an upgrade', () => {
  it('are also those that only the database shows', async () => {
    const { lost, compared } = await measure(() =>
      Promise.resolve({ lost: LOST, compared: COMPARED }),
    )
    expect(lost).toEqual(LOST)
    expect(compared?.database).toEqual(COMPARED)
  })

  it('come with the reason where the database could not be compared', async () => {
    const { lost, compared } = await measure(() => Promise.reject(new NotCountable('no route')))
    expect(lost).toEqual([])
    expect(compared).toMatchObject({ database: null, reason: 'no route' })
  })

  it('stay open while a later run cannot read the database', () => {
    const recorded = [...LOST, { subject: 'tags/x', message: 'tags: x is gone.' }]
    const baseline = { inventory: INVENTORY, backup: REPORT }
    const measured = (database: typeof COMPARED | null) => ({
      after: INVENTORY,
      lost: [],
      compared: { names: 1, numbers: 1, reason: null, database },
    })
    expect(unseen(recorded, baseline, measured(null))).toEqual(LOST)
    expect(unseen(recorded, baseline, measured(COMPARED))).toEqual([])
  })
})
