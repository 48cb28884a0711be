import { describe, expect, it } from '@jest/globals'
import type { Attempt, AttemptStore, Entry } from '../../../src/state/attempt.ts'
import { recordFinding } from '../../../src/state/evidence.ts'
import { judgeAttempt } from '../../../src/state/verdict.ts'
import { judgeSuite, type SuiteFacts } from '../../../src/smoke/judge.ts'
import { judgeGate } from '../../../src/promotion/gate.ts'
import { concludeAttempt } from '../../../src/commands/report/conclude-attempt.ts'
import type { Result } from '../../../src/result/result.ts'
import type { SnapshotReport } from '../../../src/result/snapshots.ts'
import { closed, evidence, greenAttempt } from '../state/attempts.ts'
import { OPEN } from '../promotion/facts.ts'

const ALL = { smokeSuite: true, executeSnapshots: true }
function storeOf(attempts: Attempt[]): AttemptStore {
  return {
    list: () => Promise.resolve(attempts),
    begin: (attempt) => {
      attempts.push(attempt)
      return Promise.resolve()
    },
    append: (_environment, id, entry) => {
      const found = attempts.find((attempt) => attempt.id === id)
      found?.entries.push(entry)
      return Promise.resolve()
    },
  }
}
const test = (name: string, status: 'passed' | 'failed' | 'skipped') => ({
  name,
  status,
  seconds: 1,
  message: null,
  file: null,
  line: null,
})
const tried = (exitCode: number, ...tests: ReturnType<typeof test>[]) => ({
  exitCode,
  timedOut: false,
  seconds: 1,
  junit: { kind: 'read' as const, tests },
  logTail: [],
})
const suite = (
  attempts: SuiteFacts['attempts'],
  { runs = [], earlierRuns = new Set() }: Partial<Pick<SuiteFacts, 'runs' | 'earlierRuns'>> = {},
) =>
  judgeSuite({
    source: 's',
    command: 'c',
    timeout: 9,
    serverVersion: '0.98.0',
    attempts,
    runs,
    earlierRuns,
  })
const run = (changes: object) => ({
  id: 'r',
  name: 'r',
  status: 'completed',
  'zenml-version': '0.98.0',
  'all-cached': false,
  'failed-step': null,
  exception: null,
  url: null,
  ...changes,
})
const snapshot = (name: string): SnapshotReport => ({
  project: 'default',
  pipeline: 'p',
  name,
  stack: null,
  source: null,
  declared: false,
  status: 'current',
  'failed-at': null,
  message: null,
  next: null,
  'version-before': '0.98.0',
  'version-after': null,
  'old-id': '1',
  'new-id': null,
  'executed-on': null,
  run: null,
  'not-checked': [],
  'code-changed': null,
  seconds: null,
})

describe('evidence', () => {
  it('of another server does not turn an attempt green', async () => {
    const attempts = [
      greenAttempt({
        'server-id': 'A',
        entries: [
          closed('upgraded'),
          evidence('run-smoke-suite', null, 'smoke-failed'),
          evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
        ],
      }),
    ]
    const [first] = attempts
    await recordFinding(
      storeOf(attempts),
      {
        environment: 'staging',
        tested: 'tested',
        sources: [],
        inputs: { digest: 'inputs', files: [] },
        sha: null,
        targetVersion: '0.98.0',
        serverId: 'B',
        serverUrl: 'http://b.test',
        now: new Date('2026-01-02T00:00:00.000Z'),
      },
      {
        command: 'run-smoke-suite',
        mode: null,
        reasonCode: 'smoke-passed',
        summary: '',
        zenmlVersion: '0.98.0',
        discovered: null,
      },
    )
    expect(first === undefined || judgeAttempt(first, ALL).green).toBe(false)
  })

  it('a test that failed and is skipped when run again is not green', () => {
    const report = suite([
      tried(1, test('a', 'passed'), test('b', 'failed')),
      tried(0, test('a', 'passed'), test('b', 'skipped')),
    ])
    expect(report['reason-code']).not.toBe('smoke-passed')
  })

  it('a test that failed and is not there when run again is not green', () => {
    const report = suite([
      tried(1, test('a', 'passed'), test('b', 'failed')),
      tried(0, test('a', 'passed')),
    ])
    expect(report['reason-code']).not.toBe('smoke-passed')
  })

  it('a repeated suite whose only passing attempt was all cache is not green', () => {
    // attempt 1 ran (and a test failed), attempt 2 took all from the cache
    const report = suite([tried(1, test('a', 'failed')), tried(0, test('a', 'passed'))], {
      runs: [run({ id: '1' }), run({ id: '2', 'all-cached': true })],
      earlierRuns: new Set(['1']),
    })
    expect(report['reason-code']).toBe('smoke-cached')
  })

  it('snapshots that were rebuilt after the last execution were not executed', () => {
    const attempt = greenAttempt({
      entries: [
        closed('upgraded'),
        evidence('run-smoke-suite', null, 'smoke-passed'),
        evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
        evidence('rebuild-snapshots', 'rebuild', 'snapshots-rebuilt'),
      ],
    })
    expect(judgeAttempt(attempt, ALL).green).toBe(false)
  })

  it('from before the last deployment of an attempt does not count', () => {
    const attempt = greenAttempt({
      entries: [
        evidence('run-smoke-suite', null, 'smoke-passed'),
        evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
        { kind: 'phase', at: '2026-01-02T00:00:00.000Z', phase: 'deploy', state: 'started' },
        closed('upgraded'),
      ],
    })
    expect(judgeAttempt(attempt, { smokeSuite: true, executeSnapshots: true }).green).toBe(false)
  })

  it('production of another server is not "nothing to do"', () => {
    const verdict = judgeGate({
      ...OPEN,
      stagingAttempts: [],
      production: { version: OPEN.target, id: 'new' },
      productionAttempts: [
        greenAttempt({
          environment: 'production',
          'server-id': 'old',
          'target-version': OPEN.target,
        }),
      ],
    })
    expect(verdict.gate).not.toBeNull()
  })

  it('the report job run again does not bury a newer red finding', async () => {
    const at = (time: string, entry: Entry): Entry => ({ ...entry, at: time })
    const attempts = [
      greenAttempt({
        entries: [
          closed('upgraded'),
          evidence('run-smoke-suite', null, 'smoke-passed'),
          at(
            '2026-01-01T01:00:00.000Z',
            evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
          ),
          // by hand, later
          at('2026-01-02T00:00:00.000Z', evidence('rebuild-snapshots', 'all', 'snapshots-failed')),
        ],
      }),
    ]
    const [first] = attempts
    if (first === undefined) throw new Error()
    expect(judgeAttempt(first, ALL).green).toBe(false)
    const part = (shard: string): Result => ({
      'schema-version': 1,
      tool: '1',
      environment: 'staging',
      command: 'rebuild-snapshots',
      outcome: 'success',
      'reason-code': 'snapshots-executed',
      summary: '',
      next: 'Nothing to do.',
      attempt: null,
      started: '2026-01-01T00:30:00.000Z',
      ended: '2026-01-01T01:00:00.000Z',
      details: {
        mode: 'all',
        'zenml-version': '0.98.0',
        shard,
        discovered: 1,
        planned: null,
        rebuilt: 1,
        executed: 1,
        failed: 0,
        lost: 0,
        excluded: 0,
        snapshots: [{ ...snapshot(shard), status: 'executed' }],
      },
    })
    const results = [part('1/2'), part('2/2')]
    const github = {
      context: { event: { kind: 'pull-request' } },
      attempts: { conclude: () => Promise.resolve(undefined) },
    }
    await concludeAttempt({
      machine: { now: () => new Date('2026-01-03T00:00:00.000Z'), log: { warn: () => undefined } },
      place: { store: storeOf(attempts), github },
      github,
      environment: 'staging',
      content: {
        testedIn: () => Promise.resolve({ tested: 'tested', sources: [] }),
        inputs: { digest: 'inputs', files: [] },
        sha: null,
        target: '0.98.0',
        config: {
          smoke: [{}],
          execute: { staging: 'all', production: 'none' },
          deployments: { staging: 'list', production: 'list' },
          environments: { staging: { server: 'http://zenml.test' } },
        },
      },
      results,
      all: results,
      jobs: { ends: [], fromRecord: [] },
    } as unknown as Parameters<typeof concludeAttempt>[0])
    expect(judgeAttempt(first, ALL).green).toBe(false)
  })
})
