import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { connectGithub } from '../../src/github/client.ts'
import { deploymentLog } from '../../src/state/github/rows.ts'
import { githubRunLock } from '../../src/state/github/lock.ts'
import { rerun } from '../../src/demo/fake-github/actions-runs.ts'
import type { Run } from '../../src/demo/fake-github/state.ts'
import { closeHttp } from '../../src/http/http.ts'
import { entriesOf } from '../support/evidence.ts'
import { describedRows } from '../support/github-rows.ts'
import { testMachine } from '../support/machine.ts'
import { newestStatus } from '../support/promotion-status.ts'
import { team, type Team } from '../support/team.ts'
import { GREEN_STAGING } from '../unit/report/results.ts'

// The commands that work on a server, with the record and the lock on GitHub.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const UPGRADE = ['upgrade-workspace', '--environment', 'staging']
const rows = () => describedRows(place.repository)

describe('a server at the target', () => {
  it('is worked through once, and then everything about this content is done', async () => {
    place.push('staging', { 'zenml-upgrade.yml': place.config().replace(/^smoke: .*\n/m, '') })
    const pull = place.open('staging', 'main')
    place.versions.staging = '0.98.0'
    place.start('staging')
    const first = await place.run(UPGRADE)
    expect(first.outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'already-at-target',
      changed: 'false',
    })
    const again = await place.run(UPGRADE)
    expect(again.outputs).toMatchObject({ 'reason-code': 'already-at-target' })
    expect(again.result?.attempt).toBe(first.result?.attempt)
    expect(rows()).toEqual(['attempt: ZenML 0.98.0 → 0.98.0'])

    const snapshots = await place.run([
      'rebuild-snapshots',
      '--environment',
      'staging',
      '--mode',
      'all',
      '--shards',
      '4',
    ])
    expect(snapshots.outputs).toMatchObject({ outcome: 'noop', discovered: '0', shards: '[]' })
    expect(snapshots.result?.attempt).toBe(first.result?.attempt)
    const smoke = await place.run(['run-smoke-suite', '--environment', 'staging'])
    expect(smoke.outputs).toMatchObject({ outcome: 'noop', 'reason-code': 'no-smoke-suite' })
    const results = [first.result, smoke.result, snapshots.result].flatMap((result) => result ?? [])
    const report = await place.run(['report'], { reports: await place.leave(results) })
    expect(report.outputs).toMatchObject({
      'flow-outcome': 'noop',
      'pull-request': String(pull.number),
    })
    expect(newestStatus(place)).toMatchObject({ state: 'success' })
    expect(place.repository.deployments[0]?.statuses.map(({ state }) => state)).toEqual([
      'in_progress',
      'success',
    ])
    // What followed the upgrade worked under the lock of the run, which its report released.
    expect(rows().filter((row) => row.includes('lock'))).toEqual([
      expect.stringContaining('lock: taken by run'),
      expect.stringContaining('unlock: released by run'),
    ])

    const before = place.repository.deployments.length
    place.start('staging', 'workflow_dispatch')
    const done = await place.run(UPGRADE)
    expect(done.outputs).toMatchObject({ outcome: 'noop', 'reason-code': 'already-green' })
    // Its report says the same again, measured anew, and writes nothing about an attempt that is
    // over.
    place.versions.staging = '0.98.0'
    await place.run(['report'], {
      reports: await place.leave([done.result].flatMap((result) => result ?? [])),
    })
    expect(place.repository.deployments).toHaveLength(before)
    expect(place.repository.deployments[0]?.statuses).toHaveLength(2)
    expect(place.repository.comments).toHaveLength(1)
  })

  it('that others moved on is not taken for the version that was recorded', async () => {
    place.push('staging', { 'zenml-upgrade.yml': place.config().replace(/^smoke: .*\n/m, '') })
    place.open('staging', 'main')
    place.versions.staging = '0.98.0'
    place.start('staging')
    await place.record('staging', { entries: entriesOf(GREEN_STAGING) })
    place.versions.staging = '0.99.0'
    place.start('staging', 'workflow_dispatch')
    const held = await place.run(UPGRADE)
    expect(held.outputs).toMatchObject({ outcome: 'held', 'reason-code': 'server-ahead' })
    await place.run(['report'], {
      reports: await place.leave([held.result].flatMap((result) => result ?? [])),
    })
    expect(newestStatus(place)).toMatchObject({
      state: 'failure',
      description: expect.stringContaining('runs ZenML 0.99.0'),
    })
  })
})

describe('the lock of a server', () => {
  /** As a job of the run takes it. */
  async function lockedBy(run: Run): Promise<void> {
    const context = {
      repository: { owner: 'acme', name: 'ml' },
      urls: { server: place.state.serverUrl, api: place.fake.url, graphql: '' },
      run: {
        id: run.id,
        attempt: run.attempt,
        key: `${run.id}.${run.attempt}`,
        job: 'upgrade',
        workflow: run.path,
        url: '',
      },
    }
    const github = await connectGithub({ context, token: 'ghs_job', machine: testMachine() })
    const log = deploymentLog({ github, config: 'zenml-upgrade.yml', sha: run.headSha })
    await githubRunLock({ github, context, log }).hold('staging-server')
  }
  // Nothing is asked of a package index in a test about a lock.
  const env = {
    UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple',
    UV_INDEX_URL: 'http://127.0.0.1:9/simple',
  }
  const SMOKE = ['run-smoke-suite', '--environment', 'staging']
  const REBUILD = ['rebuild-snapshots', '--environment', 'staging', '--mode', 'all']
  const locks = () => rows().filter((row) => row.includes('lock'))

  it('keeps other runs out while its run lives, and none once that is over', async () => {
    const owner = place.start('staging')
    await lockedBy(owner)
    place.start('staging', 'workflow_dispatch')
    owner.status = 'in_progress'
    const locked = await place.run(UPGRADE, { env })
    expect(locked).toMatchObject({
      exitCode: 3,
      outputs: {
        outcome: 'held',
        'reason-code': 'locked',
        summary: expect.stringContaining(`/actions/runs/${owner.id}/attempts/1`),
      },
    })
    expect(locks()).toEqual([`lock: taken by run ${owner.id}.1`])

    Object.assign(owner, { status: 'completed', conclusion: 'cancelled' })
    const free = await place.run(UPGRADE, { env })
    expect(free.log).toContain('Check everything before the first change')
    expect(free.outputs['reason-code']).not.toBe('locked')
    expect(locks()).toHaveLength(2)
  })

  it.each([
    ['the smoke suite', SMOKE],
    ['the rebuild of the snapshots', REBUILD],
  ])(
    'keeps %s of another run out, and lets the jobs of its own run work',
    async (_what, command) => {
      place.versions.staging = '0.98.0'
      place.push('staging', { 'zenml-upgrade.yml': place.config('execute: { staging: none }\n') })
      const owner = place.start('staging')
      await lockedBy(owner)
      const other = place.start('staging', 'workflow_dispatch')
      owner.status = 'in_progress'
      const locked = await place.run(command, { env, run: other })
      expect(locked).toMatchObject({
        exitCode: 3,
        outputs: {
          'reason-code': 'locked',
          summary: expect.stringContaining(`/actions/runs/${owner.id}/attempts/1`),
        },
      })
      const own = await place.run(command, { env, run: owner, job: 'later' })
      expect(own.outputs['reason-code']).not.toBe('locked')
      expect(locks()).toHaveLength(1)
    },
  )

  it('does not keep a plan of the snapshots out, which changes nothing', async () => {
    place.versions.staging = '0.98.0'
    const owner = place.start('staging')
    await lockedBy(owner)
    const other = place.start('staging', 'workflow_dispatch')
    owner.status = 'in_progress'
    const plan = await place.run(
      ['rebuild-snapshots', '--environment', 'staging', '--mode', 'plan'],
      { run: other },
    )
    expect(plan.outputs['reason-code']).not.toBe('locked')
  })

  it('is released by the report of its run, also where it has nothing to report', async () => {
    const owner = place.start('staging')
    await lockedBy(owner)
    await place.run(['report'], { run: owner, job: 'report' })
    const other = place.start('staging', 'workflow_dispatch')
    owner.status = 'in_progress'
    const free = await place.run(UPGRADE, { env, run: other })
    expect(free.outputs['reason-code']).not.toBe('locked')
  })

  it('is not released by the report of another run', async () => {
    const owner = place.start('staging')
    await lockedBy(owner)
    const other = place.start('staging', 'workflow_dispatch')
    owner.status = 'in_progress'
    await place.run(['report'], { run: other, job: 'report' })
    expect((await place.run(UPGRADE, { env, run: other })).outputs['reason-code']).toBe('locked')
  })

  it('is taken over by a re-run of the failed jobs', async () => {
    place.versions.staging = '0.98.0'
    const run = place.start('staging')
    await lockedBy(run)
    rerun(place.state, run)
    const again = await place.run(REBUILD, { env, run })
    expect(again.outputs['reason-code']).not.toBe('locked')
    expect(locks()).toEqual([`lock: taken by run ${run.id}.1`, `lock: taken by run ${run.id}.2`])
  })
})
