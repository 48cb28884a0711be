import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addRun } from '../../src/demo/fake-github/actions-runs.ts'
import type { Run } from '../../src/demo/fake-github/state.ts'
import { closeHttp } from '../../src/http/http.ts'
import { team, type Team, type TeamRun } from '../support/team.ts'

// A scheduled run beside others of the same workflow, as the bundle sees them in its job.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
  place.start('staging')
  await place.record('staging')
  place.versions.staging = '0.98.0'
  place.merge(place.open('staging', 'main'))
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const GATE = ['promote', '--environment', 'production', '--step', 'gate']
const other = (run: Partial<Run>): Run =>
  addRun(place.state, place.repository, { headBranch: 'main', ...run })

describe('a scheduled run', () => {
  it.each([
    ['a push that waits for an approval', { status: 'waiting' }, 'waits for an approval'],
    ['a dispatch in progress', { event: 'workflow_dispatch' }, 'is in progress'],
    ['an earlier schedule in the queue', { event: 'schedule', status: 'queued' }, 'is queued'],
  ] as const)('leaves at once to %s, and changes nothing', async (_what, run, does) => {
    const active = other(run)
    // Scheduled runs that ended since then do not hide it.
    for (let number = 0; number < 120; number += 1)
      other({ event: 'schedule', status: 'completed', conclusion: 'success' })
    place.start('main', 'schedule')
    const before = place.fake.requests.length
    const ended = await place.run(GATE)
    expect(ended).toMatchObject({
      exitCode: 0,
      outputs: {
        outcome: 'noop',
        'reason-code': 'other-run-active',
        gate: '',
        summary: `run #${active.number} of this workflow (${active.event}) ${does} on main: https://github.com/acme/ml/actions/runs/${active.id}`,
      },
    })
    const report = await place.run(['report'], {
      reports: await place.leave(ended.result === undefined ? [] : [ended.result]),
    })
    expect(report).toMatchObject({
      exitCode: 0,
      outputs: {
        'reason-code': 'other-run-active',
        'flow-outcome': 'noop',
        'flow-reason-code': 'other-run-active',
      },
    })
    const sent = place.fake.requests.slice(before)
    expect(sent.filter(({ method }) => method !== 'GET')).toEqual([])
    expect(place.repository.comments).toEqual([])
  })

  it.each([
    ['itself', {}],
    ['a later schedule', { event: 'schedule', later: true }],
    ['a run for a pull request from main', { event: 'pull_request' }],
    ['a run of another branch', { headBranch: 'staging' }],
    ['a run of another workflow', { path: '.github/workflows/ci.yml' }],
    ['a run that ended', { status: 'completed', conclusion: 'success' }],
  ] as const)(
    'goes on beside %s',
    async (what, { later = false, ...run }: Partial<Run> & { readonly later?: boolean }) => {
      if (!later && what !== 'itself') other(run)
      const own = place.start('main', 'schedule')
      if (later) other(run)
      expect((await place.run(GATE, { run: own })).outputs).toMatchObject({
        'reason-code': 'gate-open',
        gate: 'open',
      })
    },
  )

  it('goes on with a warning where GitHub does not say which runs are active', async () => {
    other({ status: 'waiting' })
    place.start('main', 'schedule')
    place.state.faults.push({
      method: 'GET',
      route: '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
      times: null,
      answer: { status: 403, body: { message: 'Resource not accessible by integration' } },
    })
    const run: TeamRun = await place.run(GATE)
    expect(run.outputs).toMatchObject({ gate: 'open' })
    expect(run.log).toContain('whether another run of this workflow is active was not found')
    expect(run.log).toContain('"actions: read"')
  })
})

it('a push does not leave to a scheduled run', async () => {
  other({ event: 'schedule', status: 'waiting' })
  place.start('main')
  expect((await place.run(GATE)).outputs).toMatchObject({ gate: 'open' })
})

describe('asking staging', () => {
  const ASK = ['promote', '--environment', 'staging', '--step', 'gate']
  const WITHOUT = {
    'INPUT_GITHUB-TOKEN': '',
    ZENML_STORE_API_KEY: '',
    INPUT_SOURCES: 'not even read',
  }

  it('needs no key, no token and no other repository, and answers for the commit', async () => {
    const sources = 'sources: [{ name: churn, repository: acme/private }]\n'
    place.push('main', { 'zenml-upgrade.yml': place.config(sources) })
    place.start('main')
    const before = place.fake.requests.length
    const run = await place.run(ASK, { env: WITHOUT })
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'reason-code': 'already-at-target' } })
    expect(run.log).not.toContain('github-token')
    expect(place.fake.requests.length).toBe(before)
    expect(run.result?.command === 'promote' ? run.result.details : undefined).toMatchObject({
      tested: null,
      sha: place.repository.branches['main'],
      'target-version': '0.98.0',
      'server-version': '0.98.0',
      'server-id': 'staging-server',
    })
  })

  it('is believed by the gate of the same commit, and by no other', async () => {
    place.start('main')
    const answer = (await place.run(ASK, { env: WITHOUT })).result
    if (answer === undefined) throw new Error('no result')
    place.versions.staging = '0.99.0'
    const reports = await place.leave([answer])
    expect((await place.run(GATE, { reports })).outputs).toMatchObject({ gate: 'open' })
    place.push('main', { '.github/CODEOWNERS': '* @octocat\n' })
    place.start('main')
    expect((await place.run(GATE, { reports })).outputs).toMatchObject({
      gate: 'closed',
      'reason-code': 'staging-moved',
    })
  })
})
