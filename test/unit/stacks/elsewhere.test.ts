import { describe, expect, it } from '@jest/globals'
import type { NotComparedFact } from '../../../src/report/parity-fact.ts'
import type { Result } from '../../../src/result/result.ts'
import { stacksIn } from '../../../src/stacks/elsewhere.ts'
import { inventory } from './example.ts'

const asked = {
  file: 'digest',
  target: '0.98.0',
  // The example is read at 12:00.
  now: new Date('2026-11-23T12:10:00.000Z'),
}
const result = (details: object | null = {}, more: object = {}): Result =>
  ({
    command: 'check-stacks',
    environment: 'staging',
    summary: 'why not',
    ended: '2026-11-23T10:31:00.000Z',
    details:
      details === null
        ? null
        : { file: 'digest', 'target-version': '0.98.0', inventory: inventory(), ...details },
    ...more,
  }) as Result
const read = (found: Result | undefined, now = asked.now) =>
  stacksIn(found, 'staging', 'file.json', { ...asked, now })

const DAMAGED = { kind: 'result-damaged', path: 'file.json' } as const

describe('the stacks of the other environment', () => {
  it('count where they are of this file, this target and these hours', () => {
    expect(read(result())).toEqual({ kind: 'found', inventory: inventory() })
    expect(read(result(), new Date('2026-11-23T18:00:00.000Z')).kind).toBe('found')
    expect(read(result(), new Date('2026-11-23T11:55:00.000Z')).kind).toBe('found')
  })

  it.each<[string, Result | undefined, NotComparedFact]>([
    ['no result', undefined, DAMAGED],
    ['of another command', result({}, { command: 'plan' }), DAMAGED],
    ['of another environment', result({}, { environment: 'production' }), DAMAGED],
    [
      'without an inventory',
      result(null),
      {
        kind: 'read-failed',
        environment: 'staging',
        ended: '2026-11-23T10:31:00.000Z',
        summary: 'why not',
      },
    ],
    [
      'for another target',
      result({ 'target-version': '0.97.0' }),
      { kind: 'other-target', environment: 'staging', read: '0.97.0', asked: '0.98.0' },
    ],
    ['for another file', result({ file: 'other' }), { kind: 'other-file', environment: 'staging' }],
  ])('do not count: %s', (_what, found, why) => {
    expect(read(found)).toEqual({ kind: 'unusable', why })
  })

  it('do not count when they are old, or of the future', () => {
    expect(read(result(), new Date('2026-11-23T18:00:01.000Z'))).toMatchObject({
      why: { kind: 'too-old', hours: 6 },
    })
    expect(read(result(), new Date('2026-11-23T11:54:59.000Z'))).toMatchObject({
      why: { kind: 'in-future' },
    })
  })
})
