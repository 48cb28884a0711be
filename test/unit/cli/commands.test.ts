import { describe, expect, it } from '@jest/globals'
import { conclusionOf, resultOf } from '../../../src/cli/conclude.ts'
import { commandHelp } from '../../../src/cli/help.ts'
import { NOTHING, REASONS, type ReasonCode } from '../../../src/core/reasons.ts'
import { Stop } from '../../../src/core/stop.ts'

const calm = new AbortController().signal

describe('help', () => {
  it('lists the choices of an input', () => {
    expect(commandHelp('promote')).toContain(
      'Which step of the promotion. (required; one of propose, gate)',
    )
  })
})

describe('what was thrown', () => {
  it('is a conclusion when it is a Stop', () => {
    expect(
      conclusionOf(new Stop('server-unreachable', 'refused', { next: 'Start it.' }), calm),
    ).toEqual({
      reasonCode: 'server-unreachable',
      summary: 'refused',
      next: 'Start it.',
      details: null,
    })
  })
  it('is the stop from outside when that came first', () => {
    const controller = new AbortController()
    controller.abort(new Stop('cancelled', 'stopped by SIGTERM'))
    expect(conclusionOf(new Error('socket hang up'), controller.signal)).toMatchObject({
      reasonCode: 'cancelled',
      summary: 'stopped by SIGTERM',
    })
  })
  it('is a defect of ours when it is anything else, and is said so', () => {
    const conclusion = conclusionOf(new TypeError('x is undefined'), calm)
    expect(conclusion).toMatchObject({
      reasonCode: 'internal-error',
      summary: expect.stringContaining('x is undefined') as unknown,
      next: expect.stringContaining('/issues') as unknown,
    })
    const now = new Date('2026-01-01T00:00:00Z')
    expect(
      resultOf({ command: 'promote', inputs: {}, started: now, ended: now, conclusion }),
    ).toMatchObject({ outcome: 'failure', environment: null })
  })

  it('is what the machine refused, with the path, when that is a file', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), {
      code: 'ENOSPC',
      path: '/reports/result.json',
    })
    expect(conclusionOf(full, calm)).toMatchObject({
      reasonCode: 'file-access-failed',
      summary: expect.stringContaining('/reports/result.json') as unknown,
    })
  })
})

describe('the next step of a result', () => {
  const now = new Date('2026-01-01T00:00:00Z')
  const resultWith = (reasonCode: ReasonCode, next?: string) =>
    resultOf({
      command: 'promote',
      inputs: {},
      started: now,
      ended: now,
      conclusion: { reasonCode, summary: 'ended', next, details: null },
    })

  it.each(Object.keys(REASONS) as ReasonCode[])('is there for %s', (code) => {
    const { next, outcome } = resultWith(code)
    expect(next).toBe(REASONS[code].next)
    if (!['success', 'noop'].includes(outcome)) expect(next).not.toBe(NOTHING)
  })

  it('is the one that the command names, where it names one', () => {
    expect(resultWith('internal-error', 'Report it.').next).toBe('Report it.')
  })
})

describe('a result without details', () => {
  const now = new Date('2026-01-01T00:00:00Z')
  const stopped = (
    command: 'promote' | 'rebuild-snapshots' | 'upgrade-workspace',
    inputs: Record<string, string>,
  ) =>
    resultOf({
      command,
      inputs,
      started: now,
      ended: now,
      conclusion: { reasonCode: 'cancelled', summary: 'stopped', details: null },
    })

  it('says what its command was asked for', () => {
    expect(stopped('promote', { step: 'propose' })).toMatchObject({ step: 'propose' })
    expect(stopped('rebuild-snapshots', { mode: 'execute', shard: '2/4' })).toMatchObject({
      mode: 'execute',
      shard: '2/4',
    })
    expect(stopped('upgrade-workspace', { 'dry-run': 'true' })).toMatchObject({ 'dry-run': true })
  })

  it('is a plan of the snapshots after a dry run, whatever its mode', () => {
    expect(stopped('rebuild-snapshots', { mode: 'all', 'dry-run': 'true' })).toMatchObject({
      mode: 'plan',
    })
  })

  it('says nothing that was refused', () => {
    expect(stopped('promote', { step: 'jump' })).not.toHaveProperty('step')
    expect(stopped('upgrade-workspace', { mode: 'all' })).not.toHaveProperty('mode')
  })
})
