import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { shownState } from '../../src/demo/fake-github/deployments.ts'
import { closeHttp } from '../../src/http/http.ts'
import type { Outcome } from '../../src/core/outcomes.ts'
import {
  attempt,
  backup,
  closed,
  evidence,
  phase,
  recordsOf,
  type JobRecords,
} from '../support/github-attempts.ts'
import { rowsOf } from '../support/github-rows.ts'
import { githubPlace, type GithubPlace } from '../support/github-place.ts'

// What people see of the record: one deployment for each attempt, and nothing of the journal.

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

const ROUTE = '/repos/{owner}/{repo}/deployments'
const STATUSES = `${ROUTE}/{deployment_id}/statuses`
let place: GithubPlace
beforeEach(async () => {
  place = await githubPlace()
})
afterEach(async () => {
  await place.fake.close()
  await closeHttp()
})

const records = async (options?: Parameters<GithubPlace['job']>[0]): Promise<JobRecords> =>
  recordsOf(await place.job(options))
const conclude = ({ attempts }: JobRecords, outcome: Outcome, id = 'a1') =>
  attempts.conclude({
    environment: 'staging',
    id,
    outcome,
    summary: 's'.repeat(300),
    serverUrl: 'https://staging.example.com',
  })
const statesOf = (id: string): string[] =>
  rowsOf(place.repository, 'attempt')
    .filter(({ payload }) => (payload as { id: string }).id === id)
    .flatMap(({ statuses }) => statuses.map(({ state }) => state))

describe('the deployment of an attempt', () => {
  it('is in progress at once, with the address of the server and a link to the run', async () => {
    await (await records()).attempts.begin(attempt('a1'))
    expect(place.repository.deployments).toMatchObject([
      {
        environment: 'zenml-staging',
        transient: false,
        statuses: [
          {
            state: 'in_progress',
            environmentUrl: 'https://staging.example.com',
            logUrl: expect.stringMatching(`/actions/runs/${place.run.id}/attempts/1$`),
          },
        ],
      },
    ])
  })

  it.each([
    ['success', 'success'],
    ['failure', 'failure'],
    ['inconclusive', 'error'],
    ['cancelled', 'error'],
    ['invalid', 'inactive'],
    ['held', 'inactive'],
    ['noop', 'inactive'],
  ] as const)('of a run that ended with %s shows %s', async (outcome, state) => {
    const job = await records()
    await job.attempts.begin(attempt('a1'))
    expect(await conclude(job, outcome)).toBeUndefined()
    expect(statesOf('a1')).toEqual(['in_progress', state])
    expect(place.repository.deployments[0]?.statuses.at(-1)).toMatchObject({
      logUrl: expect.stringContaining(`/actions/runs/${place.run.id}`),
      environmentUrl: 'https://staging.example.com',
      description: 's'.repeat(140),
    })
    expect(
      place.fake.requests
        .filter(({ route }) => route === STATUSES)
        .map(({ body }) => (body as { auto_inactive: boolean }).auto_inactive),
    ).toEqual([false, false])
  })

  it('links to the attempt of the run that ended it', async () => {
    const first = await records()
    await first.attempts.begin(attempt('a1'))
    await conclude(first, 'failure')
    place.run.attempt = 2
    await conclude(await records(), 'success')
    expect(
      place.repository.deployments[0]?.statuses.map(({ state, logUrl }) => [
        state,
        logUrl.split('/').at(-1),
      ]),
    ).toEqual([
      ['in_progress', '1'],
      ['failure', '1'],
      ['success', '2'],
    ])
  })

  it('is not ended by another run that was held', async () => {
    await (await records()).attempts.begin(attempt('a1'))
    await conclude(await records({ run: place.addRun() }), 'held')
    expect(statesOf('a1')).toEqual(['in_progress'])
  })

  it('stays in progress when its run is killed, until the next run ends it', async () => {
    await (await records()).attempts.begin(attempt('a1'))
    expect(statesOf('a1')).toEqual(['in_progress'])
    const next = await records({ run: place.addRun() })
    await next.attempts.append('staging', 'a1', closed)
    await conclude(next, 'success')
    expect(statesOf('a1')).toEqual(['in_progress', 'success'])
  })

  it.each([
    ['without an end', [], 'error'],
    ['that failed', [{ ...closed, 'reason-code': 'rolled-back' }], 'failure'],
    ['that was cut off', [{ ...closed, 'reason-code': 'cancelled' }], 'error'],
    ['that went well', [closed, evidence], 'inactive'],
  ] as const)(
    'of an upgrade %s, which no run reported, is ended when the next attempt begins',
    async (_what, entries, state) => {
      const { attempts } = await records()
      await attempts.begin(attempt('a1'))
      for (const entry of entries) await attempts.append('staging', 'a1', entry)
      const next = await records({ run: place.addRun() })
      await next.attempts.list('staging')
      await next.attempts.begin(attempt('a2'))
      expect(statesOf('a1')).toEqual(['in_progress', state])
      expect(statesOf('a2')).toEqual(['in_progress'])
    },
  )

  it('that ended keeps its state when the next attempt begins', async () => {
    const job = await records()
    await job.attempts.begin(attempt('a1'))
    await conclude(job, 'failure')
    await (await records({ run: place.addRun() })).attempts.begin(attempt('a2'))
    expect(statesOf('a1')).toEqual(['in_progress', 'failure'])
  })

  it('leaves those of others as they are', async () => {
    const job = await records()
    const other = recordsOf(await place.job(), 'teams/b.yml')
    for (const { attempts } of [job, other]) await attempts.begin(attempt('a1'))
    await conclude(other, 'success')
    await conclude(job, 'success')
    expect(place.repository.deployments.map(shownState)).toEqual(['success', 'success'])
  })
})

describe('a row of the journal', () => {
  it('is in an environment of its own, transient and inactive at once', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1'))
    for (const entry of [backup, phase('deploy', 'started'), closed])
      await attempts.append('staging', 'a1', entry)
    const rows = rowsOf(place.repository, 'journal')
    expect(rows).toMatchObject(
      [1, 2, 3].map(() => ({
        environment: 'zenml-upgrade-journal',
        transient: true,
        production: false,
        statuses: [{ state: 'inactive' }],
      })),
    )
    expect(
      place.repository.deployments.filter(({ environment }) => environment === 'zenml-staging'),
    ).toHaveLength(1)
  })

  it('creates no event for its state', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1'))
    const before = place.state.events.length
    await attempts.append('staging', 'a1', backup)
    expect(place.state.events.slice(before).map(({ name }) => name)).toEqual(['deployment'])
  })
})

describe('a state that GitHub does not take', () => {
  const refuse = () =>
    place.state.faults.push({
      method: 'POST',
      route: STATUSES,
      times: null,
      answer: { status: 403, body: { message: 'Resource not accessible by integration' } },
    })

  it('is a warning, and the work goes on', async () => {
    refuse()
    const { attempts, machine } = await records()
    await attempts.begin(attempt('a1'))
    await attempts.append('staging', 'a1', backup)
    const lines = machine.lines.join('\n')
    expect(lines).toContain('attempt a1 is not shown as in progress')
    expect(lines).toContain('is a row of the record and is shown as pending')
    expect(lines).toContain('deployments: write')
    expect((await (await records()).attempts.list('staging'))[0]?.entries).toEqual([backup])
  })

  it('is a warning of the report', async () => {
    const job = await records()
    await job.attempts.begin(attempt('a1'))
    refuse()
    expect(await conclude(job, 'success')).toMatchObject({
      next: expect.stringContaining('deployments: write'),
    })
  })
})
