import { describe, expect, it } from '@jest/globals'
import type { DeploymentReport, SnapshotReport } from '../../../src/result/snapshots.ts'
import { countsOf, judge } from '../../../src/snapshots/judge.ts'
import { foundReport } from '../../../src/snapshots/reports.ts'
import { discovered } from './example.ts'

const report = (
  name: string,
  status: SnapshotReport['status'],
  more: Partial<SnapshotReport> = {},
): SnapshotReport => ({
  ...foundReport(discovered(name), { source: 'default', declared: false, status }),
  ...more,
})
const verdict = (
  mode: 'plan' | 'rebuild' | 'execute' | 'all',
  reports: SnapshotReport[],
  {
    discovered: number = reports.length,
    baseline = null,
    ...more
  }: Partial<Parameters<typeof judge>[2]> = {},
) =>
  judge(mode, reports, { target: '0.98.0', discovered: number, baseline, policy: 'list', ...more })

const deployment = (status: DeploymentReport['status']): DeploymentReport => ({
  project: 'default',
  name: 'churn-api',
  pipeline: 'churn',
  snapshot: null,
  stack: null,
  status,
  'server-status': 'running',
  url: null,
  version: '0.94.1',
  message: null,
  next: null,
})

describe('judge', () => {
  it.each([
    ['plan', 'planned', 'snapshots-planned', '1 snapshot can be rebuilt with ZenML 0.98.0.'],
    ['rebuild', 'rebuilt', 'snapshots-rebuilt', '1 snapshot rebuilt with ZenML 0.98.0.'],
    ['execute', 'executed', 'snapshots-executed', '1 snapshot ran to the end with ZenML 0.98.0.'],
    ['all', 'executed', 'snapshots-executed', '1 snapshot ran to the end with ZenML 0.98.0.'],
  ] as const)('%s with one %s is %s', (mode, status, code, summary) => {
    expect(verdict(mode, [report('a', status)])).toEqual({ code, summary, next: null })
  })

  it('none on a server that is too old to have snapshots is noop, and says so', () => {
    expect(verdict('plan', [], { discovered: null })).toEqual({
      code: 'nothing-to-rebuild',
      summary:
        'The server has no snapshots, because ZenML has them since 0.90.0: none was looked at.',
      next: null,
    })
  })

  it('none at all is noop only where none were before', () => {
    expect(verdict('rebuild', []).code).toBe('nothing-to-rebuild')
    expect(verdict('rebuild', [], { baseline: 0 }).code).toBe('nothing-to-rebuild')
    expect(verdict('rebuild', [], { baseline: 12 })).toMatchObject({
      code: 'snapshots-lost',
      summary: 'The server has no named snapshot; an earlier record says there were 12.',
    })
    expect(verdict('execute', [report('a', 'current')]).code).toBe('nothing-to-execute')
  })

  it('a lost one weighs more than a failed one, and that more than all others', () => {
    const reports = [
      report('a', 'rebuilt'),
      report('b', 'failed', { next: 'Do it.' }),
      report('c', 'excluded'),
    ]
    expect(verdict('rebuild', reports)).toEqual({
      code: 'snapshots-failed',
      summary: '1 of 2 snapshots could not be rebuilt with ZenML 0.98.0: churn/b.',
      next: 'Do it.',
    })
    expect(verdict('rebuild', [...reports, report('d', 'lost')])).toMatchObject({
      code: 'snapshots-lost',
      summary: '1 snapshot gone: churn/d.',
    })
  })

  it('says of a rebuild with runs what failed', () => {
    const [built, run] = [
      report('a', 'failed', { 'failed-at': 'rebuild' }),
      report('b', 'failed', { 'failed-at': 'execute' }),
    ]
    const summary = (reports: SnapshotReport[]) => verdict('all', reports).summary
    expect(summary([run])).toBe(
      '1 of 1 snapshots could not run to the end with ZenML 0.98.0: churn/b.',
    )
    expect(summary([built])).toBe(
      '1 of 1 snapshots could not be rebuilt with ZenML 0.98.0: churn/a.',
    )
    expect(summary([built, run])).toBe(
      '2 of 2 snapshots failed with ZenML 0.98.0, 1 at the rebuild and 1 in the run: churn/a, churn/b.',
    )
  })

  it('says which deployments still serve an old snapshot, or that this is not known', () => {
    const reports = [report('a', 'rebuilt')]
    const done = '1 snapshot rebuilt with ZenML 0.98.0.'
    expect(verdict('rebuild', reports, { deployments: [deployment('old')] })).toMatchObject({
      code: 'snapshots-rebuilt',
      summary: `${done} 1 deployment still serves an old snapshot: churn-api (ZenML 0.94.1).`,
    })
    expect(verdict('rebuild', reports, { deployments: [deployment('current')] }).summary).toBe(done)
    expect(verdict('rebuild', reports, { deployments: null })).toMatchObject({
      code: 'snapshots-rebuilt',
      summary: `${done} HTTP deployments could not be listed.`,
    })
  })

  it('fails where deployments should be deployed again and cannot even be listed', () => {
    const unlisted = { deployments: null, policy: 'redeploy' } as const
    expect(verdict('all', [report('a', 'rebuilt')], unlisted).code).toBe('snapshots-failed')
    expect(verdict('plan', [report('a', 'planned')], unlisted).code).toBe('snapshots-planned')
    expect(verdict('execute', [report('a', 'executed')], { policy: 'redeploy' }).code).toBe(
      'snapshots-executed',
    )
  })

  it('names five and counts the rest', () => {
    const reports = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => report(name, 'failed'))
    expect(verdict('plan', reports).summary).toBe(
      '7 of 7 snapshots could not be rebuilt with ZenML 0.98.0: churn/a, churn/b, churn/c, churn/d, churn/e, and 2 more.',
    )
  })
})

describe('countsOf', () => {
  it('counts what was rebuilt also when it failed later, and leaves empty what was not measured', () => {
    const reports = [
      report('a', 'executed', { 'new-id': 'n1' }),
      report('b', 'failed', { 'new-id': 'n2', 'failed-at': 'execute' }),
      report('c', 'failed', { 'new-id': 'n3', 'failed-at': 'rebuild' }),
      report('d', 'current'),
      report('e', 'excluded'),
    ]
    expect(countsOf('all', reports)).toEqual({
      'images-built': 0,
      'builds-reused': 0,
      planned: null,
      rebuilt: 2,
      executed: 1,
      failed: 2,
      lost: 0,
      excluded: 1,
    })
    expect(countsOf('plan', [report('a', 'planned')])).toEqual({
      'images-built': null,
      'builds-reused': null,
      planned: 1,
      rebuilt: null,
      executed: null,
      failed: 0,
      lost: null,
      excluded: 0,
    })
  })
})
