import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { secondaryRateLimit, serverError } from '../../src/demo/fake-github/faults.ts'
import {
  addApp,
  addUserToken,
  ALL_PERMISSIONS,
  installApp,
} from '../../src/demo/fake-github/repositories.ts'
import type { Fault } from '../../src/demo/fake-github/state.ts'
import { appToken } from '../../src/github/app-token.ts'
import { connectGithub, type Github } from '../../src/github/client.ts'
import { GithubError, orWarning } from '../../src/github/errors.ts'
import { Stop } from '../../src/core/stop.ts'
import { closeHttp } from '../../src/http/http.ts'
import { githubPlace, type GithubPlace, type Job } from '../support/github-place.ts'
import { httpServer } from '../support/http-server.ts'
import { testMachine } from '../support/machine.ts'

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

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

const read = (github: Github = job.github) =>
  github.octokit.rest.repos.getBranch({ ...github.repo, branch: 'staging' })
const write = (github: Github = job.github) =>
  github.octokit.rest.issues.createComment({
    ...github.repo,
    issue_number: place.promotion,
    body: 'hello',
  })
const edit = () =>
  job.github.octokit.rest.pulls.update({
    ...job.github.repo,
    pull_number: place.promotion,
    title: 'new',
  })
const fault = (...faults: Fault[]) => {
  place.state.faults.push(...faults)
}
const failed = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error as GithubError,
  )

describe('a request to GitHub', () => {
  it('names this tool and the version of the API', async () => {
    expect((await read()).data.name).toBe('staging')
    expect(place.fake.requests[0]?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^zenml-upgrade\/\S/),
      'x-github-api-version': '2022-11-28',
      authorization: 'token job-token',
    })
    expect(place.fake.requests).toHaveLength(1)
  })

  it('goes to GitHub Enterprise Server below its path', async () => {
    const server = await httpServer(() => ({ json: { name: 'staging' } }))
    const github = await connectGithub({
      context: {
        ...job.context,
        urls: { server: server.url, api: `${server.url}/api/v3`, graphql: '' },
      },
      token: 'job-token',
      machine: job.machine,
    })
    await read(github)
    expect(server.seen.map(({ path }) => path)).toEqual(['/api/v3/repos/acme/ml/branches/staging'])
    await server.close()
  })

  it.each([
    [401, 'token-refused', undefined, 'github.token'],
    [403, 'forbidden', 'pull-requests: write', 'pull-requests: write'],
    [404, 'not-found', 'pull-requests: write', 'pull-requests: write'],
    [409, 'conflict', undefined, 'Read what GitHub says'],
    [410, 'gone', undefined, 'Read what GitHub says'],
    [422, 'refused', undefined, 'Read what GitHub says'],
    [418, 'unexpected', undefined, 'Read'],
  ] as const)('that is answered with %d is %s', async (status, problem, permission, next) => {
    fault({
      answer: {
        status,
        body: {
          message: 'Words of GitHub',
          errors: [{ resource: 'X', code: 'custom', message: 'a reason' }, 'another'],
        },
      },
    })
    const error = await failed(write())
    expect(error).toBeInstanceOf(GithubError)
    expect(error).toMatchObject({
      code: 'github-unreachable',
      problem,
      permission,
      httpStatus: status,
    })
    expect(error.message).toMatch(
      new RegExp(
        `^GitHub .+ \\(${status}\\) for POST /repos/.+: Words of GitHub; a reason; another$`,
      ),
    )
    expect(error.next).toContain(next)
    expect(error.cause).toBeInstanceOf(Error)
    expect(place.fake.requests).toHaveLength(1)
  })

  it.each([
    ['GET /repos/{owner}/{repo}/deployments', 'deployments: read', {}],
    ['GET /repos/{owner}/{repo}/branches/{branch}', 'contents: read', { branch: 'x' }],
    ['GET /repos/{owner}/{repo}/compare/{basehead}', 'contents: read', { basehead: 'a...b' }],
    ['GET /repos/{owner}/{repo}/actions/runs/{run_id}', 'actions: read', { run_id: 1 }],
    [
      'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
      'pull-requests: read',
      { commit_sha: 'x' },
    ],
    [
      'POST /repos/{owner}/{repo}/statuses/{sha}',
      'statuses: write',
      { sha: 'x', state: 'success' },
    ],
    ['POST /repos/{owner}/{repo}/pulls', 'pull-requests: write', { head: 'a', base: 'b' }],
    [
      'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      'deployments: write',
      { deployment_id: 1, state: 'success' },
    ],
  ] as const)('%s needs %s', async (route, permission, parameters) => {
    fault({ answer: { status: 403, body: { message: 'Resource not accessible by integration' } } })
    const { octokit, repo } = job.github
    expect(await failed(octokit.request(route, { ...repo, ...parameters }))).toMatchObject({
      permission,
    })
  })

  it('may name the permission that GitHub itself names', async () => {
    fault({
      answer: {
        status: 403,
        headers: { 'x-accepted-github-permissions': 'repository_hooks=write; metadata=read' },
        body: { message: 'No' },
      },
    })
    const { octokit, repo } = job.github
    expect(await failed(octokit.rest.issues.listLabelsForRepo(repo))).toMatchObject({
      permission: 'repository-hooks: write',
    })
  })

  it.each([403, 429] as const)(
    'waits as long as a %d says, also to write, and is sent again',
    async (status) => {
      fault({ answer: secondaryRateLimit({ status, retryAfter: 7 }) })
      await write()
      expect(job.machine.slept).toEqual([7])
      expect(place.repository.comments).toHaveLength(1)
    },
  )

  it.each([403, 429] as const)(
    'waits a minute and then two when a %d does not say how long',
    async (status) => {
      fault({ times: 2, answer: secondaryRateLimit({ status }) })
      await write()
      expect(job.machine.slept).toEqual([60, 120])
    },
  )

  it('does not wait for ever', async () => {
    fault({ times: null, answer: secondaryRateLimit({ status: 429 }) })
    const error = await failed(write())
    expect(error).toMatchObject({
      problem: 'rate-limited',
      mayBeDone: false,
      next: 'Run this again later.',
    })
    expect(job.machine.slept).toEqual([60, 120])
  })

  it('does not wait for an hour that is used up, and says when it is over', async () => {
    place.state.behaviour.rateLimit = 1
    await read()
    const error = await failed(read())
    expect(error).toMatchObject({ problem: 'rate-limited', next: 'Run this again in 60 minutes.' })
    expect(job.machine.slept).toEqual([])
  })

  it('waits for the end of the hour when that is near', async () => {
    place.state.behaviour.rateLimit = 1
    await read()
    place.state.now = '2026-11-23T12:59:30Z'
    const machine = testMachine()
    await machine.sleep(3570)
    await failed(read((await place.job({ machine })).github))
    expect(machine.slept.slice(0, 2)).toEqual([3570, 30])
  })

  it.each([500, 502, 503, 504] as const)(
    'is sent again after %d when twice does no harm',
    async (status) => {
      fault({ times: 2, answer: serverError(status) })
      await edit()
      expect(job.machine.slept).toEqual([1, 2])
      fault({ times: 4, answer: serverError(status) })
      expect(await failed(read())).toMatchObject({ problem: 'server-error', mayBeDone: true })
    },
  )

  it.each([500, 502, 503, 504] as const)(
    'that makes something is not sent again after %d',
    async (status) => {
      fault({ method: 'POST', taken: true, answer: serverError(status) })
      expect(await failed(write())).toMatchObject({ problem: 'server-error', mayBeDone: true })
      expect(place.repository.comments).toHaveLength(1)
    },
  )

  it('is sent again when the connection was cut, unless it makes something', async () => {
    fault({ method: 'GET', times: 2, answer: 'cut' })
    await read()
    expect(job.machine.slept).toEqual([1, 2])
    fault({ method: 'POST', taken: true, answer: 'cut' })
    expect(await failed(write())).toMatchObject({
      problem: 'unreachable',
      mayBeDone: true,
      message: expect.stringContaining('the connection broke'),
    })
    expect(place.repository.comments).toHaveLength(1)
  })

  it('that never left is sent again, also one that makes something', async () => {
    const github = await connectGithub({
      context: { ...job.context, urls: { ...job.context.urls, api: 'http://127.0.0.1:9' } },
      token: 'job-token',
      machine: job.machine,
    })
    expect(await failed(write(github))).toMatchObject({
      problem: 'unreachable',
      mayBeDone: false,
      message: expect.stringContaining('refuses the connection'),
    })
    expect(job.machine.slept).toEqual([1, 2, 4])
  })

  it.each([
    ['the login page of a proxy', { text: '<html>Sign in</html>' }],
    [
      'a redirect',
      {
        status: 301,
        json: { message: 'Moved Permanently' },
        headers: { location: 'https://example.com' },
      },
    ],
  ])('that leads to %s is told', async (_name, reply) => {
    const server = await httpServer(() => reply)
    const github = await connectGithub({
      context: { ...job.context, urls: { ...job.context.urls, api: server.url } },
      token: 'job-token',
      machine: job.machine,
    })
    expect(await failed(read(github))).toMatchObject({ problem: 'unexpected' })
    expect(server.seen).toHaveLength(1)
    await server.close()
  })

  it('ends with the command, unless it cleans up', async () => {
    job.machine.stop(new Stop('cancelled', 'stopped'))
    await expect(read()).rejects.toMatchObject({ code: 'cancelled' })
    await job.github.octokit.rest.repos.getBranch({
      ...job.github.repo,
      branch: 'staging',
      request: { ignoreAbort: true },
    })
  })

  it('ends with the command while it waits', async () => {
    fault({ answer: secondaryRateLimit({ status: 429, retryAfter: 5 }) })
    const waiting = read()
    const stop = setInterval(() => {
      if (job.machine.slept.length > 0) job.machine.stop(new Stop('cancelled', 'stopped'))
    }, 0)
    const ended = waiting.finally(() => {
      clearInterval(stop)
    })
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('for a list that is refused with 409 is an error and not an empty list', async () => {
    const { octokit, repo } = job.github
    fault({ answer: { status: 409, body: { message: 'Conflict' } } })
    const list = octokit.paginate(octokit.rest.repos.listDeployments, repo)
    expect(await failed(list)).toMatchObject({
      problem: 'conflict',
      route: 'GET /repos/acme/ml/deployments',
    })
  })

  it('for a list with its total reads every item', async () => {
    const server = await httpServer(() => ({ json: { total_count: 1, jobs: [{ id: 7 }] } }))
    const context = {
      ...job.context,
      urls: { ...job.context.urls, api: server.url },
    }
    const github = await connectGithub({ context, token: 'ghs_x', machine: testMachine() })
    const { listJobsForWorkflowRunAttempt: list } = github.octokit.rest.actions
    const jobs = await github.octokit.paginate(list, {
      ...github.repo,
      run_id: 1,
      attempt_number: 1,
    })
    expect(jobs).toEqual([{ id: 7 }])
    await server.close()
  })

  it('for a page of a list never goes to another host', async () => {
    const { octokit, repo } = job.github
    const other = await httpServer(() => ({ json: [] }))
    fault({
      answer: { status: 200, headers: { link: `<${other.url}/2>; rel="next"` }, body: [] },
    })
    const list = octokit.paginate(octokit.rest.repos.listDeployments, repo)
    expect(await failed(list)).toMatchObject({
      problem: 'unexpected',
      message: expect.stringContaining(`another host, ${other.url}`),
    })
    expect(other.seen).toEqual([])
    await other.close()
  })

  it('is named in the debug log without the token, and prints nothing', async () => {
    const lines: string[] = []
    const machine = testMachine()
    const log = { ...machine.log, debug: (line: string) => lines.push(line) }
    const { github } = await place.job({ machine: { ...machine, log } })
    const printed = jest.spyOn(console, 'error')
    fault({ answer: { status: 404, body: { message: 'Not Found' } } })
    await failed(read(github))
    expect(lines).toEqual([
      expect.stringMatching(/^GitHub: GET \/repos\/acme\/ml\/branches\/staging - 404 /),
    ])
    expect(printed).not.toHaveBeenCalled()
  })

  it('that fails can be a warning, and nothing else can', async () => {
    fault({ answer: { status: 422, body: { message: 'No' } } })
    expect(await orWarning('the status was not written', () => write())).toMatchObject({
      warning: {
        message: expect.stringMatching(/^the status was not written: GitHub did not accept/),
      },
    })
    expect(await orWarning('x', () => Promise.resolve(1))).toEqual({ value: 1 })
    await expect(
      orWarning('x', () => Promise.reject(new RangeError('a defect'))),
    ).rejects.toBeInstanceOf(RangeError)
  })
})

describe('who we are', () => {
  it('is the bot of GITHUB_TOKEN without asking', async () => {
    expect(await job.github.login()).toBe('github-actions[bot]')
    expect(place.fake.requests).toEqual([])
  })

  it('is asked once for the token of a person', async () => {
    addUserToken(place.state, 'ghp_person', 'octocat', ALL_PERMISSIONS)
    const { github } = await place.job({ token: 'ghp_person' })
    expect([await github.login(), await github.login()]).toEqual(['octocat', 'octocat'])
    expect(place.routes()).toEqual(['GET /user'])
  })

  it('is the bot of a GitHub App with its own key', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const app = addApp(place.state, {
      slug: 'zenml-promoter',
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      permissions: { pull_requests: 'write', contents: 'write' },
    })
    const key = { clientId: app.clientId, key: pem }
    expect(await appToken({ context: job.context, app: key, machine: job.machine })).toBeUndefined()
    installApp(place.state, app, 'acme', ['acme/ml'])
    const { token, login } = (await appToken({
      context: job.context,
      app: key,
      machine: job.machine,
    })) ?? { token: '', login: '' }
    expect(login).toBe('zenml-promoter[bot]')
    await write((await place.job({ token, login })).github)
    expect(place.repository.comments.map(({ user }) => user)).toEqual(['zenml-promoter[bot]'])
    await expect(
      appToken({ context: job.context, app: { ...key, key: 'not a key' }, machine: job.machine }),
    ).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('ZENML_UPGRADE_APP_KEY'),
    })
  })
})
