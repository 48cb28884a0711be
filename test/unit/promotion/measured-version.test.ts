import { describe, expect, it } from '@jest/globals'
import { measuredVersion, versionAskedFor } from '../../../src/promotion/measured-version.ts'
import type { Result } from '../../../src/result/result.ts'

const common = {
  'schema-version': 1 as const,
  tool: 'test',
  environment: 'staging' as const,
  summary: '',
  next: 'Nothing to do.',
  attempt: null,
  started: '2026-11-23T10:00:00.000Z',
}
const smoke = (version: string | null, minute: number, environment = 'staging'): Result =>
  ({
    ...common,
    environment,
    command: 'run-smoke-suite',
    outcome: 'success',
    'reason-code': 'smoke-passed',
    ended: `2026-11-23T10:0${minute}:00.000Z`,
    details: { 'zenml-version': version },
  }) as Result
const upgrade = (outcome: Result['outcome'], minute: number): Result =>
  ({
    ...common,
    command: 'upgrade-workspace',
    outcome,
    'reason-code': 'upgraded',
    ended: `2026-11-23T10:0${minute}:00.000Z`,
    details: { 'to-version': '0.98.0' },
  }) as Result

describe('the version that the commands of a run measured', () => {
  it('is that of the newest, whatever the order of the files', () => {
    expect(measuredVersion([upgrade('success', 5), smoke('0.94.1', 1)])).toEqual({
      version: '0.98.0',
    })
    expect(measuredVersion([smoke('0.97.0', 6), upgrade('success', 5)])).toEqual({
      version: '0.97.0',
    })
  })

  it.each(['failure', 'inconclusive', 'cancelled'] as const)(
    'is not that of an upgrade with outcome %s, after which the server may be anything',
    (outcome) => {
      expect(measuredVersion([smoke('0.94.1', 1), upgrade(outcome, 5)])).toEqual({
        version: '0.94.1',
      })
      expect(measuredVersion([upgrade(outcome, 5)])).toBeUndefined()
    },
  )

  it('is not that of production', () => {
    expect(measuredVersion([smoke('0.98.0', 1, 'production')])).toBeUndefined()
  })
})

describe('what another job asked the staging server', () => {
  const now = new Date('2026-11-23T16:00:00.000Z')
  const asked = { sha: 'c1', target: '0.98.0' }
  const answer = (details: object, ended = '2026-11-23T10:00:00.000Z'): Result =>
    ({
      ...common,
      command: 'promote',
      outcome: 'noop',
      'reason-code': 'already-at-target',
      ended,
      details: {
        step: 'gate',
        tested: null,
        sha: 'c1',
        'target-version': '0.98.0',
        'server-version': '0.98.0',
        'server-id': 'id',
        ...details,
      },
    }) as Result

  it('counts for this commit for six hours', () => {
    expect(versionAskedFor(answer({}), asked, now)).toEqual({ version: '0.98.0', id: 'id' })
    expect(versionAskedFor(answer({}, '2026-11-23T09:59:59.000Z'), asked, now)).toBeUndefined()
  })

  it('has no id where the server named none', () => {
    expect(versionAskedFor(answer({ 'server-id': null }), asked, now)).toEqual({
      version: '0.98.0',
    })
  })

  it.each([
    ['another commit', { sha: 'c2' }],
    ['no commit', { sha: null }],
    ['another target', { 'target-version': '0.97.0' }],
    ['no version', { 'server-version': null }],
  ])('does not count with %s', (_what, details) => {
    expect(versionAskedFor(answer(details), asked, now)).toBeUndefined()
  })

  it('does not count where the commit that asks is not known', () => {
    expect(versionAskedFor(answer({ sha: null }), { ...asked, sha: null }, now)).toBeUndefined()
  })

  it('does not count where production answered', () => {
    const foreign = { ...answer({}), environment: 'production' as const }
    expect(versionAskedFor(foreign, asked, now)).toBeUndefined()
  })

  it('does not count without a result, or with one of another command', () => {
    expect(versionAskedFor(undefined, asked, now)).toBeUndefined()
    expect(versionAskedFor(smoke('0.98.0', 1), asked, now)).toBeUndefined()
  })
})
