import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { secondaryRateLimit, serverError } from '../../src/demo/fake-github/faults.ts'
import { openPull } from '../../src/demo/fake-github/pulls.ts'
import {
  addActionsToken,
  addUserToken,
  ALL_PERMISSIONS,
} from '../../src/demo/fake-github/repositories.ts'
import type { Fault } from '../../src/demo/fake-github/state.ts'
import { startCheckedGithub, type CheckedGithub } from '../support/checked-github.ts'
import {
  FORK_JOB,
  JOB,
  OCTOCAT,
  octocat,
  place,
  R,
  type Place,
} from '../support/github-fake-place.ts'
import { caller } from '../support/github-calls.ts'

let there: Place
let github: CheckedGithub

async function start(options: Parameters<typeof place>[0] = {}, basePath = ''): Promise<void> {
  there = place(options)
  openPull(there.state, there.repository, {
    head: 'staging',
    base: 'main',
    title: 'Promote',
    actor: octocat,
  })
  github = await startCheckedGithub({ state: there.state, basePath })
}
beforeEach(() => start())
afterEach(() => github.close())

const COMMENTS = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
const comment = (secret?: string) =>
  caller(github, secret)('POST', `${R}/issues/1/comments`, { body: 'text' })

describe('permissions', () => {
  const NOT_ALLOWED = { status: 403, body: { message: 'Resource not accessible by integration' } }

  it("of a fork's job are to read", async () => {
    const fork = caller(github, FORK_JOB)
    expect((await fork('GET', `${R}/issues/1/comments`)).status).toBe(200)
    for (const [method, path, body] of [
      ['POST', `${R}/issues/1/comments`, { body: 'text' }],
      ['POST', `${R}/deployments`, { ref: 'main' }],
      ['POST', `${R}/statuses/${there.repository.branches['main'] ?? ''}`, { state: 'success' }],
      ['POST', `${R}/pulls`, { head: 'staging', base: 'main', title: 'x' }],
      ['PUT', `${R}/pulls/1/merge`, {}],
    ] as const)
      expect(await fork(method, path, body)).toMatchObject(NOT_ALLOWED)
    expect(there.state.events.filter(({ actor }) => actor !== 'octocat')).toEqual([])
  })

  it.each([
    ['issues', 201],
    ['pull_requests', 201],
    ['contents', 403],
  ] as const)('%s: write lets a job comment: %d', async (permission, status) => {
    addActionsToken(there.state, 'ghs_one', there.repository, { [permission]: 'write' })
    expect((await comment('ghs_one')).status).toBe(status)
  })

  it('hide a private repository, and what a job may not read of it', async () => {
    await github.close()
    await start({ private: true })
    addActionsToken(there.state, 'ghs_bare', there.repository, { contents: 'read' })
    addUserToken(there.state, 'ghp_stranger', 'stranger', ALL_PERMISSIONS)
    expect((await caller(github, 'ghp_stranger')('GET', R)).status).toBe(404)
    expect((await caller(github)('GET', R)).status).toBe(404)
    expect((await caller(github, 'ghs_bare')('GET', R)).status).toBe(200)
    expect(await caller(github, 'ghs_bare')('GET', `${R}/deployments`)).toMatchObject(NOT_ALLOWED)
  })

  it('of people are those they have here', async () => {
    addUserToken(there.state, 'ghp_stranger', 'stranger', ALL_PERMISSIONS)
    const stranger = caller(github, 'ghp_stranger')
    expect((await comment('ghp_stranger')).status).toBe(201)
    expect(await stranger('POST', `${R}/deployments`, { ref: 'main' })).toMatchObject({
      status: 403,
      body: { message: 'Resource not accessible by personal access token' },
    })
    expect((await comment('ghp_unknown')).status).toBe(401)
    expect((await comment()).status).toBe(401)
    expect((await caller(github)('GET', `${R}/deployments`)).status).toBe(200)
  })

  it('tell a person who they are, and a job nothing', async () => {
    expect((await caller(github, OCTOCAT)('GET', '/user')).body).toMatchObject({ login: 'octocat' })
    expect(await caller(github, JOB)('GET', '/user')).toMatchObject(NOT_ALLOWED)
  })
})

describe('limits', () => {
  it('count down on every answer, and end in a refusal', async () => {
    there.state.behaviour.rateLimit = 2
    const first = await comment(JOB)
    expect([
      first.headers.get('x-ratelimit-remaining'),
      first.headers.get('x-ratelimit-limit'),
    ]).toEqual(['1', '2'])
    expect(Number(first.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000)
    await comment(JOB)
    const last = await comment(JOB)
    expect([last.status, last.headers.get('x-ratelimit-remaining')]).toEqual([403, '0'])
    expect(last.body).toMatchObject({ message: expect.stringContaining('API rate limit exceeded') })
  })

  it.each([
    [403, 1],
    [403, undefined],
    [429, 1],
    [429, undefined],
  ] as const)('come as a secondary one: %d, retry-after %s', async (status, retryAfter) => {
    there.state.faults.push({
      route: COMMENTS,
      method: 'POST',
      answer: secondaryRateLimit({ status, ...(retryAfter === undefined ? {} : { retryAfter }) }),
    })
    const refused = await comment(JOB)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([
      status,
      retryAfter === undefined ? null : String(retryAfter),
    ])
    expect(refused.body).toMatchObject({ message: expect.stringContaining('secondary rate limit') })
    expect((await comment(JOB)).status).toBe(201)
    expect(there.repository.comments).toHaveLength(1)
  })
})

describe('faults', () => {
  const outcomes = async (fault: Fault, requests: number): Promise<(number | 'cut')[]> => {
    there.state.faults.push(fault)
    const got: (number | 'cut')[] = []
    for (let count = 0; count < requests; count += 1)
      got.push(
        await comment(JOB).then(
          ({ status }) => status,
          () => 'cut' as const,
        ),
      )
    return got
  }

  it('come as often as wanted, after as many requests as wanted', async () => {
    expect(await outcomes({ answer: serverError(502), times: 2, skip: 1 }, 4)).toEqual([
      201, 502, 502, 201,
    ])
    expect(await outcomes({ method: 'GET', answer: serverError(500), times: null }, 2)).toEqual([
      201, 201,
    ])
    expect(
      await outcomes(
        { bodyHas: 'text', answer: { status: 404, body: { message: 'Not Found' } } },
        2,
      ),
    ).toEqual([404, 201])
    expect(there.repository.comments).toHaveLength(5)
  })

  it('may cut the connection before or after the request was taken', async () => {
    expect(await outcomes({ answer: 'cut' }, 1)).toEqual(['cut'])
    expect(there.repository.comments).toHaveLength(0)
    expect(await outcomes({ answer: 'cut', taken: true }, 1)).toEqual(['cut'])
    expect(await outcomes({ answer: serverError(504), taken: true }, 1)).toEqual([504])
    expect(there.repository.comments).toHaveLength(2)
    expect(github.requests.map(({ status, taken, injected }) => [status, taken, injected])).toEqual(
      [
        [0, false, true],
        [0, true, true],
        [504, true, true],
      ],
    )
  })

  it('may make an answer late, so that others overtake it', async () => {
    there.state.faults.push({ delayMilliseconds: 150, bodyHas: 'slow' })
    const slow = caller(github, JOB)('POST', `${R}/issues/1/comments`, { body: 'slow' })
    await caller(github, JOB)('POST', `${R}/issues/1/comments`, { body: 'quick' })
    await slow
    expect(there.repository.comments.map(({ body }) => body)).toEqual(['quick', 'slow'])
  })
})

describe('GitHub Enterprise Server', () => {
  it('has its API below a path', async () => {
    await github.close()
    await start({}, '/api/v3')
    expect(github.url).toMatch(/\/api\/v3$/)
    const { status, body } = await comment(JOB)
    expect([status, (body as { url: string }).url.startsWith(`${github.url}/repos/`)]).toEqual([
      201,
      true,
    ])
    const { status: outside } = await caller({ url: github.url.replace('/api/v3', '') }, JOB)(
      'GET',
      R,
    )
    expect(outside).toBe(404)
    expect(github.violations.splice(0)).toHaveLength(1)
  })
})
