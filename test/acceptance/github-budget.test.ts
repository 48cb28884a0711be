import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { isSuperseded, compareBranches } from '../../src/github/branches.ts'
import { writeComment } from '../../src/github/comment.ts'
import { proposePromotion } from '../../src/github/promotion-pull-request.ts'
import { setPromotionStatus } from '../../src/github/status.ts'
import { pullOf } from '../../src/github-fake/pulls.ts'
import type { Entry } from '../../src/record/attempt.ts'
import { marker } from '../../src/report/marker.ts'
import { closeHttp } from '../../src/zenml/http.ts'
import { AT, attempt, backup, closed, evidence, phase, recordsOf, type JobRecords } from '../support/github-attempts.ts'
import { githubPlace, type GithubPlace } from '../support/github-place.ts'

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

const BRANCHES = { head: 'staging', base: 'main' }
const inventory: Entry = { kind: 'inventory', at: AT, counts: { runs: 12 }, names: {} }
const journal: readonly Entry[] = [phase('backup', 'started'), inventory, backup, phase('backup', 'done'), phase('deploy', 'started'), phase('deploy', 'done'), phase('verify', 'started'), phase('verify', 'done'), closed]

let place: GithubPlace
beforeEach(async () => { place = await githubPlace() })
afterEach(async () => { await place.fake.close(); await closeHttp() })

/** A job of the flow on `staging`; one that is superseded would end here. */
async function job(name: string): Promise<JobRecords> {
  const records = recordsOf(await place.job({ name }))
  expect(await isSuperseded(records.github, { branch: 'staging', sha: place.run.headSha })).toBe(false)
  return records
}

async function find(command: 'run-smoke-suite' | 'rebuild-snapshots'): Promise<void> {
  const { attempts } = await job(command)
  await attempts.list('staging')
  await attempts.append('staging', 'a1', { ...evidence, kind: 'evidence', command } as Entry)
}

describe('a whole staging flow', () => {
  it('makes at most 30 requests to GitHub, from the push to the open promotion', async () => {
    pullOf(place.repository, place.promotion).state = 'closed'

    const upgrade = await job('upgrade')
    await upgrade.attempts.list('staging')
    const lock = await upgrade.lock()
    await upgrade.attempts.list('staging')
    await upgrade.attempts.begin(attempt('a1'))
    for (const entry of journal) await upgrade.attempts.append('staging', 'a1', entry)
    await lock.release()
    await find('run-smoke-suite')
    await find('rebuild-snapshots')

    const report = await job('report')
    await compareBranches(report.github, BRANCHES)
    const proposed = await proposePromotion(report.github, { branches: BRANCHES, title: 'Promote', body: 'Text', key: 'zenml-upgrade.yml' })
    const end = await writeComment(report.github, {
      pullRequest: proposed.kind === 'created' ? proposed.pullRequest.number : 0, key: 'zenml-upgrade.yml',
      compose: async () => {
        report.attempts.reread()
        const [newest] = [...(await report.attempts.list('staging')), ...(await report.attempts.list('production'))]
        return { body: `${marker('zenml-upgrade.yml')}\n${newest?.entries.length ?? 0} entries`, stamp: { staging: { attempt: 'a1', at: AT } } }
      }
    })
    expect(end).toMatchObject({ kind: 'created' })
    expect(await report.attempts.conclude({ environment: 'staging', id: 'a1', outcome: 'success', summary: 'green' })).toBeUndefined()
    expect(await setPromotionStatus(report.github, { sha: place.run.headSha, state: 'success', description: 'green' })).toBeUndefined()

    expect(place.repository.comments[0]?.body).toContain('6 entries')
    // One more where the driver tells that the migration began.
    expect(place.routes()).toHaveLength(29)
  })
})
