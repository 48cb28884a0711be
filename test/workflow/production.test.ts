import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { makeSuite, type Suite } from '../support/act.ts'
import { jobsIn, runFlow, SECRETS, STUB } from '../support/flow.ts'
import { EXAMPLES, read } from '../support/workflow-files.ts'

// A push on main: the gate decides. A stub takes the place of the bundle.

jest.setTimeout(120_000)

let suite: Suite
beforeAll(async () => {
  suite = await makeSuite({ bundle: STUB })
})
afterAll(() => suite.remove())

/** The jobs of the gate and the stacks, when production is upgraded. */
const APPROVED = {
  staging: 'success',
  gate: 'success',
  approve: 'success',
  stacks: 'success',
  'plan-snapshots': 'success',
}

/** Staging is asked, and the snapshots are planned, beside jobs that do not wait for it, in any order. */
const afterStaging = (order: readonly string[]) =>
  order.filter(
    (step) => step !== 'staging: promote' && step !== 'plan-snapshots: rebuild-snapshots',
  )

const gate = (value: string, exitCode = 0) => ({ exitCode, outputs: { gate: value } })

/** Variables with what reads other repositories. */
const READING = ['ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_SOURCES_TOKEN']

describe('a push on main', () => {
  it('asks staging, opens the gate, upgrades, rebuilds and reports', async () => {
    const { run, order, call, calls, checkOuts } = await runFlow(suite, {
      branch: 'main',
      scenario: { 'production/promote-gate': gate('open') },
    })
    expect(run.jobs).toEqual({
      ...APPROVED,
      upgrade: 'success',
      'snapshots 1/1': 'success',
      report: 'success',
    })
    expect(run.succeeded).toBe(true)
    expect(afterStaging(order)).toEqual([
      'gate: promote',
      'stacks: check-stacks',
      'upgrade: promote',
      'upgrade: upgrade-workspace',
      'snapshots: rebuild-snapshots',
      'report: report',
    ])
    expect(call('staging').inputs).toEqual({
      environment: 'staging',
      step: 'gate',
      config: 'zenml-upgrade.yml',
      head: 'staging',
      base: 'main',
    })
    expect(call('stacks').inputs).toMatchObject({
      environment: 'staging',
      'api-key': SECRETS.ZENML_STAGING_API_KEY,
    })
    expect(call('gate').inputs).toMatchObject({ environment: 'production', step: 'gate' })
    expect(call('gate').inputs['override-reason']).toBeUndefined()
    expect(call('gate').found).toEqual(['staging/promote-gate.json'])
    const [upgradeGate, upgrade] = calls.filter(({ job }) => job === 'upgrade')
    expect(upgradeGate?.found).toEqual(['staging/check-stacks.json', 'staging/promote-gate.json'])
    const onServer = {
      environment: 'production',
      'api-key': SECRETS.ZENML_PRODUCTION_API_KEY,
    }
    expect(upgrade?.inputs).toMatchObject(onServer)
    expect(upgrade?.inputs['parity']).toBeUndefined()
    expect(call('snapshots').inputs).toMatchObject({ ...onServer, mode: 'all' })
    expect(call('report').found).toEqual([
      'production/promote-gate.json',
      'production/rebuild-snapshots-1-of-1.json',
      'production/rebuild-snapshots.json',
      'production/upgrade-workspace.json',
      'staging/check-stacks.json',
      'staging/promote-gate.json',
    ])
    expect(jobsIn(call('report'))).toEqual({
      staging: 'success',
      stacks: 'success',
      'plan-snapshots': 'success',
      upgrade: 'success',
      snapshots: 'success',
    })
    expect(Object.fromEntries(calls.map(({ job, seen }) => [job, seen]))).toEqual({
      staging: [],
      gate: READING,
      stacks: [],
      'plan-snapshots': ['FROM_PRODUCTION_SOURCES'],
      upgrade: ['FROM_PRODUCTION_ENV', 'ZENML_DATABASE_URL'],
      snapshots: ['FROM_PRODUCTION_SOURCES'],
      report: READING,
    })
    expect(Object.fromEntries(checkOuts.map(({ job, seen }) => [job, seen]))).toEqual({
      'plan-snapshots': ['ZENML_UPGRADE_SOURCES_TOKEN'],
      upgrade: READING,
      snapshots: ['ZENML_UPGRADE_SOURCES_TOKEN'],
    })
    expect(run.log).not.toContain('value-of-production')
  })

  it('goes by the commits of other repositories that the gate was asked about', async () => {
    const sources = '{"churn":"0123456789012345678901234567890123456789"}'
    const { calls } = await runFlow(suite, {
      branch: 'main',
      scenario: {
        'gate: production/promote-gate': { outputs: { gate: 'open', sources } },
        'production/promote-gate': gate('open'),
      },
    })
    expect(
      calls
        .filter(({ job }) => job !== 'staging' && job !== 'plan-snapshots')
        .map(({ job, command, inputs }) => [`${job}: ${command}`, inputs['sources']]),
    ).toEqual([
      ['gate: promote', undefined],
      ['stacks: check-stacks', undefined],
      ...[
        'upgrade: promote',
        'upgrade: upgrade-workspace',
        'snapshots: rebuild-snapshots',
        'report: report',
      ].map((step) => [step, sources]),
    ])
  })

  it('at a closed gate changes nothing, and reports', async () => {
    const { run, call } = await runFlow(suite, {
      branch: 'main',
      scenario: { 'production/promote-gate': gate('closed', 3) },
    })
    expect(run.jobs).toEqual({ staging: 'success', gate: 'failure', report: 'success' })
    expect(run.succeeded).toBe(false)
    expect(call('report').found).toContain('production/promote-gate.json')
    expect(jobsIn(call('report'))).toEqual({
      staging: 'success',
      acknowledge: 'skipped',
      gate: 'failure',
      approve: 'skipped',
    })
  })

  it('asks the gate once more before anything changes: an approval may have taken days', async () => {
    for (const [value, exitCode, result] of [
      ['closed', 3, 'failure'],
      ['', 0, 'success'],
    ] as const) {
      const { run, order } = await runFlow(suite, {
        branch: 'main',
        scenario: {
          'production/promote-gate': gate('open'),
          'upgrade: production/promote-gate': gate(value, exitCode),
        },
      })
      expect(run.jobs).toEqual({ ...APPROVED, upgrade: result, report: 'success' })
      expect(afterStaging(order)).toEqual([
        'gate: promote',
        'stacks: check-stacks',
        'upgrade: promote',
        'report: report',
      ])
    }
  })

  it('with nothing to do is green and does nothing', async () => {
    const { run } = await runFlow(suite, {
      branch: 'main',
      scenario: { 'production/promote-gate': gate('') },
    })
    expect(run.jobs).toEqual({ staging: 'success', gate: 'success', report: 'success' })
    expect(run.succeeded).toBe(true)
  })

  it('goes on when only the question to staging failed: the gate has judged that', async () => {
    const { run, call } = await runFlow(suite, {
      branch: 'main',
      scenario: {
        'staging/promote-gate': { exitCode: 4 },
        'production/promote-gate': gate('open'),
      },
    })
    expect(run.jobs).toEqual({
      ...APPROVED,
      upgrade: 'success',
      'snapshots 1/1': 'success',
      report: 'success',
    })
    expect(call('gate').found).toEqual(['staging/promote-gate.json'])
  })

  it('goes on when the stacks of staging could not be read: the upgrade judges that', async () => {
    const { run, calls } = await runFlow(suite, {
      branch: 'main',
      scenario: {
        'staging/check-stacks': { exitCode: 4 },
        'production/promote-gate': gate('open'),
      },
    })
    expect(run.jobs).toEqual({
      ...APPROVED,
      upgrade: 'success',
      'snapshots 1/1': 'success',
      report: 'success',
    })
    expect(calls.find(({ command }) => command === 'upgrade-workspace')?.found).toContain(
      'staging/check-stacks.json',
    )
  })

  it('hands on what its caller wants of the stacks, and reads none where that is nothing', async () => {
    const wanting = (parity: string) =>
      runFlow(suite, {
        branch: 'main',
        workflow: read(EXAMPLES[0]).replace(
          '    secrets:',
          `    with: { parity: ${parity} }\n    secrets:`,
        ),
        scenario: { 'production/promote-gate': gate('open') },
      })
    for (const [parity, asked] of [
      ['fail', true],
      ["'off'", false],
    ] as const) {
      const { order, calls } = await wanting(parity)
      expect(order.includes('stacks: check-stacks')).toBe(asked)
      expect(calls.find(({ command }) => command === 'upgrade-workspace')?.inputs['parity']).toBe(
        parity.replaceAll("'", ''),
      )
    }
  })

  it('never takes an open gate from a job that failed', async () => {
    const { run } = await runFlow(suite, {
      branch: 'main',
      scenario: { 'production/promote-gate': gate('open', 1) },
    })
    expect(run.jobs).toEqual({ staging: 'success', gate: 'failure', report: 'success' })
  })

  it('rebuilds no snapshot after a failed upgrade', async () => {
    const { run } = await runFlow(suite, {
      branch: 'main',
      scenario: {
        'production/promote-gate': gate('open'),
        'production/upgrade-workspace': { exitCode: 1 },
      },
    })
    expect(run.jobs).toEqual({ ...APPROVED, upgrade: 'failure', report: 'success' })
  })

  it('that a person dispatched may say why the gate must open', async () => {
    const reason = 'security fix; see "#12" $(id)'
    const { calls, call } = await runFlow(suite, {
      branch: 'main',
      event: 'workflow_dispatch',
      payload: {
        ref: 'refs/heads/main',
        inputs: { run: 'upgrade', environment: 'production', reason, attempt: '' },
      },
      scenario: { 'production/promote-gate': gate('open') },
    })
    expect(call('gate').inputs['override-reason']).toBe(reason)
    expect(
      calls.find(({ command }) => command === 'upgrade-workspace')?.inputs['override-reason'],
    ).toBe(reason)
    expect(calls.map(({ command }) => command)).not.toContain('acknowledge')
  })

  it('that a person dispatched may accept a loss, whose reason opens no gate', async () => {
    const { order, call } = await runFlow(suite, {
      branch: 'main',
      event: 'workflow_dispatch',
      payload: {
        ref: 'refs/heads/main',
        inputs: { run: 'acknowledge', environment: 'production', reason: 'x', attempt: 'a-1' },
      },
      scenario: { 'production/promote-gate': gate('open') },
    })
    expect(afterStaging(order).slice(0, 2)).toEqual(['acknowledge: acknowledge', 'gate: promote'])
    expect(call('acknowledge')).toMatchObject({
      inputs: { environment: 'production', attempt: 'a-1', reason: 'x' },
      seen: [],
    })
    expect(call('gate').inputs['override-reason']).toBeUndefined()
  })

  it('goes no further when the loss could not be accepted', async () => {
    const { run, order, call } = await runFlow(suite, {
      branch: 'main',
      event: 'workflow_dispatch',
      payload: {
        ref: 'refs/heads/main',
        inputs: { run: 'acknowledge', environment: 'production', reason: 'x', attempt: 'a-1' },
      },
      scenario: { acknowledge: { exitCode: 2 } },
    })
    expect(run.jobs).toMatchObject({ acknowledge: 'failure', report: 'success' })
    expect(afterStaging(order)).toEqual(['acknowledge: acknowledge', 'report: report'])
    expect(jobsIn(call('report'))).toMatchObject({ acknowledge: 'failure', gate: 'skipped' })
  })
})
