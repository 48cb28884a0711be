import { describe, expect, it } from '@jest/globals'
import type { Attempt } from '../../../src/state/attempt.ts'
import { newestEvidence } from '../../../src/state/attempt.ts'
import {
  beyondFiles,
  historyOf,
  lastRebuild,
  lastUpgrade,
  recordedResults,
  resultsAbout,
} from '../../../src/state/results.ts'
import { resultSchema, type Result } from '../../../src/result/result.ts'
import { entriesOf, inAttempt } from '../../support/evidence.ts'
import { GREEN_STAGING, snapshot, snapshots } from '../report/results.ts'
import { digestOfLosses } from '../../../src/state/losses.ts'
import { closed, evidence, greenAttempt } from './attempts.ts'

const results = (changes: Partial<Attempt> = {}): Result[] => {
  const told = recordedResults(greenAttempt(changes), '1.2.3')
  for (const result of told) expect(() => resultSchema.parse(result)).not.toThrow()
  return told
}
const CUT: Attempt['entries'] = [
  { kind: 'phase', at: '2026-01-01T10:00:00.000Z', phase: 'preflight', state: 'done' },
  { kind: 'phase', at: '2026-01-01T10:05:00.000Z', phase: 'deploy', state: 'started' },
]

describe('what an attempt says', () => {
  it('is that its rollback failed, and not that it was cut off, where that is recorded', () => {
    const failed = {
      kind: 'phase',
      at: '2026-01-01T10:06:00.000Z',
      phase: 'rollback',
      state: 'failed',
      message: 'no space',
      'reason-code': 'rollback-failed',
    } as const
    expect(results({ id: 'a1', entries: [...CUT, failed] })).toMatchObject([
      {
        outcome: 'failure',
        'reason-code': 'rollback-failed',
        summary: 'staging: attempt a1 failed at its step rollback and is not finished: no space',
      },
    ])
  })

  it('is what its commands left, without the logs', () => {
    const told = results({ id: 'a1', entries: entriesOf(GREEN_STAGING) })
    expect(
      told.map(({ command, outcome, summary, attempt }) => ({
        command,
        outcome,
        summary,
        attempt,
      })),
    ).toEqual(
      GREEN_STAGING.map(({ command, outcome, summary }) => ({
        command,
        outcome,
        summary,
        attempt: 'a1',
      })),
    )
    expect(told.map(({ details }) => details)).toEqual(GREEN_STAGING.map(({ details }) => details))
    expect(told.every(({ tool }) => tool === '1.2.3')).toBe(true)
  })

  it('is that it is under way, or was cut off, while it is not closed', () => {
    expect(results({ entries: CUT })).toMatchObject([
      {
        outcome: 'held',
        'reason-code': 'locked',
        summary: expect.stringContaining('interrupted at its step deploy'),
        ended: '2026-01-01T10:05:00.000Z',
      },
    ])
    expect(results({ entries: [] })).toMatchObject([
      { summary: expect.stringMatching(/interrupted$/), ended: '2026-01-01T00:00:00.000Z' },
    ])
  })

  it('has the backup and the phases of its journal while it is not closed', () => {
    const [upgraded] = GREEN_STAGING
    const report = upgraded?.command === 'upgrade-workspace' ? upgraded.details?.backup : null
    if (report == null) throw new Error('the fixture has a backup')
    const phase = (minute: number, name: 'backup' | 'deploy', state: 'started' | 'done') =>
      ({ kind: 'phase', at: `2026-01-01T10:0${minute}:00.000Z`, phase: name, state }) as const
    const entries: Attempt['entries'] = [
      { kind: 'inventory', at: '2026-01-01T10:00:00.000Z', counts: { runs: 41 }, names: {} },
      phase(1, 'backup', 'started'),
      { kind: 'backup', at: '2026-01-01T10:02:00.000Z', report, counts: { runs: 41 } },
      phase(3, 'backup', 'done'),
    ]
    expect(results({ entries })).toMatchObject([
      {
        'reason-code': 'locked',
        details: {
          changed: false,
          backup: { id: report.id },
          counts: { before: { runs: 41 }, after: null },
          phases: [
            { name: 'backup', status: 'done', started: '2026-01-01T10:01:00.000Z', seconds: 120 },
          ],
        },
      },
    ])
    expect(results({ entries: [...entries, phase(4, 'deploy', 'started')] })[0]).toMatchObject({
      details: { changed: null },
    })
  })

  it('names who acknowledged a loss, and when', () => {
    const lost = [{ subject: 'number of runs', message: '2 runs are missing' }]
    const at = '2026-01-02T10:31:00.000Z'
    const [told] = results({
      entries: [
        closed('counts-decreased'),
        { kind: 'compared', at, lost },
        {
          kind: 'acknowledged',
          at,
          by: 'octocat',
          reason: 'old runs',
          digest: digestOfLosses(lost),
        },
      ],
    })
    expect(told).toMatchObject({
      outcome: 'success',
      'reason-code': 'loss-acknowledged',
      summary: expect.stringMatching(/Acknowledged by octocat on 2026-01-02 10:31 UTC: old runs$/),
    })
  })

  it('has versions where nothing had to be upgraded', () => {
    expect(
      results({ 'from-version': '0.98.0', entries: [closed('already-at-target')] }),
    ).toMatchObject([
      {
        outcome: 'noop',
        summary: 'staging: 0.98.0 → 0.98.0',
        details: {
          'from-version': '0.98.0',
          'to-version': '0.98.0',
          changed: false,
          driver: 'not needed',
        },
      },
    ])
  })

  it('says what to do next as the upgrade said it', () => {
    const [told] = results({
      entries: [
        {
          kind: 'closed',
          at: '2026-01-01T00:00:00.000Z',
          'reason-code': 'rolled-back',
          summary: 'It failed.',
          next: 'Fix it.',
          details: null,
        },
      ],
    })
    expect(told).toMatchObject({ outcome: 'failure', summary: 'It failed.', next: 'Fix it.' })
  })

  it('has no duration where none is recorded', () => {
    const [upgraded, smoke] = results({
      started: '2026-01-01T00:00:00.000Z',
      entries: [
        { ...closed('upgraded'), at: '2026-01-01T00:10:00.000Z' },
        { ...evidence('run-smoke-suite', null, 'smoke-passed'), at: '2026-01-01T00:20:00.000Z' },
      ],
    })
    expect([upgraded?.started, upgraded?.ended]).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:10:00.000Z',
    ])
    expect([smoke?.started, smoke?.ended]).toEqual([
      '2026-01-01T00:20:00.000Z',
      '2026-01-01T00:20:00.000Z',
    ])
  })

  it('of an upgrade alone is one result, whatever else was written', () => {
    const upgradeEvidence = {
      ...evidence('run-smoke-suite', null, 'smoke-passed'),
      command: 'upgrade-workspace' as const,
    }
    expect(results({ entries: [closed('upgraded'), upgradeEvidence] })).toHaveLength(1)
  })
})

describe('a record beside result files', () => {
  const files = inAttempt('a1', GREEN_STAGING)
  const recorded = recordedResults(
    greenAttempt({ id: 'a1', entries: entriesOf(GREEN_STAGING) }),
    '1.2.3',
  )

  it('adds nothing that a file tells about', () => {
    expect(beyondFiles(recorded, files)).toEqual([])
    expect(beyondFiles(recorded, [])).toEqual(recorded)
    expect(beyondFiles(recorded, files.slice(1)).map(({ command }) => command)).toEqual([
      'upgrade-workspace',
    ])
  })

  it('adds what was found out in another attempt, environment or moment', () => {
    expect(beyondFiles(recorded, inAttempt('a2', GREEN_STAGING))).toHaveLength(3)
    expect(
      beyondFiles(
        recorded,
        files.map((file) => ({ ...file, environment: 'production' as const })),
      ),
    ).toHaveLength(3)
    const later = snapshots(
      {
        environment: 'staging',
        code: 'snapshots-failed',
        summary: 'Run again, it failed.',
        minute: 60,
        attempt: 'a1',
      },
      [snapshot('a', { status: 'failed' })],
    )
    const again = recordedResults(
      greenAttempt({ id: 'a1', entries: entriesOf([...GREEN_STAGING, later]) }),
      '1.2.3',
    )
    expect(beyondFiles(again, files).map(({ summary }) => summary)).toEqual([
      'Run again, it failed.',
    ])
  })
})

describe('the history of a server', () => {
  it('is of all its attempts, whatever the content, and of no other server', () => {
    const attempts = [
      greenAttempt({ id: 'a1', 'server-id': 'other' }),
      greenAttempt({ id: 'a2', tested: 'before' }),
      greenAttempt({ id: 'a3' }),
    ]
    expect([...new Set(historyOf(attempts, '1').map(({ attempt }) => attempt))]).toEqual([
      'a2',
      'a3',
    ])
    expect(historyOf([], '1')).toEqual([])
  })
})

describe('the newest evidence', () => {
  it('is the newest thing of all attempts, under the name of the newest attempt', () => {
    const older = greenAttempt({
      id: 'a1',
      entries: [{ ...closed('upgraded'), at: '2026-03-01T00:00:00.000Z' }],
    })
    expect(newestEvidence([older, greenAttempt({ id: 'a2' })])).toEqual({
      attempt: 'a2',
      at: '2026-03-01T00:00:00.000Z',
    })
    expect(newestEvidence([greenAttempt({ id: 'a1', entries: [] })])).toEqual({
      attempt: 'a1',
      at: '2026-01-01T00:00:00.000Z',
    })
    expect(newestEvidence([])).toBeUndefined()
  })
})

describe('what the record says about one content', () => {
  const attempts = {
    staging: [greenAttempt({ id: 's', tested: 'content' })],
    production: [greenAttempt({ id: 'p', tested: 'content', environment: 'production' })],
  }
  const about = (
    digests: Partial<Record<'staging' | 'production', string>>,
    target = '0.98.0',
  ): (string | null)[] => [
    ...new Set(
      resultsAbout(attempts, { digests, target, tool: '1' }).map(({ attempt }) => attempt),
    ),
  ]

  it('is of both environments', () => {
    expect(about({ staging: 'content', production: 'content' })).toEqual(['s', 'p'])
  })

  it('is of those alone that were tested with it, at this version', () => {
    expect(about({ staging: 'other', production: 'content' })).toEqual(['p'])
    expect(about({ staging: 'content', production: 'content' }, '0.97.0')).toEqual([])
  })

  it('is looked for by the digest of the other one where one is not known', () => {
    expect(about({ staging: 'content' })).toEqual(['s', 'p'])
    expect(about({ production: 'content' })).toEqual(['s', 'p'])
    expect(about({})).toEqual([])
  })
})

describe('the last upgrade that did something', () => {
  const attempt = (id: string, changes: Partial<Attempt>) => greenAttempt({ id, ...changes })
  const noop = attempt('b', { 'from-version': '0.98.0', entries: [closed('already-at-target')] })

  it('is the newest of this server that was no noop', () => {
    const other = attempt('c', { 'server-id': 'other', 'from-version': '0.90.0' })
    expect(lastUpgrade([greenAttempt(), noop, other], 'id')).toMatchObject({
      'reason-code': 'upgraded',
      details: { 'from-version': '0.94.1', 'to-version': '0.98.0' },
    })
  })

  it('is none where the record has only runs that found nothing to do', () => {
    expect(lastUpgrade([noop], 'id')).toBeNull()
    expect(lastRebuild([noop], 'id')).toBeNull()
  })
})
