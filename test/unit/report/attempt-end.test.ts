import { describe, expect, it } from '@jest/globals'
import { attemptEnd, didWorkOn } from '../../../src/report/attempt-end.ts'
import type { Outcome } from '../../../src/core/outcomes.ts'
import type { Result } from '../../../src/result/result.ts'

const flow = (outcome: Outcome) =>
  ({ outcome, 'reason-code': 'incomplete', summary: 'the flow' }) as const
const result = (environment: string, code: string, command = 'upgrade-workspace') =>
  ({ environment, command, 'reason-code': code, outcome: 'success', details: {} }) as Result

describe('how an attempt ended', () => {
  it('is well where its record is green, whatever this run says', () => {
    expect(attemptEnd(true, flow('failure'))).toMatchObject({ outcome: 'success' })
  })

  it.each(['success', 'noop'] as const)(
    'is not known for a flow of outcome %s whose record is not green',
    (outcome) => {
      expect(attemptEnd(false, flow(outcome))).toEqual({
        outcome: 'inconclusive',
        summary: 'the flow',
      })
    },
  )

  it.each(['failure', 'cancelled', 'held'] as const)('is %s as the flow is', (outcome) => {
    expect(attemptEnd(false, flow(outcome)).outcome).toBe(outcome)
  })
})

describe('a run', () => {
  it('worked on the environment that it did something about', () => {
    expect(didWorkOn('staging', [result('staging', 'upgraded')])).toBe(true)
    expect(didWorkOn('production', [result('staging', 'upgraded')])).toBe(false)
  })

  it('did not where everything was done already', () => {
    expect(didWorkOn('staging', [result('staging', 'already-green')])).toBe(false)
    expect(didWorkOn('staging', [])).toBe(false)
  })
})
