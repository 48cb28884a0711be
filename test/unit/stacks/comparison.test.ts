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
    ).toEqual({ why: { kind: 'same-server' } })
  })
})

const OTHER = { other: 'production', readOther: '2026-11-23T10:31:00.000Z' } as const

describe('a comparison', () => {
  it('says when the other environment was read', () => {
    expect(judgeCompared('2 stacks read', report(), OTHER).summary).toMatch(
      /^2 stacks read; .*; production was read on 2026-11-23 10:31 UTC$/,
    )
  })

  it.each<[string, ParityReport | null, ReturnType<typeof parityOutput>, string | undefined]>([
    ['alike', report(), 'mirrored', 'stacks-mirrored'],
    ['different', report({ differences: 1 }), 'differs', 'stacks-differ'],
    ['of nothing', report({ compared: 0 }), undefined, 'inventory-read'],
    ['with what was not read', UNREAD, undefined, 'inventory-read'],
    ['that differs besides', { ...UNREAD, differences: 1 }, 'differs', 'stacks-differ'],
    ['that was not made', null, undefined, undefined],
  ])('%s is measured as such', (_what, made, output, code) => {
    expect(parityOutput(made)).toBe(output)
    if (made !== null) expect(judgeCompared('read', made, OTHER).reasonCode).toBe(code)
  })

  it('names what was not read, and says what lets it be read', () => {
    expect(notRead(report())).toBeUndefined()
    expect(notRead(UNREAD)).toBe(UNREAD.findings[0])
    expect(judgeCompared('read', UNREAD, OTHER).next).toContain('read service connectors')
    expect(judgeCompared('read', report({ compared: 0 }), OTHER).next).toContain('Nothing to do')
  })

  it('that cannot be made for one server does not ask for the other environment', () => {
    expect(judgeUncompared('2 stacks read', { kind: 'same-server' }, 'production')).toEqual({
      reasonCode: 'inventory-read',
      summary:
        '2 stacks read; not compared: both environments have the same server, so there is nothing to compare',
      next: 'Correct the addresses of the two servers in the file.',
    })
  })

  it('that was not made asks for the other environment', () => {
    const why = { kind: 'not-read-yet', environment: 'production' } as const
    expect(judgeUncompared('2 stacks read', why, 'production').next).toContain(
      '--environment production',
    )
  })
})
