import { describe, expect, it } from '@jest/globals'
import { judgeGate, type GateFacts } from '../../../src/promotion/gate.ts'
import { promotionStatus } from '../../../src/promotion/status.ts'
import { greenAttempt } from '../state/attempts.ts'
import { OPEN, policy, WEEKEND } from './facts.ts'

const saturday = new Date('2026-01-03T12:00:00Z')
const NEVER = ['Mon 00:00 – Thu 00:00 UTC', 'Thu 00:00 – Mon 00:00 UTC']
const HALF_WAY = greenAttempt({
  environment: 'production',
  entries: [{ kind: 'phase', at: '2026-01-03T11:00:00.000Z', phase: 'deploy', state: 'started' }],
})

// Each row: what is different, the state, the description.
const CASES: [Partial<GateFacts>, string, string][] = [
  [{}, 'success', 'Staging is green for exactly this content.'],
  [{ production: { version: '0.98.0' } }, 'success', 'Production already has this version.'],
  [
    { ...policy({ soak: 3600 }), now: new Date('2026-01-01T00:30:30Z') },
    'pending',
    'Staging is green; soaking until 2026-01-01 01:00 UTC.',
  ],
  [
    { ...policy({ freeze: [WEEKEND] }), now: saturday },
    'pending',
    'Staging is green; frozen until 2026-01-05 06:00 UTC.',
  ],
  [
    { ...policy({ freeze: [WEEKEND], soak: 200 * 3600 }), now: saturday },
    'pending',
    'Staging is green; frozen and soaking until 2026-01-09 08:00 UTC.',
  ],
  [
    { ...policy({ freeze: NEVER }) },
    'failure',
    'Production is frozen (Mon 00:00 – Thu 00:00 UTC), and the windows in the file leave no gap, so this does not end by itself',
  ],
  [
    { pullRequest: { number: 7, labels: ['upgrade-hold'] } },
    'failure',
    'Pull request #7 carries the label upgrade-hold',
  ],
  [
    {
      ...policy({ freeze: [WEEKEND] }),
      now: saturday,
      pullRequest: { number: 7, labels: ['upgrade-hold'] },
    },
    'failure',
    'Pull request #7 carries the label upgrade-hold (and 1 more)',
  ],
  [{ stagingAttempts: [] }, 'failure', 'No upgrade of staging is recorded'],
  // What lets a run in to finish what it began says nothing about the head.
  [{ productionAttempts: [HALF_WAY] }, 'success', 'Staging is green for exactly this content.'],
  [
    { productionAttempts: [HALF_WAY], stagingAttempts: [] },
    'failure',
    'No upgrade of staging is recorded',
  ],
  [
    { productionAttempts: [HALF_WAY], ...policy({ freeze: [WEEKEND] }), now: saturday },
    'failure',
    'Production is frozen (Fri 15:00 – Mon 07:00 Europe/Berlin) until 2026-01-05 06:00 UTC',
  ],
  [
    { staging: { unknown: 'connection refused' } },
    'failure',
    'The staging server could not be asked for its version: connection refused',
  ],
]

describe('the commit status', () => {
  it('of what was in part taken as it was tested stands only where nobody said more, but for a merge queue', () => {
    const facts = {
      unchanged: false,
      verdict: judgeGate(OPEN),
      target: null,
      assumed: ['churn', 'scoring'],
    }
    const description =
      'Staging is green; not read here and assumed to be as tested: churn, scoring.'
    expect(promotionStatus(facts)).toEqual({
      state: 'pending',
      description,
      target: null,
      onlyIfNone: true,
    })
    expect(promotionStatus({ ...facts, mergeGroup: true })).toEqual({
      state: 'success',
      description,
      target: null,
    })
    expect(promotionStatus({ ...facts, unchanged: true })).toMatchObject({
      state: 'success',
      description: 'Nothing here changes the upgrade.',
    })
    expect(
      promotionStatus({ ...facts, verdict: judgeGate({ ...OPEN, stagingAttempts: [] }) }),
    ).toMatchObject({ state: 'failure', description: 'No upgrade of staging is recorded' })
  })

  it.each(CASES)('of %j is %s', (change, state, description) => {
    expect(
      promotionStatus({
        unchanged: false,
        verdict: judgeGate({ ...OPEN, ...change }),
        target: 'https://example.test/1',
      }),
    ).toEqual({ state, description, target: 'https://example.test/1' })
  })

  it('of a staging server that could not be asked for a pull request stands only where no run said more', () => {
    const verdict = judgeGate({ ...OPEN, staging: { unknown: 'connection refused' } })
    const facts = { unchanged: false, verdict, target: null }
    expect(promotionStatus({ ...facts, pullRequest: true })).toMatchObject({ onlyIfNone: true })
    expect(promotionStatus({ ...facts, mergeGroup: true })).not.toHaveProperty('onlyIfNone')
  })

  it('is a success for a head that changes nothing of it, however staging is', () => {
    const verdict = judgeGate({ ...OPEN, stagingAttempts: [] })
    expect(promotionStatus({ unchanged: true, verdict, target: null })).toEqual({
      state: 'success',
      description: 'Nothing here changes the upgrade.',
      target: null,
    })
  })

  it('is never longer than GitHub takes, and one line', () => {
    const verdict = judgeGate({
      ...OPEN,
      staging: { unknown: `${'long and 日本語 '.repeat(50)}\n::error::x` },
      stagingAttempts: [greenAttempt({ id: 'x'.repeat(300), tested: 'other' })],
    })
    const { description, state } = promotionStatus({ unchanged: false, verdict, target: null })
    expect(state).toBe('failure')
    expect(Array.from(description).length).toBeLessThanOrEqual(140)
    expect(description).toMatch(/^[^\n]* \(and 1 more\)$/)
  })
})

describe('a job of staging that left no result', () => {
  const job = {
    summary: 'the job "Smoke suite" failed and left no result',
    url: 'https://job.test',
  }
  const statusOf = (facts: Partial<GateFacts>) =>
    promotionStatus({
      unchanged: false,
      verdict: judgeGate({ ...OPEN, ...facts }),
      job,
      target: 'https://run.test',
    })

  it('is the description, with its page, where staging is not green', () => {
    expect(statusOf({ stagingAttempts: [] })).toEqual({
      state: 'failure',
      description: 'The job "Smoke suite" failed and left no result',
      target: 'https://job.test',
    })
  })

  it('says nothing where staging is green by its record, or something else holds', () => {
    expect(statusOf({})).toMatchObject({ state: 'success', target: 'https://run.test' })
    expect(statusOf({ pullRequest: { number: 7, labels: ['upgrade-hold'] } })).toMatchObject({
      state: 'failure',
      description: 'Pull request #7 carries the label upgrade-hold',
    })
  })
})
