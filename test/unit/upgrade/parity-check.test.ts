import { describe, expect, it } from '@jest/globals'
import type { ParityReport } from '../../../src/result/stacks.ts'
import { parityFound, parityUnknown } from '../../../src/upgrade/parity-check.ts'

const report = (changes: Partial<ParityReport> = {}): ParityReport => ({
  compared: 2,
  'not-in-use': 0,
  differences: 0,
  notes: 0,
  findings: [],
  ...changes,
})

const READ = '2026-11-23T10:31:00.000Z'

describe('the check of stack parity', () => {
  it('passes where nothing differs', () => {
    expect(parityFound('fail', report(), READ).check).toMatchObject({
      status: 'passed',
      message: expect.stringContaining('read on 2026-11-23 10:31 UTC'),
    })
  })

  it('fails for a difference, or warns as the input says', () => {
    const different = report({ differences: 1 })
    expect(parityFound('fail', different, READ)).toMatchObject({
      report: different,
      check: { status: 'failed', 'reason-code': 'stacks-not-mirrored' },
    })
    expect(parityFound('warn', different, READ).check).toMatchObject({ status: 'warning' })
  })

  it('is not made where something could not be read, and keeps the report', () => {
    const unread = report({
      findings: [{ stack: 'a', twin: 'a', kind: 'not-read', message: 'unread' }],
    })
    expect(parityFound('fail', unread, READ)).toMatchObject({
      report: unread,
      check: { status: 'failed', 'reason-code': 'parity-unknown' },
    })
    expect(parityFound('warn', unread, READ).check.status).toBe('not-checked')
  })

  it('is not made where nothing could be compared', () => {
    expect(parityUnknown('fail', 'why', 'Do it.')).toMatchObject({
      report: null,
      check: { status: 'failed', 'reason-code': 'parity-unknown', next: 'Do it.' },
    })
    expect(parityUnknown('warn', 'why', 'Do it.').check).toEqual({
      name: 'stack parity',
      status: 'not-checked',
      message: 'not compared: why',
      next: 'Do it.',
    })
  })
})
