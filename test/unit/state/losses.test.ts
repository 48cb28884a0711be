import { describe, expect, it } from '@jest/globals'
import type { Entry } from '../../../src/state/attempt.ts'
import {
  digestOfLosses,
  endedUncompared,
  isAboutLosses,
  listedLosses,
  openLosses,
  remainingLosses,
} from '../../../src/state/losses.ts'
import { judgeAttempt } from '../../../src/state/verdict.ts'
import { recordedResults } from '../../../src/state/results.ts'
import { closed, evidence, greenAttempt } from './attempts.ts'

const AT = '2026-01-01T00:00:00.000Z'
const LOST = [
  { subject: 'stacks/prod', message: 'stacks: prod is gone.' },
  { subject: 'number of runs', message: 'runs: 10 before, 3 now.' },
]
const GREEN = [
  evidence('run-smoke-suite', null, 'smoke-passed'),
  evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
]
const compared = (lost: typeof LOST): Entry => ({ kind: 'compared', at: AT, lost })
const acknowledged = (lost: typeof LOST): Entry => ({
  kind: 'acknowledged',
  at: AT,
  by: 'ada',
  reason: 'test data',
  digest: digestOfLosses(lost),
})
const attempt = (...entries: Entry[]) => greenAttempt({ entries })
const isGreen = (...entries: Entry[]) =>
  judgeAttempt(attempt(...entries, ...GREEN), { smokeSuite: true, executeSnapshots: true }).green

describe('an attempt that lost something', () => {
  it('is not green while the loss is open', () => {
    expect(isGreen(compared(LOST), closed('counts-decreased'))).toBe(false)
    expect(isGreen(compared(LOST), closed('counts-decreased'), acknowledged(LOST.slice(1)))).toBe(
      false,
    )
  })

  it('is not green when its comparison is not in the record', () => {
    expect(isGreen(closed('counts-decreased'))).toBe(false)
  })

  it('is green once the loss is acknowledged, or everything is back', () => {
    expect(isGreen(compared(LOST), closed('counts-decreased'), acknowledged(LOST))).toBe(true)
    expect(isGreen(compared(LOST), closed('counts-decreased'), compared([]))).toBe(true)
  })

  it('is open again when a later comparison finds other losses than were acknowledged', () => {
    expect(
      openLosses(attempt(compared(LOST), acknowledged(LOST), compared(LOST.slice(1)))),
    ).toEqual(LOST.slice(1))
  })

  it('stays red when it ended for another reason, also acknowledged', () => {
    expect(isGreen(compared(LOST), closed('rollback-impossible'), acknowledged(LOST))).toBe(false)
  })

  it.each([
    ['counts-decreased', []],
    ['upgraded', [compared([])]],
    ['loss-acknowledged', [acknowledged(LOST)]],
  ])('is reported as %s', (code, later) => {
    const [result] = recordedResults(
      attempt(compared(LOST), closed('counts-decreased'), ...later),
      '1.0.0',
    )
    expect(result?.['reason-code']).toBe(code)
  })
})

describe('a list of losses', () => {
  const many = Array.from({ length: 60 }, (_, index) => ({
    subject: `stacks/${index}`,
    message: `stacks: ${index} is gone.`,
  }))

  it('says how many it leaves out', () => {
    expect(listedLosses(many)).toHaveLength(51)
    expect(listedLosses(many).at(-1)?.message).toBe('10 more are in the result of that run.')
    expect(listedLosses(LOST)).toEqual(LOST)
  })

  it('keeps only what an earlier comparison had found', () => {
    expect(
      remainingLosses(LOST, [
        { subject: 'number of runs', message: 'runs: 10 before, 9 now.' },
        { subject: 'stacks/other', message: 'stacks: other is gone.' },
      ]),
    ).toEqual([{ subject: 'number of runs', message: 'runs: 10 before, 9 now.' }])
  })

  it('keeps everything where the earlier list was not complete', () => {
    expect(remainingLosses(listedLosses(many), many.slice(55))).toEqual(many.slice(55))
  })
})

describe('an attempt that changed the server', () => {
  const inventory: Entry = { kind: 'inventory', at: AT, counts: {}, names: {} }
  const deploy: Entry = { kind: 'phase', at: AT, phase: 'deploy', state: 'started' }

  it('ended without a comparison only where it has none and is closed', () => {
    expect(endedUncompared(attempt(inventory, deploy))).toBe(false)
    expect(endedUncompared(attempt(inventory, deploy, closed('rollback-impossible')))).toBe(true)
    expect(endedUncompared(attempt(inventory, closed('backup-failed')))).toBe(false)
    expect(endedUncompared(attempt(inventory, deploy, compared([]), closed('upgraded')))).toBe(
      false,
    )
  })

  it('is about losses when one was measured, or when a later run compared', () => {
    expect(isAboutLosses(attempt(compared([]), closed('upgraded')))).toBe(false)
    expect(isAboutLosses(attempt(compared(LOST), compared([]), closed('upgraded')))).toBe(true)
    expect(isAboutLosses(attempt(closed('rollback-impossible'), compared([])))).toBe(true)
  })
})
