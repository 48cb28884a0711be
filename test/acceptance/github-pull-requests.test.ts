import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { forkRepository } from '../../src/demo/fake-github/repositories.ts'
import { moveBranch, push } from '../../src/demo/fake-github/branches.ts'
import { mergePull } from '../../src/demo/fake-github/merges.ts'
import { openPull, pullOf } from '../../src/demo/fake-github/pulls.ts'
import { READ_ONLY } from '../../src/demo/fake-github/repositories.ts'
import type { MergeMethod } from '../../src/demo/fake-github/state.ts'
import { branchTip, compareBranches } from '../../src/github/branches.ts'
import type { GithubEvent } from '../../src/github/event.ts'
import { createPromotion, editPromotion } from '../../src/github/promotion-pull-request.ts'
import { pullRequestFor } from '../../src/github/pull-request.ts'
import { setPromotionStatus } from '../../src/github/status.ts'
import { closeHttp } from '../../src/http/http.ts'
import { githubPlace, OCTOCAT, type GithubPlace, type Job } from '../support/github-place.ts'

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

const BRANCHES = { head: 'staging', base: 'main' }
let place: GithubPlace
let job: Job
beforeEach(async () => {
  place = await githubPlace()
  job = await place.job()
})
afterEach(async () => {
  await place.fake.close()
  await closeHttp()
})

const pushTo = (branch: string, sha = place.repository.branches[branch] ?? ''): GithubEvent => ({
  kind: 'push',
  branch,
  sha,
  before: undefined,
})
const commit = (branch: string, file: string, from?: string) =>
  push(place.state, place.repository, {
    branch,
    change: { [file]: `${file}\n` },
    message: file,
    actor: OCTOCAT,
    ...(from === undefined ? {} : { from }),
  })
const merge = (number: number, method: MergeMethod) =>
  mergePull(place.state, place.repository, pullOf(place.repository, number), {
    method,
    actor: OCTOCAT,
  })
const closePromotion = () => {
  pullOf(place.repository, place.promotion).state = 'closed'
}
const find = async (event: GithubEvent) =>
  (await pullRequestFor(job.github, event, BRANCHES))?.number

describe('the pull request of the comment', () => {
  it('is the open promotion for a push to staging, in one request', async () => {
    expect(await find(pushTo('staging'))).toBe(place.promotion)
    expect(place.fake.requests).toHaveLength(1)
  })

  it('is the one that brought the commit to staging while no promotion is open', async () => {
    closePromotion()
    commit('feature', 'a.py', place.repository.branches['staging'])
    const { number } = openPull(place.state, place.repository, {
      head: 'feature',
      base: 'staging',
      title: 'Feature',
      actor: OCTOCAT,
    })
    merge(number, 'squash')
    expect(await find(pushTo('staging'))).toBe(number)
  })

  it.each(['merge', 'squash', 'rebase'] as const)(
    'is the merged one for a push to main by %s',
    async (method) => {
      commit('staging', 'b.py')
      const sha = merge(place.promotion, method)
      expect(place.repository.branches['main']).toBe(sha)
      expect(await find(pushTo('main'))).toBe(place.promotion)
    },
  )

  it('is none for a direct push to main, after it was asked for three times', async () => {
    commit('main', 'hotfix.py')
    expect(await find(pushTo('main'))).toBeUndefined()
    expect(place.fake.requests).toHaveLength(3)
    expect(job.machine.slept).toEqual([2, 4])
  })

  it('is found when GitHub needs a moment to know it', async () => {
    place.state.behaviour.indexedAfterLookups = 2
    merge(place.promotion, 'merge')
    expect(await find(pushTo('main'))).toBe(place.promotion)
  })

  it('is not one into another branch that holds the same commit', async () => {
    closePromotion()
    const sha = commit('staging', 'c.py')
    commit('release', 'r.py', place.repository.branches['main'])
    openPull(place.state, place.repository, {
      head: 'staging',
      base: 'release',
      title: 'Release',
      actor: OCTOCAT,
    })
    expect(await find(pushTo('staging', sha))).toBeUndefined()
  })

  it('is not a promotion of a fork with a branch of the same name', async () => {
    closePromotion()
    const fork = forkRepository(place.state, place.repository, 'mallory')
    push(place.state, fork, {
      branch: 'staging',
      change: { 'evil.py': 'x' },
      message: 'x',
      actor: { login: 'mallory', app: null },
    })
    openPull(place.state, place.repository, {
      head: 'mallory:staging',
      base: 'main',
      title: 'x',
      actor: { login: 'mallory', app: null },
    })
    expect(await find(pushTo('staging'))).toBeUndefined()
  })

  it('is the one that waits in a merge queue, with its labels', async () => {
    const tip = { branch: 'main', sha: 'a'.repeat(40) }
    const head = {
      branch: `gh-readonly-queue/main/pr-${place.promotion}-${'a'.repeat(40)}`,
      sha: 'b'.repeat(40),
    }
    pullOf(place.repository, place.promotion).labels.push('upgrade-hold')
    expect(
      await pullRequestFor(job.github, { kind: 'merge-group', head, base: tip }, BRANCHES),
    ).toMatchObject({ number: place.promotion, labels: ['upgrade-hold'] })
  })

  it('is that of the event for a pull request, without a request', async () => {
    const tip = { branch: 'x', sha: 'a'.repeat(40) }
    expect(
      await find({
        kind: 'pull-request',
        action: 'opened',
        number: 5,
        head: { ...tip, repository: 'acme/ml' },
        base: tip,
        fromFork: false,
        byDependabot: false,
        labels: [],
      }),
    ).toBe(5)
    expect(await find({ kind: 'merge-group', head: tip, base: tip })).toBeUndefined()
    expect(await find(pushTo('elsewhere', 'a'.repeat(40)))).toBeUndefined()
    expect(place.fake.requests).toEqual([])
  })

  it('is found for a schedule on main as for its newest push', async () => {
    const sha = merge(place.promotion, 'merge')
    expect(await find({ kind: 'schedule', branch: 'main', sha })).toBe(place.promotion)
  })
})

describe('the branches', () => {
  it('tell their tip', async () => {
    expect(await branchTip(job.github, 'staging')).toMatchObject({
      sha: place.repository.branches['staging'],
    })
    expect(await branchTip(job.github, 'gone')).toBeUndefined()
  })

  it('are compared by their content, in two requests', async () => {
    expect(await compareBranches(job.github, BRANCHES)).toMatchObject({
      sameContent: false,
      ahead: 1,
      behind: 0,
      baseHasOwn: false,
    })
    expect(place.fake.requests).toHaveLength(2)
  })

  it('are the same after a merge, which leaves nothing of its own on main', async () => {
    merge(place.promotion, 'merge')
    expect(await compareBranches(job.github, BRANCHES)).toMatchObject({
      sameContent: true,
      ahead: 0,
      behind: 1,
      baseHasOwn: false,
    })
  })

  it('are the same after a squash, whose commit staging does not have', async () => {
    merge(place.promotion, 'squash')
    expect(await compareBranches(job.github, BRANCHES)).toMatchObject({
      sameContent: true,
      ahead: 1,
      behind: 1,
      baseHasOwn: true,
    })
  })

  it('differ after a hotfix, until main is merged back', async () => {
    merge(place.promotion, 'merge')
    const hotfix = commit('main', 'hotfix.py')
    expect(await compareBranches(job.github, BRANCHES)).toMatchObject({
      sameContent: false,
      ahead: 0,
      behind: 2,
      baseHasOwn: true,
    })
    moveBranch(place.state, place.repository, 'staging', hotfix, OCTOCAT)
    expect(await compareBranches(job.github, BRANCHES)).toMatchObject({
      sameContent: true,
      ahead: 0,
      behind: 0,
      baseHasOwn: false,
    })
  })

  it('cannot be compared when one does not exist', async () => {
    expect(await compareBranches(job.github, { head: 'gone', base: 'main' })).toBeUndefined()
    expect(await compareBranches(job.github, { head: 'staging', base: 'gone' })).toBeUndefined()
  })
})

describe('the promotion', () => {
  const TEXT = { title: 'Promote ZenML 0.98.0', body: 'What this brings.' }
  const create = () => createPromotion(job.github, BRANCHES, TEXT)
  const open = () => place.repository.pulls.filter(({ state }) => state === 'open')

  it('is opened once, and changed', async () => {
    closePromotion()
    const created = await create()
    expect(created).toMatchObject({
      kind: 'created',
      pullRequest: { title: 'Promote ZenML 0.98.0', base: 'main' },
    })
    expect(await create()).toMatchObject({ kind: 'found' })
    expect(
      await editPromotion(job.github, open()[0]?.number ?? 0, {
        ...TEXT,
        title: 'Promote ZenML 0.99.0',
      }),
    ).toMatchObject({ title: 'Promote ZenML 0.99.0' })
    expect(open()).toMatchObject([{ title: 'Promote ZenML 0.99.0', body: 'What this brings.' }])
  })

  it('is none when there is nothing to promote', async () => {
    merge(place.promotion, 'merge')
    expect(await create()).toEqual({ kind: 'no-commits' })
  })

  it('is left to a person where a setting forbids it', async () => {
    closePromotion()
    place.repository.actionsMayCreatePulls = false
    expect(await create()).toMatchObject({
      kind: 'forbidden',
      bySetting: true,
      warning: {
        message: expect.stringContaining('not permitted to create or approve pull requests'),
      },
    })
  })

  it('is left to a person where the token may not write', async () => {
    closePromotion()
    place.addToken('read-only', READ_ONLY)
    expect(
      await createPromotion((await place.job({ token: 'read-only' })).github, BRANCHES, TEXT),
    ).toMatchObject({
      kind: 'forbidden',
      bySetting: false,
      warning: { next: expect.stringContaining('pull-requests: write') },
    })
  })

  it.each(['taken', 'not taken'])(
    'is one when the connection was cut and the request %s',
    async (taken) => {
      closePromotion()
      place.state.faults.push({ method: 'POST', taken: taken === 'taken', answer: 'cut' })
      expect(await create()).toMatchObject({ kind: 'created' })
      expect(open()).toHaveLength(1)
    },
  )

  it('is one when another run opens it at the same moment', async () => {
    closePromotion()
    const kinds = (await Promise.all([create(), create()])).map(({ kind }) => kind)
    expect(kinds.sort()).toEqual(['created', 'found'])
    expect(open()).toHaveLength(1)
  })

  it('ends the command when GitHub fails or refuses in a way nobody foresaw', async () => {
    closePromotion()
    place.state.faults.push({
      method: 'POST',
      times: 2,
      answer: { status: 500, body: { message: 'x' } },
    })
    await expect(create()).rejects.toMatchObject({ problem: 'server-error' })
    place.state.faults.push({
      method: 'POST',
      answer: { status: 422, body: { message: 'Validation Failed' } },
    })
    await expect(create()).rejects.toMatchObject({ problem: 'refused' })
  })
})

describe('the status of a commit', () => {
  const status = () => ({
    sha: place.run.headSha,
    config: 'zenml-upgrade.yml',
    state: 'success' as const,
    description: 'd'.repeat(200),
    targetUrl: 'https://example.com',
  })

  it('is written under one name, short enough', async () => {
    expect(await setPromotionStatus(job.github, status())).toBeUndefined()
    expect(place.repository.statuses).toMatchObject([
      {
        context: 'zenml-upgrade/promotion',
        state: 'success',
        targetUrl: 'https://example.com',
        description: `${'d'.repeat(139)}…`,
      },
    ])
  })

  it('is written again only when it is new, where that is asked for', async () => {
    for (const state of ['pending', 'pending', 'success'] as const)
      await setPromotionStatus(job.github, { ...status(), state, onlyIfNew: true })
    expect(place.repository.statuses.map(({ state }) => state)).toEqual(['pending', 'success'])
  })

  it('is a warning when it cannot be written', async () => {
    place.addToken('read-only', READ_ONLY)
    expect(
      await setPromotionStatus((await place.job({ token: 'read-only' })).github, status()),
    ).toMatchObject({ next: expect.stringContaining('statuses: write') })
  })
})
