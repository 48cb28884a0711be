import { expect, it } from '@jest/globals'
import { gateDetails } from '../../../src/promotion/gate-details.ts'
import { gateReasonWords } from '../../../src/report/wording-gate.ts'

const SOAKING = {
  kind: 'soaking',
  seconds: 3600,
  until: new Date('2026-11-23T12:00:00.000Z'),
} as const
const verdict = {
  gate: 'closed',
  reasonCode: 'waiting-for-soak',
  decision: { kind: 'closed', facts: [SOAKING] },
  closedFor: [{ code: 'waiting-for-soak', fact: SOAKING, until: SOAKING.until }],
  opensAt: SOAKING.until,
  soakUntil: null,
  override: null,
} as const
const about = { tested: 't', target: '0.98.0' }

it('describes a verdict with its conditions and the pull request that it is about', () => {
  expect(
    gateDetails(verdict, {
      ...about,
      pullRequest: { number: 7, url: 'https://github.test/7', labels: [] },
    }),
  ).toEqual({
    step: 'gate',
    gate: 'closed',
    tested: 't',
    'target-version': '0.98.0',
    reasons: [{ 'reason-code': 'waiting-for-soak', message: gateReasonWords(SOAKING) }],
    override: null,
    'soak-until': null,
    'opens-at': '2026-11-23T12:00:00.000Z',
    'pull-request': { number: 7, url: 'https://github.test/7' },
  })
})

it('names no pull request where there is none, or where it is not known', () => {
  expect(gateDetails(verdict, { ...about, pullRequest: null })['pull-request']).toBeNull()
  expect(
    gateDetails(verdict, { ...about, pullRequest: { unknown: 'why' } })['pull-request'],
  ).toBeNull()
})
