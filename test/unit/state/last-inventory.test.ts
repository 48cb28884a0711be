import { describe, expect, it } from '@jest/globals'
import type { Entry } from '../../../src/state/attempt.ts'
import { lastInventory } from '../../../src/state/last-inventory.ts'
import { evidence, greenAttempt } from './attempts.ts'

const counted = (at: string, discovered: number | null, snapshots?: readonly object[]): Entry =>
  ({
    ...evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
    at,
    discovered,
    ...(snapshots === undefined ? {} : { snapshots: { snapshots } }),
  }) as Entry
const of = (...entries: Entry[]) => lastInventory([greenAttempt({ entries })])
const snapshot = (name: string, before: string | null, after: string | null) => ({
  project: 'default',
  pipeline: 'churn',
  name,
  'version-before': before,
  'version-after': after,
})

describe('the snapshots that were recorded last', () => {
  it('are null where none were counted', () => {
    expect(lastInventory([])).toBeNull()
    expect(of(counted('1', null))).toBeNull()
  })

  it('are those of the newest evidence that counted them', () => {
    expect(
      lastInventory([
        greenAttempt({ entries: [counted('1', 1)] }),
        greenAttempt({ entries: [counted('2', 2), counted('3', null)] }),
      ]),
    ).toMatchObject({ recorded: '2', count: 2 })
  })

  it('carry the version that they were rebuilt with, else the one before', () => {
    expect(
      of(counted('1', 2, [snapshot('a', '0.94.1', '0.98.0'), snapshot('b', '0.94.1', null)]))
        ?.snapshots,
    ).toEqual([
      { project: 'default', pipeline: 'churn', name: 'a', version: '0.98.0' },
      { project: 'default', pipeline: 'churn', name: 'b', version: '0.94.1' },
    ])
  })

  it('are a number only where the record holds fewer than there were', () => {
    expect(of(counted('1', 2, [snapshot('a', null, null)]))).toEqual({
      recorded: '1',
      count: 2,
      snapshots: null,
    })
  })

  it('are a list of none where the server had none', () => {
    expect(of(counted('1', 0, []))).toEqual({ recorded: '1', count: 0, snapshots: [] })
  })
})
