import { describe, expect, it } from '@jest/globals'
import { conclusionOf, resultOf } from '../../../src/cli/conclude.ts'
import { commandHelp } from '../../../src/cli/help.ts'
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
})
