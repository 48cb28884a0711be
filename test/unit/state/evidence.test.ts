import { describe, expect, it } from '@jest/globals'
import type { Entry } from '../../../src/state/attempt.ts'
import type { SnapshotReport } from '../../../src/result/snapshots.ts'
import { attemptFor, attemptId, snapshotBaseline } from '../../../src/state/evidence.ts'
import {
  changedSnapshots,
  snapshotPredecessors,
  snapshotSeconds,
} from '../../../src/state/recorded-snapshots.ts'
import { judgeAttempt } from '../../../src/state/verdict.ts'
import { snapshot, snapshots as result } from '../report/results.ts'
import { closed, evidence, greenAttempt } from './attempts.ts'

const found = (
  discovered: number | null,
  code:
    | 'snapshots-executed'
    | 'snapshots-lost'
    | 'snapshots-failed'
    | 'nothing-to-rebuild' = 'snapshots-executed',
): Entry =>
  ({ ...evidence('rebuild-snapshots', 'all', code), kind: 'evidence', discovered }) as Entry
const baseline = (...attempts: Entry[][]) =>
  snapshotBaseline(
    attempts.map((entries, number) =>
      greenAttempt({ id: `a${number}`, entries: [closed('upgraded'), ...entries] }),
    ),
  )

describe('the id of an attempt', () => {
  const now = new Date('2026-11-28T12:00:00.000Z')

  it('is its time and its version', () => {
    const earlier = [{ id: '20261128T110000.000Z-0.94.1' }]
    expect(attemptId(now, '0.98.0', earlier)).toBe('20261128T120000.000Z-0.98.0')
  })

  it('sorts behind an earlier one where the clock was set back in between', () => {
    const earlier = [{ id: '20261128T110000.000Z-0.94.1' }, { id: '20261128T140000.000Z-0.96.0' }]
    expect(attemptId(now, '0.98.0', earlier)).toBe('20261128T140000.001Z-0.98.0')
    expect(attemptId(now, '0.98.0', [{ id: 'by hand' }])).toBe('20261128T120000.000Z-0.98.0')
  })
})

describe('the snapshots that a rebuild changed', () => {
  const report = (changes: Partial<SnapshotReport>): SnapshotReport => ({
    ...snapshot('a', { status: 'failed' }),
    ...changes,
  })
  const attemptWith = (...snapshots: SnapshotReport[]) =>
    greenAttempt({
      entries: [
        {
          ...evidence('rebuild-snapshots', 'rebuild', 'snapshots-failed'),
          snapshots: result(
            { environment: 'staging', code: 'snapshots-failed', summary: '' },
            snapshots,
          ).details,
        } as Entry,
      ],
    })

  it('are found in every attempt, by their id and with what is different', () => {
    const first = attemptWith(report({ 'new-id': 'n1', changed: true, message: 'Tags.' }))
    const second = attemptWith(
      report({ 'new-id': 'n1', changed: true, message: 'An earlier run: Tags.' }),
      report({ 'new-id': 'n2', message: 'A trigger.' }),
      report({ 'new-id': null, changed: true }),
    )
    expect([...changedSnapshots([first, second])]).toEqual([['n1', 'Tags.']])
  })
})

describe('what the record says of single snapshots', () => {
  const attempt = (id: string, tested: string, snapshots: Parameters<typeof snapshot>[1][]) =>
    greenAttempt({
      id,
      tested,
      entries: [
        {
          ...found(snapshots.length),
          snapshots: result(
            { environment: 'staging', code: 'snapshots-executed', summary: '' },
            snapshots.map((changes, index) => snapshot(`s${index}`, changes)),
          ).details,
        } as Entry,
      ],
    })
  const attempts = [
    attempt('a1', 'first', [{ seconds: 40, 'old-id': 'o', 'new-id': 'n' }, { seconds: 7 }]),
    attempt('a2', 'second', [{ seconds: null, 'new-id': null }, { seconds: 9 }, { seconds: null }]),
    attempt('a3', 'third', [{ seconds: 1000 }]),
  ]
  const seconds = (tested: string) =>
    Object.fromEntries(snapshotSeconds(attempts, { tested, targetVersion: '0.98.0' }))

  it('is how long each took when it was last worked on, before the attempt of this content', () => {
    expect(seconds('third')).toEqual({
      'default/training/s0': 40,
      'default/training/s1': 9,
      'default/training/s2': null,
    })
    expect(seconds('first')).toEqual({})
    expect(seconds('another')).toMatchObject({ 'default/training/s0': 1000 })
  })

  it('is which one a rebuild replaced', () => {
    expect(snapshotPredecessors(attempts).get('n')).toBe('o')
  })
})

describe('the attempt for a content', () => {
  it('is found by its version in every spelling', () => {
    const attempt = greenAttempt()
    for (const targetVersion of ['0.98.0', '0.98', 'v0.98.0'])
      expect(attemptFor([attempt], { tested: 'tested', targetVersion })).toBe(attempt)
    expect(attemptFor([attempt], { tested: 'tested', targetVersion: '0.98.1' })).toBeUndefined()
  })

  it('is green with evidence of its version in another spelling', () => {
    const [upgraded, smoke, snapshots] = greenAttempt().entries.map((entry) =>
      entry.kind === 'evidence' ? { ...entry, 'zenml-version': '0.98' } : entry,
    )
    const entries = [upgraded, smoke, snapshots].filter((entry) => entry !== undefined)
    expect(
      judgeAttempt(greenAttempt({ entries }), { smokeSuite: true, executeSnapshots: true }).green,
    ).toBe(true)
  })
})

describe('how many snapshots there should be', () => {
  it('is what the newest good evidence counted', () => {
    expect(baseline([found(5)], [found(7)])).toBe(7)
    expect(baseline([found(5)], [found(7), found(6, 'nothing-to-rebuild')])).toBe(6)
    expect(baseline([found(5)], [found(null)])).toBe(5)
  })

  it('is not what evidence counted that lost some, in its attempt or a later one', () => {
    expect(baseline([found(5), found(3, 'snapshots-lost')])).toBe(5)
    expect(baseline([found(5)], [found(3, 'snapshots-lost')], [found(2, 'snapshots-failed')])).toBe(
      5,
    )
  })

  it('is not known where nothing good was recorded', () => {
    expect(baseline()).toBeNull()
    expect(baseline([found(3, 'snapshots-lost')])).toBeNull()
  })
})
