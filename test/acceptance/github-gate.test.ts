import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addActionsToken, ALL_PERMISSIONS } from '../../src/demo/fake-github/repositories.ts'
import { rerun } from '../../src/demo/fake-github/actions-runs.ts'
import { addDeployment } from '../../src/demo/fake-github/deployments.ts'
import { GITHUB_ACTIONS, person } from '../../src/demo/fake-github/actor.ts'
import type { Deployment, Run } from '../../src/demo/fake-github/state.ts'
import type { Attempt } from '../../src/state/attempt.ts'
import { closeHttp } from '../../src/http/http.ts'
import { gate } from '../unit/report/results.ts'
import { closed, evidence } from '../unit/state/attempts.ts'
import { newestStatus } from '../support/promotion-status.ts'
import { kindOf } from '../support/github-rows.ts'
import { team, type RunOptions, type Team } from '../support/team.ts'

// The bundle as a job runs it, with the record on GitHub. The first request of each kind waits
// until GitHub's description of it is compiled.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const GATE = ['promote', '--environment', 'production', '--step', 'gate']
const SMOKE = evidence('run-smoke-suite', null, 'smoke-passed')
const ALL = evidence('rebuild-snapshots', 'all', 'snapshots-executed')

/** Staging was upgraded and everything was done in it. */
async function greenStaging(changes: Partial<Attempt> = {}): Promise<Run> {
  const run = place.start('staging')
  await place.record('staging', changes)
  place.versions.staging = '0.98.0'
  return run
}
/** The promotion was merged, and its run asks. */
async function asked(options?: RunOptions): Promise<Readonly<Record<string, string>>> {
  place.merge(place.open('staging', 'main'))
  place.start('main')
  return (await place.run(GATE, options)).outputs
}
const OPEN = { outcome: 'success', 'reason-code': 'gate-open', gate: 'open' }
const CLOSED = { outcome: 'held', 'reason-code': 'staging-not-green', gate: 'closed' }

describe('the gate on GitHub', () => {
  it.each(['merge', 'squash', 'rebase'] as const)(
    'is open for what staging was tested with, merged by %s',
    async (method) => {
      await greenStaging()
      place.merge(place.open('staging', 'main'), method)
      place.start('main')
      const run = await place.run(GATE)
      expect(run.log).toContain('gate-open')
      expect(run.outputs).toMatchObject({ ...OPEN, reasons: '[]' })
    },
  )

  it('is open where the file says 0.98 and staging reports 0.98.0', async () => {
    const file = place.config().replace('zenml: 0.98.0', 'zenml: "0.98"')
    place.push('staging', { 'zenml-upgrade.yml': file })
    await greenStaging()
    expect(await asked()).toMatchObject(OPEN)
  })

  it('is closed for a hotfix that staging never saw, and open once it came back and was tested', async () => {
    await greenStaging()
    place.checkout('main')
    place.push('main', { 'hotfix.py': 'x\n', 'zenml-upgrade.yml': place.config() })
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject(CLOSED)

    place.checkout('staging')
    place.git('merge', '--quiet', '--no-edit', '--no-gpg-sign', 'origin/main')
    place.publish('staging')
    place.start('staging')
    await place.record('staging', {
      id: 'with-hotfix',
      'from-version': '0.98.0',
      entries: [closed('already-at-target'), SMOKE, ALL],
    })
    expect(await asked()).toMatchObject(OPEN)
  })

  it('is open for two squashes in a row, whose commits staging never tested', async () => {
    await greenStaging({ id: 'first' })
    place.merge(place.open('staging', 'main'), 'squash')
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject(OPEN)
    place.versions.production = '0.98.0'
    await place.record('production', { id: 'production-first', entries: [closed('upgraded'), ALL] })

    // Git takes the second for a conflict with the first until that is merged back.
    place.checkout('staging')
    place.git('merge', '--quiet', '--no-edit', '--no-gpg-sign', 'origin/main')
    place.push('staging', { 'zenml-upgrade.yml': place.config().replace('0.98.0', '0.98.1') })
    const next = (entry: typeof ALL) => ({ ...entry, 'zenml-version': '0.98.1' })
    place.start('staging')
    await place.record('staging', {
      id: 'second',
      'target-version': '0.98.1',
      entries: [closed('upgraded'), next(SMOKE), next(ALL)],
    })
    place.versions.staging = '0.98.1'
    place.merge(place.open('staging', 'main'), 'squash')
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject(OPEN)
  })

  it('is closed for content that was green once and came back, until it is tested again', async () => {
    await greenStaging({ id: 'first' })
    const main = place.git('rev-parse', 'staging')
    place.push('staging', { 'pipelines.py': 'training = 2\n' })
    place.start('staging')
    await place.record('staging', {
      id: 'second',
      entries: [closed('already-at-target'), evidence('run-smoke-suite', null, 'smoke-failed')],
    })
    place.git('revert', '--no-edit', '--no-gpg-sign', 'HEAD')
    place.publish('staging')
    expect(place.git('rev-parse', 'staging^{tree}')).toBe(place.git('rev-parse', `${main}^{tree}`))
    // Staging itself does not take it for done either.
    place.start('staging')
    const upgrade = await place.run(['upgrade-workspace', '--environment', 'staging'])
    expect(upgrade.outputs).toMatchObject({ outcome: 'noop', 'reason-code': 'already-at-target' })
    expect(await asked()).toMatchObject({
      ...CLOSED,
      summary: expect.stringContaining('did not run'),
    })
  })

  it('is asked while work is left in production, although the server is at the target', async () => {
    await greenStaging()
    place.merge(place.open('staging', 'main'))
    place.versions.production = '0.98.0'
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'already-at-target',
      gate: '',
    })
    await place.record('production', {
      entries: [closed('upgraded'), evidence('rebuild-snapshots', 'all', 'snapshots-failed')],
    })
    expect((await place.run(GATE)).outputs).toMatchObject(OPEN)
    await place.record('production', { id: 'done', entries: [closed('upgraded'), ALL] })
    expect((await place.run(GATE)).outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'already-at-target',
      gate: '',
    })
  })

  it('believes what a job found out that reaches the staging server', async () => {
    await greenStaging()
    place.versions.staging = '0.99.0'
    const merge = { sha: '' }
    const answer = (
      code: 'already-at-target' | 'staging-moved',
      version: string | null,
      changes: { sha?: string; ended?: string } = {},
    ) =>
      place.leave([
        {
          ...gate(
            {
              environment: 'staging',
              code,
              summary: 'the staging server said nothing',
              attempt: null,
            },
            [],
            { gate: null, 'server-version': version, tested: null, sha: changes.sha ?? merge.sha },
          ),
          ended: changes.ended ?? new Date().toISOString(),
        },
      ])
    merge.sha = place.merge(place.open('staging', 'main'))
    place.start('main')
    expect(
      (await place.run(GATE, { reports: await answer('already-at-target', '0.98.0') })).outputs,
    ).toMatchObject(OPEN)
    expect(
      (await place.run(GATE, { reports: await answer('staging-moved', '0.97.0') })).outputs,
    ).toMatchObject({
      'reason-code': 'staging-moved',
      summary: expect.stringContaining('runs ZenML 0.97.0'),
    })
    // Without an answer, or with one about another commit or of another day, it asks itself.
    const useless = [
      await answer('already-at-target', null),
      await answer('already-at-target', '0.98.0', {
        sha: place.repository.branches['staging'] ?? '',
      }),
      await answer('already-at-target', '0.98.0', { ended: '2026-01-01T00:00:00.000Z' }),
    ]
    for (const reports of useless)
      expect((await place.run(GATE, { reports })).outputs).toMatchObject({
        'reason-code': 'staging-moved',
        summary: expect.stringContaining('runs ZenML 0.99.0'),
      })
    expect((await place.run(GATE)).outputs).toMatchObject({
      'reason-code': 'staging-moved',
      summary: expect.stringContaining('runs ZenML 0.99.0'),
    })
  })

  it('is held by the label of the pull request that was merged', async () => {
    await greenStaging()
    const pull = place.open('staging', 'main')
    place.merge(pull)
    pull.labels.push('Upgrade-Hold')
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject({
      outcome: 'held',
      'reason-code': 'hold-label',
      gate: 'closed',
    })
    pull.labels.pop()
    expect((await place.run(GATE)).outputs).toMatchObject(OPEN)
  })

  it('cannot be judged in a private repository where the job may not see runs, and names the permission', async () => {
    place.repository.private = true
    addActionsToken(
      place.state,
      'ghs_blind',
      place.repository,
      Object.fromEntries(Object.entries(ALL_PERMISSIONS).filter(([name]) => name !== 'actions')),
    )
    await greenStaging()
    place.merge(place.open('staging', 'main'))
    place.start('main')
    const run = await place.run(GATE, { token: 'ghs_blind' })
    expect(run).toMatchObject({
      exitCode: 4,
      outputs: { outcome: 'inconclusive', 'reason-code': 'github-unreachable' },
    })
    expect(run.result?.next).toContain('"actions: read"')
  })

  it('counts what a run that was run again went on with', async () => {
    const run = await greenStaging({ entries: [closed('upgraded'), SMOKE] })
    rerun(place.state, run)
    place.git('switch', '--quiet', 'staging')
    const row = place.repository.deployments.findLast((each) => kindOf(each) === 'journal')
    if (row === undefined) throw new Error('no line')
    const { payload } = row as Deployment & { payload: Record<string, unknown> }
    addDeployment(place.state, place.repository, {
      ref: row.sha,
      environment: row.environment,
      task: row.task,
      autoMerge: false,
      requiredContexts: [],
      payload: { ...payload, attempt: `${run.id}.2`, entries: [ALL] },
      actor: GITHUB_ACTIONS,
    })
    expect(await asked()).toMatchObject(OPEN)
  })
})

describe('a record that somebody forged', () => {
  /** A workflow on a branch of the forger's own, which acts under the same login. */
  function forger(branch = 'mallory'): Run {
    place.git('branch', branch, 'staging')
    place.publish(branch)
    return place.start(branch)
  }
  const ofStaging = { sha: '' }
  beforeEach(() => {
    ofStaging.sha = place.repository.branches['staging'] ?? ''
  })

  it('by a run on another branch does not count, and the log says why', async () => {
    const run = forger()
    await place.record('staging')
    place.versions.staging = '0.98.0'
    place.merge(place.open('staging', 'main'))
    place.start('main')
    const asking = await place.run(GATE)
    expect(asking.outputs).toMatchObject({
      ...CLOSED,
      summary: expect.stringContaining('no upgrade of staging is recorded'),
    })
    expect(asking.log).toContain(
      `what run ${run.id}.1 wrote into the record of staging does not count: run ${run.id}.1 is of branch mallory, not staging`,
    )
  })

  it('by another login does not count', async () => {
    place.start('staging')
    await place.record('staging')
    for (const deployment of place.repository.deployments) {
      deployment.creator = 'octocat'
      deployment.app = person('octocat').app
    }
    place.versions.staging = '0.98.0'
    const outputs = await asked()
    expect(outputs).toMatchObject({
      ...CLOSED,
      summary: expect.stringContaining('no upgrade of staging is recorded'),
    })
  })

  it('as a line in a genuine attempt does not count, and the genuine lines do', async () => {
    const genuine = await greenStaging({
      entries: [closed('upgraded'), evidence('run-smoke-suite', null, 'smoke-failed')],
    })
    const run = forger()
    line(genuine, run, 'staging')
    expect(await asked()).toMatchObject({
      ...CLOSED,
      summary: expect.stringContaining('the smoke suite ended with smoke-failed'),
    })
  })

  it('as a line in the newest attempt does not bring an older one back', async () => {
    await greenStaging({ id: 'green' })
    const tested = place.git('rev-parse', 'staging')
    place.push('staging', { 'pipelines.py': 'training = 2\n' })
    const genuine = place.start('staging')
    await place.record('staging', {
      id: 'red',
      entries: [closed('already-at-target'), evidence('run-smoke-suite', null, 'smoke-failed')],
    })
    line(genuine, forger(), 'staging')
    place.git('branch', '--force', 'green', tested)
    place.publish('green')
    place.merge(place.open('green', 'main'))
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject({
      ...CLOSED,
      summary: expect.stringContaining('its newest attempt red'),
    })
  })

  it('of an upgrade of production that was cut off opens nothing', async () => {
    forger()
    await place.record('production', {
      entries: [
        { kind: 'phase', at: '2026-01-01T00:00:00.000Z', phase: 'deploy', state: 'started' },
      ],
    })
    place.versions.staging = '0.98.0'
    expect(await asked()).toMatchObject({
      ...CLOSED,
      summary: expect.stringContaining('no upgrade of staging is recorded'),
    })
    // A genuine one behind it is finished all the same.
    place.start('main')
    await place.record('production', {
      id: 'a-genuine',
      entries: [
        { kind: 'phase', at: '2026-01-01T00:00:00.000Z', phase: 'deploy', state: 'started' },
      ],
    })
    expect((await place.run(GATE)).outputs).toMatchObject({
      ...OPEN,
      summary: expect.stringContaining(
        'attempt a-genuine left the upgrade of production unfinished',
      ),
    })
  })

  it.each([
    ['is no text of ours', 'rubbish'],
    ['lacks its keys', { 'schema-version': 1 }],
    ['is of the other environment', undefined],
  ])('or damaged, because its payload %s, is left out', async (_how, payload) => {
    await greenStaging()
    const row = place.repository.deployments.find((each) => kindOf(each) === 'attempt')
    if (row === undefined) throw new Error('no attempt')
    row.payload = payload ?? { ...(row.payload as object), environment: 'production' }
    expect(await asked()).toMatchObject({
      ...CLOSED,
      summary: expect.stringContaining('no upgrade of staging is recorded'),
    })
    expect(newestStatus(place)).toBeUndefined()
  })

  it('by a later version ends the command, because it may tell of open work', async () => {
    await greenStaging()
    const row = place.repository.deployments.find((each) => kindOf(each) === 'attempt')
    if (row === undefined) throw new Error('no attempt')
    row.payload = { 'schema-version': 2 }
    expect(await asked()).toMatchObject({
      outcome: 'invalid',
      'reason-code': 'invalid-input',
      summary: expect.stringContaining('later version'),
    })
  })

  /** Green evidence, added by one run to the attempt of another. */
  function line(genuine: Run, by: Run, environment: 'staging' | 'production'): void {
    const row = place.repository.deployments.findLast(
      (each) =>
        kindOf(each) === 'attempt' &&
        (each.payload as Record<string, unknown>)['attempt'] === `${genuine.id}.1`,
    )
    const id = (row?.payload as Record<string, unknown> | undefined)?.['id']
    addDeployment(place.state, place.repository, {
      ref: by.headSha,
      environment: 'zenml-upgrade-journal',
      task: `zenml-upgrade:${environment}`,
      autoMerge: false,
      requiredContexts: [],
      actor: GITHUB_ACTIONS,
      payload: {
        'schema-version': 1,
        kind: 'journal',
        config: 'zenml-upgrade.yml',
        environment,
        attempt: `${by.id}.1`,
        id,
        entries: [SMOKE, ALL],
      },
    })
  }
})
