import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addDeployment } from '../../src/demo/fake-github/deployments.ts'
import { githubTriggerMoves } from '../../src/state/github/trigger-moves.ts'
import type { TriggerMove } from '../../src/state/local/trigger-moves.ts'
import { registerSecret } from '../../src/runtime/secrets.ts'
import { closeHttp } from '../../src/http/http.ts'
import { attempt, recordsOf } from '../support/github-attempts.ts'
import { GITHUB_ACTIONS, githubPlace, OCTOCAT, type GithubPlace } from '../support/github-place.ts'

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

let place: GithubPlace
beforeEach(async () => {
  place = await githubPlace()
})
afterEach(async () => {
  await place.fake.close()
  await closeHttp()
})

const move = (name: string, more: Partial<TriggerMove> = {}): TriggerMove => ({
  'trigger-id': `id-${name}`,
  'trigger-name': name,
  snapshot: 'default/training/churn',
  'old-id': `old-${name}`,
  'run-configuration': null,
  ...more,
})
/** As another machine reads them. */
const moves = async (environment: 'staging' | 'production' = 'staging') =>
  githubTriggerMoves(recordsOf(await place.job({ run: place.addRun() })), environment)
const open = async (environment?: 'staging' | 'production') =>
  (await (await moves(environment)).open()).map((one) => one['trigger-name'])

describe('an unfinished move of a trigger on GitHub', () => {
  it('is there for the next run until it is finished', async () => {
    const here = await moves()
    expect(await here.open()).toEqual([])
    await here.begin(
      move('nightly', { 'run-configuration': { parameters: { rows: 10 }, settings: null } }),
    )
    await here.begin(move('weekly'))
    expect((await here.open()).map((one) => one['trigger-name'])).toEqual(['nightly', 'weekly'])
    expect(await (await moves()).open()).toEqual([
      move('nightly', { 'run-configuration': { parameters: { rows: 10 }, settings: null } }),
      move('weekly'),
    ])
    // Another machine finishes it, with keys in another order.
    const { 'trigger-id': id, ...rest } = move('nightly', {
      'run-configuration': { settings: null, parameters: { rows: 10 } },
    })
    await (await moves()).finish({ ...rest, 'trigger-id': id })
    expect(await open()).toEqual(['weekly'])
  })

  it('is open again when it was begun again, and once when it was begun twice', async () => {
    const here = await moves()
    for (const work of ['begin', 'finish', 'begin', 'begin'] as const)
      await here[work](move('nightly'))
    expect(await open()).toEqual(['nightly'])
    await here.finish(move('nightly'))
    expect(await open()).toEqual([])
  })

  it('is of one environment, and no attempt', async () => {
    await (await moves('production')).begin(move('nightly'))
    expect(await open()).toEqual([])
    expect(await open('production')).toEqual(['nightly'])
    expect(place.repository.deployments).toMatchObject([
      {
        task: 'zenml-upgrade:production',
        environment: 'zenml-upgrade-journal',
        description: 'trigger nightly: begun',
        statuses: [{ state: 'inactive' }],
      },
    ])
    const { attempts } = recordsOf(await place.job())
    expect(await attempts.list('production')).toEqual([])
    await attempts.begin(attempt('a1'))
    expect(await open()).toEqual([])
  })

  it('is found behind a page of what was recorded since', async () => {
    await (await moves()).begin(move('nightly'))
    const { attempts } = recordsOf(await place.job())
    for (let number = 1; number <= 7; number += 1) {
      await attempts.begin(attempt(`a${number}`))
      for (let other = 0; other < 20; other += 1)
        addDeployment(place.state, place.repository, {
          ref: 'staging',
          environment: 'zenml-staging',
          actor: GITHUB_ACTIONS,
          autoMerge: false,
        })
    }
    expect(await open()).toEqual(['nightly'])
  })

  it('does not count when somebody else wrote it, or damaged it', async () => {
    const payload = (more: object) => ({
      'schema-version': 1,
      kind: 'trigger',
      config: 'zenml-upgrade.yml',
      environment: 'staging',
      attempt: '1.1',
      state: 'begun',
      move: move('forged'),
      ...more,
    })
    const add = (row: object, actor = GITHUB_ACTIONS) =>
      addDeployment(place.state, place.repository, {
        ref: 'staging',
        environment: 'zenml-staging',
        task: 'zenml-upgrade:staging',
        payload: row,
        actor,
        autoMerge: false,
      })
    add(payload({}), OCTOCAT)
    add(payload({ state: 'unknown' }))
    add(payload({ move: { name: 'half' } }))
    add({})
    expect(await open()).toEqual([])
    add(payload({}))
    expect(await open()).toEqual(['forged'])
  })

  it.each([
    ['holds a secret', { token: 'tr1gger-secret' }],
    ['is longer than a record', { rows: 'x'.repeat(40_000) }],
  ])('is not written when it %s, which is told with what to do', async (_what, configuration) => {
    registerSecret('tr1gger-secret')
    const secret = move('nightly', { 'run-configuration': configuration })
    const job = await place.job()
    const here = githubTriggerMoves(recordsOf(job), 'staging')
    await here.begin(secret)
    await here.finish(secret)
    expect(place.repository.deployments).toEqual([])
    expect(job.machine.lines).toHaveLength(1)
    expect(job.machine.lines[0]).toContain(
      'the trigger nightly lays over default/training/churn cannot be kept on GitHub',
    )
    expect(job.machine.lines[0]).toContain('attach the trigger to the new snapshot by hand')
    expect(await open()).toEqual([])
  })
})
