import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { connectGithub } from '../../src/github/client.ts'
import { deploymentLog } from '../../src/state/github/rows.ts'
import { acquireGithubLock } from '../../src/state/github/lock.ts'
import type { Run } from '../../src/demo/fake-github/state.ts'
import { closeHttp } from '../../src/http/http.ts'
import { entriesOf } from '../support/evidence.ts'
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
const tasks = () =>
  place.repository.deployments.map(({ task, description }) => `${task}: ${description ?? ''}`)

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
    expect(tasks()).toEqual(['zenml-upgrade: ZenML 0.98.0 → 0.98.0'])

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
    expect(place.repository.deployments[0]?.statuses.map(({ state }) => state)).toEqual(['success'])

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
    expect(place.repository.deployments[0]?.statuses).toHaveLength(1)
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
      description: expect.stringContaining('reports ZenML 0.99.0'),
    })
  })
})

describe('the lock of a server', () => {
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
    await acquireGithubLock(
      {
        github,
        context,
        log: deploymentLog({
          github,
          environments: { staging: 'zenml-staging', production: 'zenml-production' },
          sha: run.headSha,
        }),
      },
      'staging',
      'staging-server',
    )
  }
  // Nothing is asked of a package index in a test about a lock.
  const env = {
    UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple',
    UV_INDEX_URL: 'http://127.0.0.1:9/simple',
  }

  it('keeps others out while its run lives, and nobody once that is dead', async () => {
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
    expect(tasks().at(-1)).toContain('released by run')

    Object.assign(owner, { status: 'completed', conclusion: 'cancelled' })
    const free = await place.run(UPGRADE, { env })
    expect(free.log).toContain('Check everything before the first change')
    expect(free.outputs['reason-code']).not.toBe('locked')
    expect(
      tasks()
        .filter((task) => task.includes('zenml-upgrade-lock'))
        .map((task) => task.split(' ')[1]),
    ).toEqual(['taken', 'taken', 'released', 'taken', 'released'])
  })
})
