import { REASONS } from '../../../src/core/reasons.ts'
import type { JobEnd } from '../../../src/report/job-end.ts'
import type { Result } from '../../../src/result/result.ts'
import {
  DIFFERING,
  gate,
  GREEN_STAGING,
  parity,
  PASSED_CHECKS,
  PHASES,
  plan,
  PLANNED_PRODUCTION,
  run,
  smoke,
  snapshot,
  snapshots,
  stacks,
  suite,
  test,
  upgrade,
  UPGRADED_PRODUCTION,
} from './results.ts'

const [stagingUpgrade, stagingSmoke] = GREEN_STAGING as [Result, Result]

const MIGRATION_LOG = [
  'INFO  [alembic.runtime.migration] Running upgrade 0.94.2 -> 0.95.0, Release.',
  'INFO  [alembic.runtime.migration] Running upgrade 0.95.0 -> 0.96.3, add resource pools.',
  'sqlalchemy.exc.OperationalError: (1050, "Table \'resource_pool\' already exists")',
  'ERROR:    Application startup failed. Exiting.',
]
const FAILED_PHASES = PHASES.map((phase) =>
  phase.name === 'deploy' ? { ...phase, status: 'failed' as const, seconds: 300 } : phase,
).slice(0, 3)

/** What the report says in every state that a reader meets. */
export const CASES: Readonly<Record<string, readonly Result[]>> = {
  'nothing-run': [],
  'staging-green': [...GREEN_STAGING, ...PLANNED_PRODUCTION],
  'both-green': [
    ...GREEN_STAGING,
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
        snapshot('churn-weekly', {
          status: 'rebuilt',
          'executed-on': null,
          'code-changed': '4f2c1e0..9b7d3a1',
        }),
      ],
    ),
  ],
  'stacks-mirrored': [
    ...GREEN_STAGING,
    stacks({
      environment: 'staging',
      code: 'inventory-read',
      summary:
        'staging: 5 stacks read, 4 in use by named snapshots; not compared: check-stacks has not read the stacks of production into this report directory',
      minute: 20,
    }),
    upgrade(
      {
        environment: 'production',
        code: 'upgraded',
        summary: 'Upgraded from 0.94.1 to 0.98.0.',
        minute: 30,
      },
      { parity: parity() },
    ),
  ],
  'stacks-differ': [
    ...GREEN_STAGING,
    upgrade(
      {
        environment: 'production',
        code: 'upgraded',
        summary: 'Upgraded from 0.94.1 to 0.98.0.',
        minute: 30,
      },
      {
        parity: DIFFERING,
        checks: [
          ...PASSED_CHECKS,
          {
            name: 'stack parity',
            status: 'warning',
            message: '2 differences between the two environments, 4 stacks compared',
            next: 'Make the stacks alike.',
          },
        ],
      },
    ),
  ],
  'staging-red-smoke': [
    stagingUpgrade,
    smoke(
      {
        environment: 'staging',
        code: 'smoke-failed',
        summary: '1 of 4 tests failed: tests.smoke.test_scoring.test_scores',
        minute: 5,
      },
      [
        suite({
          'reason-code': 'smoke-failed',
          message: '1 of 4 tests failed: tests.smoke.test_scoring.test_scores.',
          'exit-code': 1,
          attempts: 2,
          tests: [
            test('tests.smoke.test_training.test_trains'),
            test(
              'tests.smoke.test_scoring.test_scores',
              'failed',
              'AssertionError: assert 0.41 > 0.8',
            ),
            test('tests.smoke.test_report.test_writes', 'flaky'),
            test('tests.smoke.test_report.test_mails', 'skipped', 'no mail server here'),
          ],
          runs: [
            run('training-2026_11_23'),
            run('scoring-2026_11_23', {
              status: 'failed',
              'failed-step': 'score',
              exception: 'KeyError: model',
            }),
          ],
          'log-tail': [
            '..FS',
            'FAILED tests/smoke/test_scoring.py::test_scores - AssertionError: assert 0.41 > 0.8',
            '1 failed, 2 passed, 1 skipped in 31.02s',
          ],
        }),
      ],
    ),
  ],
  'rolled-back': [
    upgrade(
      {
        environment: 'staging',
        code: 'rolled-back',
        summary:
          'The upgrade to 0.98.0 failed in the migration; 0.94.1 is back with the same data.',
      },
      {
        'rolled-back': true,
        phases: [
          ...FAILED_PHASES,
          { name: 'roll back', status: 'done', started: '2026-11-23T10:05:20.000Z', seconds: 21.4 },
        ],
        'migration-log': MIGRATION_LOG,
        'downtime-seconds': 322,
        'written-since-backup': { pipeline_run: 0, step_run: 0 },
      },
    ),
  ],
  'rollback-refused': [
    ...GREEN_STAGING,
    upgrade(
      {
        environment: 'production',
        code: 'rollback-refused',
        summary:
          'The upgrade to 0.98.0 failed, and 17 rows were written since the backup; they would be lost by going back.',
        next: 'Save what was written. Then run the action upgrade-workspace for production with on-failure: rollback-with-loss in a job of your own; or repair ZenML 0.98.0 and start it; or restore the backup by hand (`cp /backups/zenml/2026-11-23T10-00-05Z-0.94.1.db DATABASE_FILE`) and start ZenML 0.94.1. A later run recognises what you did.',
        minute: 30,
      },
      {
        phases: FAILED_PHASES,
        'migration-log': MIGRATION_LOG,
        'written-since-backup': { pipeline_run: 2, step_run: 11, artifact_version: 4, schedule: 0 },
        counts: { before: { runs: 41, stacks: 2 }, after: null },
      },
    ),
  ],
  'snapshots-failed': [
    stagingUpgrade,
    stagingSmoke,
    snapshots(
      {
        environment: 'staging',
        code: 'snapshots-failed',
        summary: '2 of 4 snapshots failed, 1 is lost.',
        minute: 10,
      },
      [
        snapshot('churn-daily', { run: run('training-2026_11_23-10_11') }),
        snapshot('churn-hourly', {
          status: 'failed',
          'failed-at': 'rebuild',
          'version-after': null,
          'new-id': null,
          message: "ModuleNotFoundError: No module named 'xgboost'",
          next: 'Add xgboost to requirements.txt of source churn.',
        }),
        snapshot('churn-weekly', {
          pipeline: 'scoring',
          status: 'failed',
          'failed-at': 'execute',
          run: run('scoring-2026_11_23', {
            status: 'failed',
            'failed-step': 'score',
            exception: 'KeyError: model',
          }),
          message: 'The run ended as failed.',
        }),
        snapshot('report|monthly', {
          pipeline: 'report',
          status: 'lost',
          'version-after': null,
          'new-id': null,
          message: 'It existed before the upgrade and is gone.',
        }),
      ],
    ),
  ],
  held: [
    stagingUpgrade,
    smoke(
      {
        environment: 'staging',
        code: 'no-tests',
        summary: 'The suite of source churn collected no test.',
        minute: 5,
      },
      [
        suite({
          'reason-code': 'no-tests',
          message: 'The command ended with exit code 5 and its JUnit file holds no test.',
          'exit-code': 5,
          tests: [],
          runs: [],
          'log-tail': ['collected 0 items', 'no tests ran in 0.01s'],
        }),
      ],
    ),
    gate(
      {
        environment: 'production',
        code: 'staging-not-green',
        summary: 'Staging has no green record for this content.',
        minute: 30,
      },
      [
        {
          'reason-code': 'staging-not-green',
          message: 'staging is not green: the smoke suite ended with no-tests',
        },
      ],
    ),
  ],
  plan: [
    plan({
      environment: 'staging',
      code: 'planned',
      summary: 'ZenML 0.94.1 → 0.98.0, 2 of 4 snapshots to rebuild and 3 to run',
    }),
  ],
  'plan-stopped': [
    ...GREEN_STAGING,
    plan(
      {
        environment: 'production',
        code: 'server-ahead',
        summary:
          '1 problem would stop the upgrade: production runs ZenML 0.99.0, the file says 0.98.0',
        next: 'Set zenml in the file to the version of the server.',
        minute: 30,
      },
      {
        'live-version': '0.99.0',
        suites: [],
        snapshots: null,
        inventory: null,
        changes: [],
        breaks: [],
        checks: [
          {
            name: 'version',
            status: 'failed',
            message: 'production runs ZenML 0.99.0, the file says 0.98.0',
            next: 'Set zenml in the file to the version of the server.',
            'reason-code': 'server-ahead',
          },
        ],
      },
    ),
  ],
  frozen: [
    ...GREEN_STAGING,
    gate(
      {
        environment: 'production',
        code: 'frozen',
        summary:
          'the gate to production is closed: production is frozen (Fri 15:00 – Mon 07:00 Europe/Berlin) until 2026-11-30 06:00 UTC',
        next: 'Nothing to do: the first scheduled run after 2026-11-30 06:00 UTC continues.',
        minute: 30,
      },
      [
        {
          'reason-code': 'frozen',
          message:
            'production is frozen (Fri 15:00 – Mon 07:00 Europe/Berlin) until 2026-11-30 06:00 UTC',
        },
      ],
      { 'opens-at': '2026-11-30T06:00:00.000Z' },
    ),
  ],
  overridden: [
    ...GREEN_STAGING,
    gate(
      {
        environment: 'production',
        code: 'gate-open',
        summary: 'opened by octocat: The fix cannot wait. (1 condition not met)',
        minute: 30,
      },
      [{ 'reason-code': 'hold-label', message: 'pull request #7 carries the label upgrade-hold' }],
      { gate: 'open', override: { actor: 'octocat', reason: 'The fix cannot wait' } },
    ),
    upgrade({
      environment: 'production',
      code: 'upgraded',
      summary: 'Upgraded from 0.94.1 to 0.98.0.',
      minute: 40,
    }),
  ],
  'merge-back': [
    ...GREEN_STAGING,
    gate(
      {
        environment: 'production',
        code: 'proposed',
        summary: 'pull request #7 staging → main is open',
        minute: 30,
      },
      [],
      {
        step: 'propose',
        gate: null,
        'pull-request': { number: 7, url: 'https://github.com/acme/churn/pull/7' },
        notes: [
          '`main` has 2 commits that `staging` has not, for example a hotfix.',
          'Merge it by hand: GitHub starts no workflow on `main` for a merge by GITHUB_TOKEN; the key of a GitHub App lifts that.',
        ],
        'back-merge': [
          'git fetch origin',
          'git switch staging',
          'git merge --ff-only origin/staging',
          'git merge --no-edit origin/main',
          'git push origin staging',
        ],
      },
    ),
  ],
  'preflight-failed': [
    upgrade(
      {
        environment: 'staging',
        code: 'preflight-failed',
        summary: '1 check failed before the first change.',
      },
      {
        changed: false,
        backup: null,
        phases: PHASES.slice(0, 1),
        'downtime-seconds': null,
        counts: { before: null, after: null },
        checks: [
          ...PASSED_CHECKS,
          {
            name: 'backup destination',
            status: 'failed',
            message: '/backups cannot be written by uid 1001.',
            next: 'Give that user write permission.',
          },
        ],
      },
    ),
  ],
  'plan-nothing-to-do': [
    plan(
      {
        environment: 'staging',
        code: 'planned',
        summary: '',
        next: 'Nothing to upgrade: ZenML stays at 0.98.0.',
      },
      {
        'base-version': '0.98.0',
        'live-version': '0.98.0',
        changes: [],
        breaks: [],
        'changes-upgrade': false,
        snapshots: [],
      },
    ),
  ],
  'plan-warning': [
    plan(
      { environment: 'staging', code: 'planned', summary: '' },
      {
        checks: [
          {
            name: 'backup',
            status: 'warning',
            message: 'the database is not backed up',
            next: 'Name a backup in the file, or run with backup: skip if losing the database is acceptable.',
          },
        ],
      },
    ),
  ],
  'backup-failed': [
    upgrade(
      {
        environment: 'staging',
        code: 'backup-failed',
        summary: 'mariadb-dump ended with exit code 2: Got error: 1045: Access denied',
      },
      {
        changed: false,
        backup: null,
        phases: PHASES.slice(0, 2).map((phase) =>
          phase.name === 'backup' ? { ...phase, status: 'failed' as const } : phase,
        ),
        'downtime-seconds': null,
        counts: { before: null, after: null },
      },
    ),
  ],
  'snapshots-not-rebuilt': [
    stagingUpgrade,
    stagingSmoke,
    snapshots(
      {
        environment: 'staging',
        code: 'snapshots-failed',
        summary: '1 of 2 snapshots failed.',
        minute: 10,
      },
      [
        snapshot('churn-daily', { status: 'rebuilt' }),
        snapshot('churn-hourly', {
          status: 'failed',
          'failed-at': 'rebuild',
          'version-after': null,
          'new-id': null,
          message: "ModuleNotFoundError: No module named 'xgboost'",
          next: 'Add xgboost to requirements.txt of source churn.',
        }),
      ],
    ),
  ],
  'production-red': [
    ...GREEN_STAGING,
    upgrade({ environment: 'production', code: 'upgraded', summary: 'Upgraded.', minute: 30 }),
    snapshots(
      {
        environment: 'production',
        code: 'snapshots-failed',
        summary: '1 of 2 snapshots failed.',
        minute: 40,
      },
      [
        snapshot('churn-daily', { status: 'rebuilt' }),
        snapshot('churn-weekly', {
          status: 'failed',
          'failed-at': 'rebuild',
          'version-after': null,
          'new-id': null,
          message: 'The stack prod-k8s has no image builder.',
          next: 'Add an image builder to the stack, or run where Docker runs.',
        }),
      ],
      { mode: 'rebuild' },
    ),
  ],
  'loss-found': [
    upgrade(
      {
        environment: 'staging',
        code: 'counts-decreased',
        summary: 'Upgraded from 0.94.1 to 0.98.0, and 2 things are missing.',
      },
      {
        lost: [
          { subject: 'rows of step_run', message: '3 rows of step_run are missing' },
          {
            subject: 'artifact_version.uri',
            message: '1 value of artifact_version.uri is different',
          },
        ],
        counts: { before: { runs: 41, stacks: 2 }, after: { runs: 38, stacks: 2 } },
      },
    ),
  ],
  'loss-open': [
    ...GREEN_STAGING,
    gate(
      {
        environment: 'production',
        code: 'loss-open',
        summary: 'the gate to production is closed: staging lost data in attempt staging-0',
        minute: 30,
      },
      [
        {
          'reason-code': 'loss-open',
          message:
            'staging lost data in attempt staging-0, and the loss is not acknowledged: 3 rows of step_run are missing',
        },
      ],
    ),
  ],
  soaking: [
    ...GREEN_STAGING,
    gate(
      {
        environment: 'production',
        code: 'waiting-for-soak',
        summary: 'the gate to production is closed: staging must stay green for 24 h 0 min',
        next: 'Nothing to do: the first scheduled run after 2026-11-24 10:11 UTC continues.',
        minute: 30,
      },
      [
        {
          'reason-code': 'waiting-for-soak',
          message: 'staging must stay green for 24 h 0 min, until 2026-11-24 10:11 UTC',
        },
      ],
      { 'opens-at': '2026-11-24T10:11:00.000Z' },
    ),
  ],
  'hold-label': [
    ...GREEN_STAGING,
    gate(
      {
        environment: 'production',
        code: 'hold-label',
        summary: 'the gate to production is closed: pull request #7 carries the label upgrade-hold',
        minute: 30,
      },
      [{ 'reason-code': 'hold-label', message: 'pull request #7 carries the label upgrade-hold' }],
    ),
  ],
  'job-without-result': [...GREEN_STAGING],
}

/** A job that ended without a result; every other case has none. */
export const JOBS: Readonly<Record<string, readonly JobEnd[]>> = {
  'job-without-result': [
    {
      id: 'upgrade',
      environment: 'production',
      name: 'Upgrade',
      outcome: 'inconclusive',
      'reason-code': 'job-failed',
      summary: 'the job "Upgrade" failed in its step "Set up the cloud" and left no result',
      next: REASONS['job-failed'].next,
      url: 'https://github.com/acme/churn/actions/runs/81/job/700',
      step: 'Set up the cloud',
      decides: true,
    },
  ],
}
