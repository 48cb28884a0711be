import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createSign, generateKeyPairSync } from 'node:crypto'
import { addRun } from '../../src/demo/fake-github/actions-runs.ts'
import { addApp, installApp } from '../../src/demo/fake-github/repositories.ts'
import { ROUTES } from '../../src/demo/fake-github/router.ts'
import { startCheckedGithub, type CheckedGithub } from '../support/checked-github.ts'
import { caller, type Caller } from '../support/github-calls.ts'
import { hasRoute, violationsOf } from '../support/github-openapi.ts'
import { JOB, OCTOCAT, place, R, type Place } from '../support/github-fake-place.ts'

// Compiling the schemas of all routes takes seconds, on a busy machine many.
const COMPILING = 120_000

let there: Place
let github: CheckedGithub
let job: Caller
let octocat: Caller

beforeEach(async () => {
  there = place()
  github = await startCheckedGithub({ state: there.state })
  job = caller(github, JOB)
  octocat = caller(github, OCTOCAT)
})
afterEach(() => github.close())

describe('every route of the fake', () => {
  it.each(ROUTES.map(({ method, route }) => [method, route]))(
    '%s %s is in the description',
    (method, route) => {
      expect(hasRoute(method, route)).toBe(true)
    },
  )

  it(
    'answers as described when all goes well',
    async () => {
      const { state, repository } = there
      const tip = repository.branches['staging'] ?? ''
      const run = addRun(state, repository, {
        headBranch: 'staging',
        jobs: [
          {
            id: 77,
            name: 'staging / Upgrade',
            status: 'completed',
            conclusion: 'failure',
            steps: [{ name: 'Set up the cloud', conclusion: 'failure' }],
          },
        ],
        approvals: [
          { state: 'rejected', user: 'octocat', comment: 'No.', environment: 'zenml-production' },
        ],
      })
      const asked: [Caller, string, string, unknown?, number?][] = [
        [
          job,
          'POST',
          `${R}/pulls`,
          { head: 'staging', base: 'main', title: 'Promote', body: 'text' },
          201,
        ],
        [
          job,
          'GET',
          `${R}/pulls?state=open&head=acme:staging&base=main&sort=updated&direction=asc&per_page=10`,
        ],
        [job, 'GET', `${R}/pulls/1`],
        [job, 'PATCH', `${R}/pulls/1`, { title: 'Promote to production', body: 'new' }],
        [job, 'GET', `${R}/issues/1`],
        [job, 'GET', `${R}/commits/${tip}/pulls`],
        [job, 'POST', `${R}/issues/1/comments`, { body: 'one' }, 201],
        [job, 'GET', `${R}/issues/1/comments?per_page=100&page=1&since=2020-01-01T00:00:00Z`],
        [job, 'POST', `${R}/labels`, { name: 'upgrade-hold', color: 'ff0000' }, 201],
        [job, 'GET', `${R}/labels`],
        [job, 'POST', `${R}/issues/1/labels`, { labels: ['upgrade-hold', 'other'] }],
        [job, 'GET', `${R}/issues/1/labels`],
        [job, 'DELETE', `${R}/issues/1/labels/upgrade-hold`],
        [
          job,
          'POST',
          `${R}/statuses/${tip}`,
          {
            state: 'pending',
            context: 'zenml-upgrade/promotion',
            description: 'soaking',
            target_url: 'https://example.com',
          },
          201,
        ],
        [job, 'GET', `${R}/commits/staging/statuses`],
        [job, 'GET', `${R}/commits/${tip}/status`],
        [
          job,
          'POST',
          `${R}/deployments`,
          {
            ref: tip,
            task: 'zenml-upgrade',
            environment: 'zenml-staging',
            auto_merge: false,
            required_contexts: [],
            payload: { 'schema-version': 1 },
          },
          201,
        ],
        [job, 'GET', `${R}/deployments?task=zenml-upgrade&environment=zenml-staging&sha=${tip}`],
        [octocat, 'GET', `${R}/actions/runs?branch=staging&event=push&status=in_progress`],
        [job, 'GET', `${R}/actions/runs/${run.id}`],
        [job, 'GET', `${R}/actions/runs/${run.id}/attempts/1`],
        [job, 'GET', `${R}/actions/runs/${run.id}/jobs`],
        [job, 'GET', `${R}/actions/runs/${run.id}/attempts/1/jobs`],
        [job, 'GET', `${R}/actions/runs/${run.id}/approvals`],
        [job, 'GET', `${R}/actions/workflows/zenml-upgrade.yml/runs?branch=staging&status=waiting`],
        [job, 'POST', `${R}/actions/workflows/zenml-upgrade.yml/dispatches`, { ref: 'main' }, 204],
        [job, 'GET', `${R}/commits?sha=staging`],
        [job, 'GET', `${R}/commits/staging`],
        [job, 'GET', `${R}/git/commits/${tip}`],
        [job, 'GET', `${R}/git/trees/staging?recursive=1`],
        [job, 'GET', `${R}/compare/main...staging?per_page=1`],
        [job, 'GET', `${R}/branches`],
        [job, 'GET', `${R}/branches/staging`],
        [job, 'GET', `${R}/git/ref/heads%2Fstaging`],
        [job, 'POST', `${R}/git/refs`, { ref: 'refs/heads/bump/zenml', sha: tip }, 201],
        [job, 'PATCH', `${R}/git/refs/heads%2Fbump%2Fzenml`, { sha: tip, force: false }],
        [job, 'DELETE', `${R}/git/refs/heads%2Fbump%2Fzenml`, undefined, 204],
        [job, 'GET', `${R}/contents/zenml-upgrade.yml?ref=staging`],
        [job, 'GET', `${R}/contents/churn%2Ftrain.py`],
        [job, 'GET', `${R}/contents/churn`],
        [
          job,
          'PUT',
          `${R}/contents/churn/new.py`,
          {
            message: 'A new one',
            content: Buffer.from('new').toString('base64'),
            branch: 'staging',
          },
          201,
        ],
        [job, 'POST', `${R}/merges`, { base: 'staging', head: 'main' }, 204],
        [job, 'GET', R],
        [octocat, 'GET', '/user'],
        [octocat, 'GET', R],
        [job, 'GET', '/rate_limit'],
        [octocat, 'PUT', `${R}/pulls/1/merge`, { merge_method: 'squash' }],
        [job, 'GET', `${R}/pulls/1`],
        [job, 'GET', `${R}/commits/main/pulls`],
      ]
      for (const [who, method, path, body, status = 200] of asked) {
        expect([method, path, await statusOf(who, method, path, body)]).toEqual([
          method,
          path,
          status,
        ])
      }
      const deployment = repository.deployments[0]?.id ?? 0
      expect(await statusOf(job, 'GET', `${R}/deployments/${deployment}`)).toBe(200)
      expect(
        await statusOf(job, 'POST', `${R}/deployments/${deployment}/statuses`, {
          state: 'success',
          auto_inactive: false,
          log_url: 'https://example.com',
        }),
      ).toBe(201)
      expect(await statusOf(job, 'GET', `${R}/deployments/${deployment}/statuses`)).toBe(200)
      expect(
        await statusOf(
          job,
          'GET',
          `${R}/deployments/${deployment}/statuses/${repository.deployments[0]?.statuses[0]?.id ?? 0}`,
        ),
      ).toBe(200)
      const comment = repository.comments[0]?.id ?? 0
      expect(await statusOf(job, 'GET', `${R}/issues/comments/${comment}`)).toBe(200)
      expect(await statusOf(job, 'PATCH', `${R}/issues/comments/${comment}`, { body: 'two' })).toBe(
        200,
      )
      expect(await statusOf(job, 'DELETE', `${R}/issues/comments/${comment}`)).toBe(204)
      expect(
        await statusOf(job, 'GET', `${R}/git/blobs/${Object.keys(repository.blobs)[0] ?? ''}`),
      ).toBe(200)
      const withoutApp = ROUTES.filter(({ needs }) => needs !== 'app').map(
        ({ method, route }) => `${method} ${route}`,
      )
      const answered = new Set(
        github.requests
          .filter(({ status }) => status < 300)
          .map(({ method, route }) => `${method} ${route ?? ''}`),
      )
      expect(withoutApp.filter((route) => !answered.has(route))).toEqual([])
    },
    COMPILING,
  )

  it(
    'gives an app that proves itself a token of its own',
    async () => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      })
      const app = addApp(there.state, {
        slug: 'acme-promoter',
        publicKey,
        permissions: { contents: 'write', pull_requests: 'write', workflows: 'write' },
      })
      const installation = installApp(there.state, app, 'acme', ['acme/platform'])
      const asApp = caller(github, jwt(app.clientId, privateKey))
      expect(await asApp('GET', '/app')).toMatchObject({
        status: 200,
        body: { slug: 'acme-promoter' },
      })
      expect(await asApp('GET', `${R}/installation`)).toMatchObject({
        status: 200,
        body: { id: installation },
      })
      const { status, body } = await asApp(
        'POST',
        `/app/installations/${installation}/access_tokens`,
        { repositories: ['platform'], permissions: { contents: 'write', pull_requests: 'write' } },
      )
      expect(status).toBe(201)
      const { token } = body as { token: string }
      expect(
        await caller(github, token)('POST', `${R}/pulls`, {
          head: 'staging',
          base: 'main',
          title: 'Promote',
        }),
      ).toMatchObject({ status: 201, body: { user: { login: 'acme-promoter[bot]' } } })
      expect(there.state.events.at(-1)).toMatchObject({
        name: 'pull_request',
        action: 'opened',
        startsWorkflows: true,
      })
      expect(
        (
          await caller(
            github,
            jwt(
              app.clientId,
              generateKeyPairSync('rsa', { modulusLength: 2048 })
                .privateKey.export({ type: 'pkcs8', format: 'pem' })
                .toString(),
            ),
          )('GET', '/app')
        ).status,
      ).toBe(401)
      expect((await job('GET', '/app')).status).toBe(401)
      expect(
        (
          await asApp('POST', `/app/installations/${installation}/access_tokens`, {
            permissions: { deployments: 'write' },
          })
        ).status,
      ).toBe(422)
    },
    COMPILING,
  )
})

describe('what is held against the description', () => {
  it.each([
    [
      'an unknown route',
      'GET',
      '/repos/acme/platform/nothing',
      undefined,
      /does not have this route/,
    ],
    [
      'an unknown query',
      'GET',
      `${R}/pulls?bas=main`,
      undefined,
      /query parameter bas does not exist/,
    ],
    [
      'a wrong query',
      'GET',
      `${R}/pulls?state=merged`,
      undefined,
      /query parameter state must be equal to one of/,
    ],
    [
      'a number that is none',
      'GET',
      `${R}/pulls/one`,
      undefined,
      /path parameter pull_number must be integer/,
    ],
    [
      'a missing field',
      'POST',
      `${R}/issues/1/comments`,
      {},
      /request must have required property 'body'/,
    ],
    [
      'an unknown field',
      'POST',
      `${R}/deployments`,
      { ref: 'main', 'auto-merge': false },
      /request: auto-merge does not exist/,
    ],
  ] as const)('finds %s', async (_, method, path, body, message) => {
    const plain = await startCheckedGithub({ state: there.state })
    await caller(plain, JOB)(method, path, body)
    expect(plain.violations.join('\n')).toMatch(message)
    await expect(plain.close()).rejects.toThrow(message)
  })

  it('finds an answer that is not as described', async () => {
    await job('GET', `${R}/branches/staging`)
    const [exchange] = github.requests
    if (exchange === undefined) throw new Error('no exchange')
    expect(violationsOf({ ...exchange, answer: { name: 'staging' } })).toContainEqual(
      expect.stringContaining("answer must have required property 'commit'"),
    )
  })
})

async function statusOf(
  who: Caller,
  method: string,
  path: string,
  body?: unknown,
): Promise<number> {
  return (await who(method, path, body)).status
}

function jwt(issuer: string, privateKey: string): string {
  const seconds = Math.floor(Date.now() / 1000)
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: issuer, iat: seconds - 30, exp: seconds + 540 })}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
}
