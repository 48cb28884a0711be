import type { Environment } from '../../../src/core/environments.ts'
import type { Check, Phase } from '../../../src/result/common.ts'
import type { GateDetails } from '../../../src/result/promotion.ts'
import type { ParityReport, StacksDetails } from '../../../src/result/stacks.ts'
import type { PlanDetails, PlannedSnapshot } from '../../../src/result/plan.ts'
import type { Result, ResultOf } from '../../../src/result/result.ts'
import type { RunReport } from '../../../src/result/run.ts'
import type { SnapshotReport, SnapshotsDetails } from '../../../src/result/snapshots.ts'
import type { SuiteReport, TestReport } from '../../../src/result/smoke.ts'
import type { UpgradeDetails } from '../../../src/result/upgrade.ts'
import { nextOf, outcomeOf, type ReasonCode } from '../../../src/core/reasons.ts'

// Results as commands write them; a test changes only what it is about.

interface Common {
  readonly environment: Environment
  readonly code: ReasonCode
  readonly summary: string
  readonly next?: string
  readonly attempt?: string | null
  /** Minutes after 10:00; later ones are newer. */
  readonly minute?: number
}

function common({ environment, code, summary, next, attempt, minute = 0 }: Common) {
  const at = (minutes: number) => new Date(Date.UTC(2026, 10, 23, 10, minutes)).toISOString()
  return {
    'schema-version': 1 as const,
    tool: 'zenml-upgrade 0.1.0',
    environment,
    outcome: outcomeOf(code),
    'reason-code': code,
    summary,
    next: nextOf(code, next),
    attempt: attempt === undefined ? `${environment}-1` : attempt,
    started: at(minute),
    ended: at(minute + 1),
  }
}

const COUNTS = {
  pipelines: 3,
  runs: 41,
  artifacts: 120,
  snapshots: 9,
  stacks: 2,
  schedules: 2,
}

export const PASSED_CHECKS: Check[] = [
  {
    name: 'credentials',
    status: 'passed',
    message: 'The API key of service account `ci` is accepted.',
  },
  {
    name: 'client of the target version',
    status: 'passed',
    message: 'zenml 0.98.0 can be installed for Python 3.11.',
  },
  { name: 'disk', status: 'passed', message: '38 GB are free, 2.3 MB are needed.' },
  {
    name: 'no other migration',
    status: 'not-checked',
    message: 'The driver cannot tell which processes use the database.',
  },
]

export const PHASES: Phase[] = [
  { name: 'preflight', status: 'done', started: '2026-11-23T10:00:00.000Z', seconds: 4.2 },
  { name: 'backup', status: 'done', started: '2026-11-23T10:00:05.000Z', seconds: 0.84 },
  { name: 'deploy', status: 'done', started: '2026-11-23T10:00:06.000Z', seconds: 12.5 },
  { name: 'verify', status: 'done', started: '2026-11-23T10:00:19.000Z', seconds: 6 },
]

/** Phases are given as if the work had begun at 10:00. */
export function upgrade(
  given: Common,
  { phases = PHASES, ...details }: Partial<UpgradeDetails> = {},
): ResultOf<'upgrade-workspace'> {
  const { minute = 0 } = given
  return {
    ...common(given),
    command: 'upgrade-workspace',
    details: {
      'from-version': '0.94.1',
      'to-version': '0.98.0',
      'server-id': '6a0c5f1e-0000-4000-8000-000000000001',
      changed: true,
      'rolled-back': false,
      'downtime-seconds': 13.2,
      driver: 'local',
      backup: {
        id: '2026-11-23T10-00-05Z-0.94.1',
        kind: 'sqlite',
        location: '/backups/zenml/2026-11-23T10-00-05Z-0.94.1.db',
        bytes: 2_300_000,
        sha256: 'ab'.repeat(32),
        verified: 'checksum',
        completed: '2026-11-23T10:00:06.000Z',
        seconds: 0.84,
      },
      checks: PASSED_CHECKS,
      counts: { before: COUNTS, after: COUNTS },
      lost: [],
      'written-since-backup': null,
      phases: phases.map((phase) => ({
        ...phase,
        started: new Date(Date.parse(phase.started) + minute * 60_000).toISOString(),
      })),
      'migration-log': [],
      ...details,
    },
  }
}

export const test = (
  name: string,
  status: TestReport['status'] = 'passed',
  message: string | null = null,
): TestReport => ({ name, status, seconds: 1.5, message, file: null, line: null })

export const run = (name: string, changes: Partial<RunReport> = {}): RunReport => ({
  id: '6a0c5f1e-0000-4000-8000-0000000000aa',
  name,
  status: 'completed',
  'zenml-version': '0.98.0',
  'all-cached': false,
  'failed-step': null,
  exception: null,
  url: 'https://staging.zenml.example.com/runs/6a0c5f1e-0000-4000-8000-0000000000aa',
  ...changes,
})

export function suite(changes: Partial<SuiteReport> = {}): SuiteReport {
  return {
    source: 'churn',
    command: 'pytest -q tests/smoke',
    'reason-code': 'smoke-passed',
    message: 'All 3 tests passed.',
    'exit-code': 0,
    attempts: 1,
    seconds: 31,
    tests: [
      test('tests.smoke.test_training.test_trains'),
      test('tests.smoke.test_scoring.test_scores'),
      test('tests.smoke.test_report.test_writes'),
    ],
    runs: [run('training-2026_11_23')],
    'log-tail': [],
    ...changes,
  }
}

export function smoke(given: Common, suites: SuiteReport[]): ResultOf<'run-smoke-suite'> {
  const tests = suites.flatMap((one) => one.tests)
  const amount = (status: TestReport['status']) =>
    tests.filter((one) => one.status === status).length
  return {
    ...common(given),
    command: 'run-smoke-suite',
    details: {
      'zenml-version': '0.98.0',
      suites,
      total: tests.length,
      passed: amount('passed') + amount('flaky'),
      failed: amount('failed'),
      skipped: amount('skipped'),
      flaky: amount('flaky'),
    },
  }
}

export function snapshot(name: string, changes: Partial<SnapshotReport> = {}): SnapshotReport {
  return {
    project: 'default',
    pipeline: 'training',
    name,
    stack: 'k8s',
    source: 'churn',
    declared: false,
    status: 'executed',
    'failed-at': null,
    message: null,
    next: null,
    'version-before': '0.94.1',
    'version-after': '0.98.0',
    'old-id': '6a0c5f1e-0000-4000-8000-0000000000b1',
    'new-id': '6a0c5f1e-0000-4000-8000-0000000000b2',
    'executed-on': 'server',
    run: null,
    'not-checked': [],
    'code-changed': null,
    seconds: 20,
    ...changes,
  }
}

export function snapshots(
  given: Common,
  list: SnapshotReport[],
  changes: Partial<SnapshotsDetails> = {},
): ResultOf<'rebuild-snapshots'> {
  const amount = (status: SnapshotReport['status']) =>
    list.filter((one) => one.status === status).length
  return {
    ...common(given),
    command: 'rebuild-snapshots',
    details: {
      mode: 'all',
      'zenml-version': '0.98.0',
      shard: null,
      discovered: list.length,
      planned: amount('planned'),
      rebuilt: amount('rebuilt') + amount('executed'),
      executed: amount('executed'),
      failed: amount('failed'),
      lost: amount('lost'),
      excluded: amount('excluded'),
      snapshots: list,
      ...changes,
    },
  }
}

export function gate(
  given: Common,
  reasons: { 'reason-code': string; message: string }[],
  changes: Partial<GateDetails> = {},
): ResultOf<'promote'> {
  return {
    ...common(given),
    command: 'promote',
    details: {
      step: 'gate',
      gate: reasons.length === 0 ? 'open' : 'closed',
      reasons,
      tested: null,
      'target-version': '0.98.0',
      ...changes,
    },
  }
}

export function plan(given: Common, changes: Partial<PlanDetails> = {}): ResultOf<'plan'> {
  const planned = (name: string, more: Partial<PlannedSnapshot> = {}): PlannedSnapshot => ({
    project: 'default',
    pipeline: 'training',
    name,
    status: 'planned',
    source: 'churn',
    'version-before': '0.94.1',
    rebuild: true,
    execute: true,
    parameters: null,
    steps: null,
    config: null,
    message: null,
    ...more,
  })
  return {
    ...common({
      attempt: null,
      next: `Merge the pull request; that upgrades ${given.environment}.`,
      ...given,
    }),
    command: 'plan',
    details: {
      'base-version': '0.94.1',
      'target-version': '0.98.0',
      'live-version': '0.94.1',
      'changes-upgrade': true,
      driver: 'helm',
      backup: 'mysql',
      changes: [
        { path: 'zenml', before: '0.94.1', after: '0.98.0' },
        { path: 'snapshots.churn-daily.timeout', before: null, after: '1 h 30 min' },
      ],
      checks: [
        {
          name: 'version',
          status: 'passed',
          message: 'staging runs ZenML 0.94.1 and would be upgraded to 0.98.0',
        },
        {
          name: 'backup',
          status: 'passed',
          message: 'the database is backed up by mysql before the first change',
        },
      ],
      breaks: [
        {
          version: '0.97.0',
          sentence:
            'The migration is started in another way, and clients need click 8.3.3 or later.',
          source: 'https://github.com/zenml-io/zenml/releases/tag/0.97.0',
        },
      ],
      suites: [{ source: 'churn', command: 'pytest -q tests/smoke' }],
      inventory: { recorded: '2026-11-20T08:00:00.000Z', count: 4 },
      snapshots: [
        planned('churn-daily', { parameters: { rows: 100 }, config: 'configs/staging.yaml' }),
        planned('churn-weekly', {
          pipeline: 'scoring',
          'version-before': '0.98.0',
          rebuild: false,
        }),
        planned('churn|monthly', {
          'version-before': null,
          rebuild: null,
          steps: { load: { parameters: { note: 'a | b `c` <script> @octocat' } } },
        }),
        planned('legacy-report', {
          status: 'excluded',
          source: null,
          rebuild: false,
          execute: false,
          message: 'excluded by the file: retired in January',
        }),
      ],
      ...changes,
    },
  }
}

export function parity(changes: Partial<ParityReport> = {}): ParityReport {
  return { compared: 4, 'not-in-use': 1, differences: 0, notes: 0, findings: [], ...changes }
}

export const DIFFERING = parity({
  differences: 2,
  notes: 1,
  findings: [
    {
      kind: 'twin-missing',
      stack: 'prod-vertex',
      twin: 'staging-vertx',
      message:
        'staging has no stack "staging-vertx", which the file names under stacks as the twin of "prod-vertex"; did you mean "staging-vertex"?',
    },
    {
      kind: 'flavor',
      stack: '</details><script>',
      twin: '@octocat',
      message: 'orchestrator: flavor "kubernetes" in production and "local|<b>" in staging',
    },
    {
      kind: 'configuration',
      stack: 'prod-k8s',
      twin: 'staging-k8s',
      message: 'artifact store: only production sets "endpoint_url" of "s3"',
    },
  ],
})

export function stacks(
  given: Common,
  changes: Partial<StacksDetails> = {},
): ResultOf<'check-stacks'> {
  return {
    ...common({ attempt: null, ...given }),
    command: 'check-stacks',
    details: {
      file: 'digest',
      'target-version': '0.98.0',
      inventory: {
        'server-id': 'a',
        'server-version': '0.94.1',
        read: '2026-11-23T10:00:00.000Z',
        stacks: [],
      },
      parity: null,
      'not-compared': null,
      ...changes,
    },
  }
}

/** Staging after everything went well. */
export const GREEN_STAGING: Result[] = [
  upgrade({ environment: 'staging', code: 'upgraded', summary: 'Upgraded from 0.94.1 to 0.98.0.' }),
  smoke(
    { environment: 'staging', code: 'smoke-passed', summary: 'All 3 tests passed.', minute: 5 },
    [suite()],
  ),
  snapshots(
    {
      environment: 'staging',
      code: 'snapshots-executed',
      summary: '3 snapshots were rebuilt and run.',
      minute: 10,
    },
    [
      snapshot('churn-daily', { run: run('training-2026_11_23-10_11') }),
      snapshot('churn-weekly', { pipeline: 'scoring' }),
      snapshot('legacy-report', {
        status: 'excluded',
        'version-after': null,
        'new-id': null,
        message: 'Excluded by the file: retired in January.',
      }),
    ],
  ),
]

export const UPGRADED_PRODUCTION = upgrade({
  environment: 'production',
  code: 'upgraded',
  summary: 'Upgraded from 0.94.1 to 0.98.0.',
  minute: 30,
})

/** Production after its upgrade and the rebuild of every snapshot. */
export const GREEN_PRODUCTION: readonly Result[] = [
  UPGRADED_PRODUCTION,
  snapshots(
    {
      environment: 'production',
      code: 'snapshots-rebuilt',
      summary: '2 snapshots were rebuilt.',
      minute: 40,
    },
    [
      snapshot('churn-daily', { status: 'rebuilt', 'executed-on': null }),
      snapshot('churn-weekly', { status: 'rebuilt', 'executed-on': null }),
    ],
  ),
]

/** Production was only looked at. */
export const PLANNED_PRODUCTION: Result[] = [
  upgrade(
    {
      environment: 'production',
      code: 'dry-run',
      summary: 'Planned: 0.94.1 to 0.98.0.',
      minute: 20,
    },
    {
      changed: false,
      backup: null,
      phases: [],
      'downtime-seconds': null,
      counts: { before: COUNTS, after: null },
    },
  ),
]
