import { describe, expect, it } from '@jest/globals'
import { heldLocks } from '../../../../src/state/github/held-locks.ts'

const common = {
  'schema-version': 1,
  config: 'zenml-upgrade.yml',
  attempt: '7.1',
  at: '2026-11-23T12:00:00.000Z',
}
const lock = (id: number, ended: number[] = []) => ({
  id,
  payload: { ...common, kind: 'lock', 'server-id': 'server', job: 'upgrade', ended },
})
const unlock = (id: number, ended: number[]) => ({
  id,
  payload: { ...common, kind: 'unlock', ended },
})
const held = (...rows: Parameters<typeof heldLocks>[0]) => heldLocks(rows).map(({ id }) => id)

describe('locks that are held', () => {
  it('are those that no row says are over', () => {
    expect(held(lock(1), lock(2), unlock(3, [1]))).toEqual([2])
  })

  it('are not those that a later owner found over', () => {
    expect(held(lock(1), lock(2), lock(3, [1, 2]))).toEqual([3])
  })

  it('are none of the rows that cannot be read', () => {
    expect(held({ id: 1, payload: 'rubbish' }, { id: 2, payload: { kind: 'lock' } })).toEqual([])
  })

  it('name the run, the job and the server', () => {
    expect(heldLocks([lock(1)])).toEqual([
      {
        id: 1,
        run: '7.1',
        job: 'upgrade',
        at: '2026-11-23T12:00:00.000Z',
        serverId: 'server',
      },
    ])
  })
})
