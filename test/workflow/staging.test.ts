import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { makeSuite, type Suite } from '../support/act.ts'
import { jobsIn, runFlow, SECRETS, STUB } from '../support/flow.ts'
import { EXAMPLES, read } from '../support/workflow-files.ts'

// A push on staging: which job runs after which, what it is given and what it must not see. A stub
// takes the place of the bundle.

jest.setTimeout(120_000)

let suite: Suite
beforeAll(async () => {
  suite = await makeSuite({ bundle: STUB })
})
afterAll(() => suite.remove())

const SETUP = `name: Set up
description: Cloud login.
runs:
  using: composite
  steps:
    - run: echo "FROM_SETUP=$ZENML_UPGRADE_SETUP_FOR, $FROM_STAGING_ENV" >> "$GITHUB_ENV"
      shell: bash
`
const sharded = read(EXAMPLES[0]).replace(
  '    secrets:',
  '    with: { snapshot-shards: 3 }\n    secrets:',
)

describe('a push on staging', () => {
  it('opens the promotion, upgrades, runs the suite, rebuilds and runs all snapshots, and reports all of it', async () => {
    const { run, order, call } = await runFlow(suite, { branch: 'staging' })
    expect(run.jobs).toEqual({
      propose: 'success',
      'plan-snapshots': 'success',
      upgrade: 'success',
      smoke: 'success',
      'snapshots 1/1': 'success',
      report: 'success',
    })
    expect(run.succeeded).toBe(true)
    expect(order.filter((line) => !line.startsWith('propose'))).toEqual([
      'plan-snapshots: rebuild-snapshots',
      'upgrade: upgrade-workspace',
      'smoke: run-smoke-suite',
      'snapshots: rebuild-snapshots',
      'report: report',
    ])
    const common = { config: 'zenml-upgrade.yml', 'github-token': SECRETS.GITHUB_TOKEN }
    const onServer = { ...common, environment: 'staging', 'api-key': SECRETS.ZENML_STAGING_API_KEY }
    expect(call('propose').inputs).toMatchObject({
      ...common,
      environment: 'staging',
      step: 'propose',
    })
    expect(call('plan-snapshots').inputs).toMatchObject({ ...onServer, mode: 'plan' })
    expect(call('upgrade').inputs).toMatchObject({ ...onServer, 'snapshots-plan': 'success' })
    expect(call('smoke').inputs).toMatchObject(onServer)
    expect(call('snapshots').inputs).toMatchObject({ ...onServer, mode: 'all', shard: '1/1' })
    expect(call('report').inputs).toMatchObject(common)
    expect(call('report').found).toEqual(
      [
        'promote-propose',
        'rebuild-snapshots-1-of-1',
        'rebuild-snapshots',
        'run-smoke-suite',
        'upgrade-workspace',
      ].map((name) => `staging/${name}.json`),
    )
  })

  it('gives each job its secrets and none of the others', async () => {
    const { calls, checkOuts, run } = await runFlow(suite, {
      branch: 'staging',
      files: { '.github/actions/zenml-upgrade-setup/action.yml': SETUP },
    })
    expect(Object.fromEntries(calls.map(({ job, seen }) => [job, seen]))).toEqual({
      propose: ['ZENML_UPGRADE_APP_KEY'],
      'plan-snapshots': ['FROM_SETUP', 'FROM_STAGING_SOURCES'],
      upgrade: ['FROM_EXPORT', 'FROM_SETUP', 'FROM_STAGING_ENV', 'ZENML_DATABASE_URL'],
      smoke: ['FROM_STAGING_SOURCES'],
      snapshots: ['FROM_SETUP', 'FROM_STAGING_SOURCES'],
      report: ['ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN'],
    })
    expect(Object.fromEntries(checkOuts.map(({ job, seen }) => [job, seen]))).toEqual({
      'plan-snapshots': ['ZENML_UPGRADE_SOURCES_TOKEN'],
      upgrade: ['ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN'],
      smoke: ['ZENML_UPGRADE_SOURCES_TOKEN'],
      snapshots: ['ZENML_UPGRADE_SOURCES_TOKEN'],
    })
    expect(
      Object.fromEntries(
        calls
          .filter(({ inputs }) => inputs['api-key'] !== undefined)
          .map(({ job, inputs }) => [job, inputs['api-key']]),
      ),
    ).toEqual(
      Object.fromEntries(
        ['plan-snapshots', 'upgrade', 'smoke', 'snapshots'].map((job) => [
          job,
          SECRETS.ZENML_STAGING_API_KEY,
        ]),
      ),
    )
    for (const value of ['a value of the lines', 'another-value'])
      expect(run.log).not.toContain(value)
  })

  it('hands the commits of other repositories on to every job behind', async () => {
    const sources = '{"churn":"0123456789012345678901234567890123456789"}'
    const { calls } = await runFlow(suite, {
      branch: 'staging',
      scenario: {
        'plan-snapshots: staging/rebuild-snapshots': { outputs: { sources } },
        'staging/upgrade-workspace': { outputs: { sources } },
      },
    })
    expect(Object.fromEntries(calls.map(({ job, inputs }) => [job, inputs['sources']]))).toEqual({
      propose: undefined,
      'plan-snapshots': undefined,
      upgrade: sources,
      smoke: sources,
      snapshots: sources,
      report: sources,
    })
  })

  it('with a red suite runs no snapshot, and reports', async () => {
    const { run, call } = await runFlow(suite, {
      branch: 'staging',
      scenario: { 'staging/run-smoke-suite': { exitCode: 1 } },
    })
    expect(run.jobs).toEqual({
      propose: 'success',
      'plan-snapshots': 'success',
      upgrade: 'success',
      smoke: 'failure',
      report: 'success',
    })
    expect(run.succeeded).toBe(false)
    expect(call('report').found).toContain('staging/run-smoke-suite.json')
  })

  it.each(['already-green', 'superseded'])('that is %s leaves the rest alone', async (code) => {
    const { run } = await runFlow(suite, {
      branch: 'staging',
      scenario: {
        'staging/upgrade-workspace': { outputs: { outcome: 'noop', 'reason-code': code } },
      },
    })
    expect(run.jobs).toEqual({
      propose: 'success',
      'plan-snapshots': 'success',
      upgrade: 'success',
      report: 'success',
    })
    expect(run.succeeded).toBe(true)
  })

  it('on a server that is at the target already still tests and rebuilds', async () => {
    const { run } = await runFlow(suite, {
      branch: 'staging',
      scenario: {
        'staging/upgrade-workspace': {
          outputs: { outcome: 'noop', 'reason-code': 'already-at-target' },
        },
      },
    })
    expect(run.jobs).toMatchObject({ smoke: 'success', 'snapshots 1/1': 'success' })
  })

  it('that fails or cannot propose stops what needs it and nothing else', async () => {
    const { run } = await runFlow(suite, {
      branch: 'staging',
      scenario: {
        'staging/promote-propose': { exitCode: 4 },
        'staging/upgrade-workspace': { exitCode: 1 },
      },
    })
    expect(run.jobs).toEqual({
      propose: 'failure',
      'plan-snapshots': 'success',
      upgrade: 'failure',
      report: 'success',
    })
  })

  it('with a secret that is no list of variables fails before the upgrade, and keeps the line to itself', async () => {
    const { run, order, call } = await runFlow(suite, {
      branch: 'staging',
      secrets: { ...SECRETS, ZENML_STAGING_ENV: 'A=1234\nnot a variable' },
    })
    expect(run.jobs).toMatchObject({ upgrade: 'failure', report: 'success' })
    expect(jobsIn(call('report'))).toEqual({
      propose: 'success',
      acknowledge: 'skipped',
      'plan-snapshots': 'success',
      upgrade: 'failure',
      smoke: 'skipped',
      snapshots: 'skipped',
    })
    expect(order).not.toContain('upgrade: upgrade-workspace')
    expect(run.log).toContain('is not NAME=value')
    expect(run.log).not.toContain('not a variable')
  })
})

describe('the snapshots of a push on staging, on several machines', () => {
  it('are shared out by the plan; a part that fails does not stop the others, and the report has all', async () => {
    const { run, calls, call } = await runFlow(suite, {
      branch: 'staging',
      workflow: sharded,
      scenario: {
        'staging/rebuild-snapshots': { outputs: { shards: '["1/2","2/2"]', discovered: '5' } },
        'staging/rebuild-snapshots-1-of-2': { exitCode: 1 },
      },
    })
    expect(call('plan-snapshots').inputs).toMatchObject({ mode: 'plan', shards: '3' })
    expect(
      calls
        .filter(({ job }) => job === 'snapshots')
        .map(({ inputs }) => [inputs['mode'], inputs['shard']])
        .sort(),
    ).toEqual([
      ['all', '1/2'],
      ['all', '2/2'],
    ])
    expect(run.jobs).toMatchObject({ 'snapshots 1/2': 'failure', report: 'success' })
    expect(call('report').found).toEqual(
      expect.arrayContaining([
        'staging/rebuild-snapshots.json',
        'staging/rebuild-snapshots-1-of-2.json',
        'staging/rebuild-snapshots-2-of-2.json',
      ]),
    )
  })

  it.each([
    ['there are none', { outputs: { shards: '[]', discovered: '0' } }],
    ['the plan found out nothing', { exitCode: 4 }],
  ])('are the work of one machine where %s', async (_, plan) => {
    const { run, call } = await runFlow(suite, {
      branch: 'staging',
      workflow: sharded,
      scenario: { 'plan-snapshots: staging/rebuild-snapshots': plan },
    })
    expect(run.jobs).toMatchObject({ upgrade: 'success', 'snapshots 1/1': 'success' })
    expect(call('snapshots').inputs).toMatchObject({ mode: 'all', shard: '1/1' })
  })
})

describe('a plan of the snapshots that fails', () => {
  it.each([
    [
      'its reason',
      { exitCode: 1, outputs: { 'reason-code': 'snapshots-failed' } },
      'snapshots-failed',
    ],
    ['how its job ended', { exitCode: 1 }, 'failure'],
  ])('hands %s to the upgrade, which decides', async (_, plan, told) => {
    const { call, run } = await runFlow(suite, {
      branch: 'staging',
      scenario: { 'plan-snapshots: staging/rebuild-snapshots': plan },
    })
    expect(run.jobs).toMatchObject({ 'plan-snapshots': 'failure', upgrade: 'success' })
    expect(call('upgrade').inputs['snapshots-plan']).toBe(told)
  })
})

describe('a run that a person dispatched on staging', () => {
  it('acknowledges the loss of the attempt that they named, and then upgrades', async () => {
    const { order, calls } = await runFlow(suite, {
      branch: 'staging',
      event: 'workflow_dispatch',
      payload: {
        ref: 'refs/heads/staging',
        inputs: {
          run: 'acknowledge',
          environment: 'staging',
          reason: 'x',
          attempt: '20260101T000000.000Z-0.98.0',
        },
      },
    })
    expect(order.filter((step) => /acknowledge|upgrade/.test(step))).toEqual([
      'acknowledge: acknowledge',
      'upgrade: upgrade-workspace',
    ])
    expect(calls.find(({ command }) => command === 'acknowledge')?.inputs).toMatchObject({
      environment: 'staging',
      attempt: '20260101T000000.000Z-0.98.0',
      reason: 'x',
    })
  })
})

describe('a run that is run again', () => {
  it('reports the results of earlier attempts too, each replaced by a newer one', async () => {
    const { call } = await runFlow(suite, {
      branch: 'staging',
      attempt: 2,
      scenario: {
        'staging/upgrade-workspace': { outputs: { outcome: 'noop', 'reason-code': 'superseded' } },
      },
      artifacts: {
        'zenml-upgrade-staging-run-smoke-suite-1': { 'staging/run-smoke-suite.json': '{}' },
        'zenml-upgrade-staging-upgrade-workspace-1': {
          'staging/upgrade-workspace.json': '{}',
          'staging/upgrade.json': '{}',
        },
      },
    })
    expect(call('report').found).toEqual(
      [
        'promote-propose',
        'rebuild-snapshots',
        'run-smoke-suite',
        'upgrade-workspace',
        'upgrade',
      ].map((name) => `staging/${name}.json`),
    )
  })
})
