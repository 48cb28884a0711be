import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { closeHttp } from '../../src/http/http.ts'
import { attempt, recordsOf, type JobRecords } from '../support/github-attempts.ts'
import { describedRows, rowsOf } from '../support/github-rows.ts'
import { githubPlace, type GithubPlace } from '../support/github-place.ts'

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
/** Another job of the run, on another machine. */
const nextJob = (name: string) => records({ name })
const otherRun = async () => records({ run: place.addRun() })
const locked = { code: 'locked' }

describe('the lock of a server', () => {
  it('is held by one run at a time, from its first command to its report', async () => {
    const first = await records()
    await first.lock.hold('server-1')
    const second = await otherRun()
    await expect(second.lock.hold('server-1')).rejects.toMatchObject({
      ...locked,
      message: expect.stringContaining(`/actions/runs/${place.run.id}/attempts/1`),
    })
    await (await nextJob('report')).lock.release()
    await (await records({ run: place.addRun() })).lock.hold('server-1')
  })

  it('is shared by the jobs of a run, which write nothing more for it', async () => {
    await (await nextJob('upgrade')).lock.hold('server-1')
    const before = place.fake.requests.length
    const shards = await Promise.all([nextJob('snapshots'), nextJob('snapshots')])
    await Promise.all(shards.map(({ lock }) => lock.hold('server-1')))
    expect(place.routes().slice(before)).toEqual([`GET ${ROUTE}`, `GET ${ROUTE}`])
  })

  it('is shared by jobs of a run that take it at the same moment', async () => {
    const shards = await Promise.all([1, 2, 3].map(() => nextJob('snapshots')))
    await Promise.all(shards.map(({ lock }) => lock.hold('server-1')))
    await expect((await otherRun()).lock.hold('server-1')).rejects.toMatchObject(locked)
    await (await nextJob('report')).lock.release()
    await (await otherRun()).lock.hold('server-1')
  })

  it('is refused without a row where its owner is known to live', async () => {
    await (await records()).lock.hold('server-1')
    await expect((await otherRun()).lock.hold('server-1')).rejects.toMatchObject(locked)
    expect(describedRows(place.repository)).toEqual([`lock: taken by run ${place.run.id}.1`])
  })

  it('of another server is another one', async () => {
    await (await records()).lock.hold('server-1')
    await (await otherRun()).lock.hold('server-2')
  })

  it('is one for two configuration files that name the same server', async () => {
    const other = async () => recordsOf(await place.job({ run: place.addRun() }), 'teams/b.yml')
    await (await records()).lock.hold('server-1')
    await expect((await other()).lock.hold('server-1')).rejects.toMatchObject(locked)
    await (await other()).lock.hold('server-2')
  })

  it('is one for a server that is staging for one and production for another', async () => {
    await (await records()).lock.hold('server-1')
    const main = await records({ run: place.addRun({ headBranch: 'main' }) })
    await expect(main.lock.hold('server-1')).rejects.toMatchObject(locked)
  })

  it('takes four requests, after which the record is known as it is now', async () => {
    const taking = await records()
    await taking.attempts.list('staging')
    await (await otherRun()).attempts.begin(attempt('other'))
    const before = place.fake.requests.length
    await taking.lock.hold('server-1')
    expect((await taking.attempts.list('staging')).map(({ id }) => id)).toEqual(['other'])
    expect(place.routes().slice(before)).toEqual([
      `GET ${ROUTE}`,
      `POST ${ROUTE}`,
      `POST ${STATUSES}`,
      `GET ${ROUTE}`,
    ])
  })

  it('is released in three requests, and in one where the run has none', async () => {
    await (await records()).lock.hold('server-1')
    const before = place.fake.requests.length
    await (await nextJob('report')).lock.release()
    expect(place.routes().slice(before)).toEqual([
      `GET ${ROUTE}`,
      `POST ${ROUTE}`,
      `POST ${STATUSES}`,
    ])
    await (await nextJob('report')).lock.release()
    expect(place.routes().slice(before + 3)).toEqual([`GET ${ROUTE}`])
  })

  it('is kept in rows that no one sees as pending', async () => {
    await (await records()).lock.hold('server-1')
    await (await nextJob('report')).lock.release()
    expect(place.repository.deployments).toMatchObject(
      [1, 2].map(() => ({
        environment: 'zenml-upgrade-journal',
        transient: true,
        statuses: [{ state: 'inactive' }],
      })),
    )
  })
})

describe('the lock of a run that ended without releasing it', () => {
  it('is over, and so is that of a run that was deleted', async () => {
    const dead = place.addRun()
    await (await records({ run: dead })).lock.hold('server-1')
    dead.status = 'completed'
    const deleted = place.addRun()
    await (await records({ run: deleted })).lock.hold('server-1')
    place.repository.runs = place.repository.runs.filter((run) => run !== deleted)
    await (await records()).lock.hold('server-1')
  })

  it('is asked about once, not by every later run', async () => {
    const dead = place.addRun()
    await (await records({ run: dead })).lock.hold('server-1')
    dead.status = 'completed'
    await (await records()).lock.hold('server-1')
    await (await records()).lock.release()
    const before = place.fake.requests.length
    await (await otherRun()).lock.hold('server-1')
    expect(place.routes().slice(before).join()).not.toContain('/actions/runs/')
  })

  it('is not broken when no one can say whether the run is over', async () => {
    await (await records()).lock.hold('server-1')
    place.repository.private = true
    place.addToken('no-actions', { deployments: 'write', contents: 'read' })
    const other = await records({ run: place.addRun(), token: 'no-actions' })
    await expect(other.lock.hold('server-1')).rejects.toMatchObject({
      ...locked,
      next: expect.stringContaining('actions: read'),
    })
  })
})

describe('the lock of a run that is run again', () => {
  it('goes over to the next attempt of the run, which asks no one', async () => {
    await (await records()).lock.hold('server-1')
    place.run.attempt = 2
    const before = place.fake.requests.length
    await (await nextJob('smoke')).lock.hold('server-1')
    expect(place.routes().slice(before).join()).not.toContain('/actions/runs/')
    await expect((await otherRun()).lock.hold('server-1')).rejects.toMatchObject({
      ...locked,
      message: expect.stringContaining('/attempts/2'),
    })
  })

  it('is refused where another run took it between the attempts', async () => {
    await (await records()).lock.hold('server-1')
    place.run.status = 'completed'
    await (await otherRun()).lock.hold('server-1')
    Object.assign(place.run, { attempt: 2, status: 'in_progress' })
    await expect((await nextJob('smoke')).lock.hold('server-1')).rejects.toMatchObject(locked)
  })
})

describe('a lock that two runs take at the same moment', () => {
  it('goes to one of them', async () => {
    for (let round = 0; round < 10; round += 1) {
      place.repository.deployments = []
      place.state.faults = [0, 1, 2, 3].map((step) => ({
        route: ROUTE,
        delayMilliseconds: (round * 7 + step * 5) % 13,
      }))
      const jobs = await Promise.all([otherRun(), otherRun()])
      const ends = await Promise.all(
        jobs.map(({ lock }) =>
          lock.hold('server-1').then(
            () => 'held',
            (error: unknown) => (error as { code: string }).code,
          ),
        ),
      )
      expect([...ends].sort()).toEqual(['held', 'locked'])
    }
  })

  it('is released by the one that lost it', async () => {
    const [winner, loser] = [await records(), await otherRun()]
    // The loser has read the locks before the winner wrote its row.
    await loser.log.rows('locks')
    await winner.lock.hold('server-1')
    await expect(loser.lock.hold('server-1')).rejects.toMatchObject(locked)
    expect(rowsOf(place.repository, 'unlock')).toHaveLength(1)
  })
})

describe('a lock that cannot be released', () => {
  it('is a warning, for it ends with the run', async () => {
    const job = await records()
    await job.lock.hold('server-1')
    place.state.faults.push({
      method: 'POST',
      times: null,
      answer: { status: 500, body: { message: 'x' } },
    })
    await job.lock.release()
    expect(job.machine.lines.join('\n')).toContain(
      'the lock was not released; it ends with this run',
    )
  })

  it('is left to its run where the command was stopped', async () => {
    const job = await records()
    await job.lock.hold('server-1')
    job.machine.stop(new Error('stopped'))
    const before = place.fake.requests.length
    await job.lock.release()
    expect(place.fake.requests).toHaveLength(before)
  })
})
