import { describe, expect, it } from '@jest/globals'
import type { ParityReport } from '../../../src/result/stacks.ts'
import { compareInventories, notRead, parityOutput } from '../../../src/stacks/comparison.ts'
import { judgeCompared, judgeUncompared } from '../../../src/stacks/verdict.ts'
import { inventory, stack } from './example.ts'

const report = (changes: Partial<ParityReport> = {}): ParityReport => ({
  compared: 2,
  'not-in-use': 0,
  differences: 0,
  notes: 0,
  findings: [],
  ...changes,
})
const UNREAD = report({
  notes: 1,
  findings: [{ stack: 'a', twin: 'a', kind: 'not-read', message: 'a connector was not read' }],
})

describe('the inventories of two environments', () => {
  it('are compared from production, whichever is our own', () => {
    const production = { ...inventory(stack('only-there')), 'server-id': 'p' }
    const staging = { ...inventory(), 'server-id': 's' }
    const compare = (environment: 'staging' | 'production') =>
      environment === 'production'
        ? compareInventories(production, staging, { environment, twins: {} })
        : compareInventories(staging, production, { environment, twins: {} })
    expect(compare('production')).toMatchObject({ report: { compared: 1, differences: 1 } })
    expect(compare('staging')).toEqual(compare('production'))
  })

  it('are not compared where both are of one server', () => {
    expect(
      compareInventories(inventory(), inventory(), { environment: 'staging', twins: {} }),
    ).toEqual({ why: expect.stringContaining('the same server') })
  })
})

describe('a comparison', () => {
  it.each<[string, ParityReport | null, ReturnType<typeof parityOutput>, string | undefined]>([
    ['alike', report(), 'mirrored', 'stacks-mirrored'],
    ['different', report({ differences: 1 }), 'differs', 'stacks-differ'],
    ['of nothing', report({ compared: 0 }), undefined, 'inventory-read'],
    ['with what was not read', UNREAD, undefined, 'inventory-read'],
    ['that differs besides', { ...UNREAD, differences: 1 }, 'differs', 'stacks-differ'],
    ['that was not made', null, undefined, undefined],
  ])('%s is measured as such', (_what, made, output, code) => {
    expect(parityOutput(made)).toBe(output)
    if (made !== null) expect(judgeCompared('read', made).reasonCode).toBe(code)
  })

  it('names what was not read, and says what lets it be read', () => {
    expect(notRead(report())).toBeUndefined()
    expect(notRead(UNREAD)).toContain('a connector was not read')
    expect(judgeCompared('read', UNREAD).next).toContain('read service connectors')
    expect(judgeCompared('read', report({ compared: 0 })).next).toContain('Nothing to do')
  })

  it('that was not made asks for the other environment', () => {
    expect(judgeUncompared('2 stacks read', 'absent', 'production')).toEqual({
      reasonCode: 'inventory-read',
      summary: '2 stacks read; not compared: absent',
      next: expect.stringContaining('--environment production'),
    })
  })
})
