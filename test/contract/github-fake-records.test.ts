import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { addRun, rerun } from '../../src/demo/fake-github/actions-runs.ts'
import { addComment } from '../../src/demo/fake-github/comments.ts'
import { deploymentOf, shownState } from '../../src/demo/fake-github/deployments.ts'
import { push } from '../../src/demo/fake-github/branches.ts'
import { openPull } from '../../src/demo/fake-github/pulls.ts'
import { startCheckedGithub, type CheckedGithub } from '../support/checked-github.ts'
import { JOB, OCTOCAT, octocat, place, R, type Place } from '../support/github-fake-place.ts'
import { caller, type Called, type Caller } from '../support/github-calls.ts'

let there: Place
let github: CheckedGithub
let job: Caller
let person: Caller

beforeEach(async () => {
  there = place()
  openPull(there.state, there.repository, {
    head: 'staging',
    base: 'main',
    title: 'Promote',
    actor: octocat,
  })
  github = await startCheckedGithub({ state: there.state })
  job = caller(github, JOB)
  person = caller(github, OCTOCAT)
})
afterEach(() => github.close())

const tipOf = (branch: string): string => there.repository.branches[branch] ?? ''
const ids = ({ body }: Called): number[] => (body as { id: number }[]).map(({ id }) => id)

describe('comments', () => {
  it('come in pages, oldest first, at most 100 on one', async () => {
    for (let number = 0; number < 250; number += 1)
      addComment(there.state, there.repository, 1, `comment ${number}`, octocat)
    const first = await job('GET', `${R}/issues/1/comments?per_page=500`)
    expect(ids(first)).toHaveLength(100)
    expect(first.headers.get('link')).toBe(
      `<${github.url}${R}/issues/1/comments?per_page=500&page=2>; rel="next", <${github.url}${R}/issues/1/comments?per_page=500&page=3>; rel="last"`,
    )
    const last = await job('GET', `${R}/issues/1/comments?per_page=100&page=3`)
    expect(ids(last)).toEqual(there.repository.comments.slice(200).map(({ id }) => id))
    expect(last.headers.get('link')).toContain('rel="prev"')
    expect(last.headers.get('link')).not.toContain('rel="next"')
    expect(ids(await job('GET', `${R}/issues/1/comments`))).toHaveLength(30)
  })

  it('are refused over 65,536 characters, not bytes', async () => {
    expect((await job('POST', `${R}/issues/1/comments`, { body: 'ü'.repeat(65_536) })).status).toBe(
      201,
    )
    expect(await job('POST', `${R}/issues/1/comments`, { body: 'x'.repeat(65_537) })).toMatchObject(
      {
        status: 422,
        body: {
          errors: [
            {
              resource: 'IssueComment',
              field: 'body',
              message: 'body is too long (maximum is 65536 characters)',
            },
          ],
        },
      },
    )
    expect((await job('POST', `${R}/issues/9/comments`, { body: 'x' })).status).toBe(404)
  })

  it('say who wrote them, and by which app, whoever edits them', async () => {
    const { body } = await job('POST', `${R}/issues/1/comments`, { body: 'ours' })
    const { id } = body as { id: number }
    expect(body).toMatchObject({
      user: { login: 'github-actions[bot]', type: 'Bot' },
      performed_via_github_app: { slug: 'github-actions' },
    })
    expect(await person('PATCH', `${R}/issues/comments/${id}`, { body: 'theirs' })).toMatchObject({
      status: 200,
      body: { body: 'theirs', user: { login: 'github-actions[bot]' } },
    })
    expect((await person('POST', `${R}/issues/1/comments`, { body: 'mine' })).body).toMatchObject({
      user: { login: 'octocat', type: 'User' },
      performed_via_github_app: null,
    })
    there.state.behaviour.tellsApp = false
    expect((await job('GET', `${R}/issues/comments/${id}`)).body).toMatchObject({
      performed_via_github_app: null,
    })
    expect((await person('DELETE', `${R}/issues/comments/${id}`)).status).toBe(204)
    expect((await job('PATCH', `${R}/issues/comments/${id}`, { body: 'gone' })).status).toBe(404)
  })
})

describe('deployments', () => {
  const ours = {
    task: 'zenml-upgrade',
    environment: 'zenml-staging',
    auto_merge: false,
    required_contexts: [],
  }

  it('are listed newest first, by what is asked for', async () => {
    const made: number[] = []
    for (const task of ['zenml-upgrade', 'deploy', 'zenml-upgrade'])
      made.push(
        (
          (await job('POST', `${R}/deployments`, { ...ours, ref: 'staging', task })).body as {
            id: number
          }
        ).id,
      )
    expect(
      ids(await job('GET', `${R}/deployments?task=zenml-upgrade&environment=zenml-staging`)),
    ).toEqual([made[2], made[0]])
    expect(ids(await job('GET', `${R}/deployments?environment=zenml-production`))).toEqual([])
    expect(ids(await job('GET', `${R}/deployments?per_page=1&page=3`))).toEqual([made[0]])
    expect(await job('GET', `${R}/deployments/${made[0] ?? 0}`)).toMatchObject({
      body: { sha: tipOf('staging'), ref: 'staging', creator: { login: 'github-actions[bot]' } },
    })
  })

  it('keep their payload, sent as an object or as text', async () => {
    const payload = { 'schema-version': 1, attempt: '7.1' }
    expect(
      (await job('POST', `${R}/deployments`, { ...ours, ref: 'staging', payload })).body,
    ).toMatchObject({ payload })
    expect(
      (
        await job('POST', `${R}/deployments`, {
          ...ours,
          ref: 'staging',
          payload: JSON.stringify(payload),
        })
      ).body,
    ).toMatchObject({ payload })
    expect(
      (await job('POST', `${R}/deployments`, { ...ours, ref: 'staging', payload: 'no JSON' })).body,
    ).toMatchObject({ payload: 'no JSON' })
  })

  it('merge the default branch first, and wait for statuses, unless told not to', async () => {
    const plain = { task: ours.task, environment: ours.environment }
    await job('POST', `${R}/statuses/${tipOf('staging')}`, { state: 'pending', context: 'ci' })
    expect(await job('POST', `${R}/deployments`, { ...plain, ref: 'staging' })).toMatchObject({
      status: 409,
      body: { message: 'Conflict: Commit status checks failed for staging.' },
    })
    push(there.state, there.repository, {
      branch: 'main',
      change: { 'README.md': 'hotfix' },
      message: 'Hotfix',
      actor: octocat,
    })
    expect(await job('POST', `${R}/deployments`, { ...plain, ref: 'staging' })).toMatchObject({
      status: 202,
      body: { message: 'Auto-merged main into staging on deployment.' },
    })
    expect(there.repository.deployments).toEqual([])
    expect((await job('POST', `${R}/deployments`, { ...ours, ref: 'staging' })).status).toBe(201)
    expect(await job('POST', `${R}/deployments`, { ...ours, ref: 'nothing' })).toMatchObject({
      status: 422,
      body: { message: 'No ref found for: nothing' },
    })
  })

  it('retire older ones on success, unless told not to', async () => {
    const make = async (autoInactive?: boolean): Promise<number> => {
      const { id } = (await job('POST', `${R}/deployments`, { ...ours, ref: 'staging' })).body as {
        id: number
      }
      await job('POST', `${R}/deployments/${id}/statuses`, {
        state: 'success',
        description: 'done',
        ...(autoInactive === undefined ? {} : { auto_inactive: autoInactive }),
      })
      return id
    }
    const first = await make()
    await make(false)
    expect((await job('GET', `${R}/deployments/${first}/statuses`)).body).toMatchObject([
      { state: 'success', target_url: '', log_url: '' },
    ])
    await make()
    expect((await job('GET', `${R}/deployments/${first}/statuses`)).body).toMatchObject([
      { state: 'inactive' },
      { state: 'success' },
    ])
    expect(
      (
        await job('POST', `${R}/deployments/${first}/statuses`, {
          state: 'error',
          description: 'x'.repeat(141),
        })
      ).status,
    ).toBe(422)
  })
})

describe('states of deployments', () => {
  const make = async (more: object = {}): Promise<number> => {
    const { body } = await job('POST', `${R}/deployments`, {
      ref: 'staging',
      environment: 'zenml-staging',
      auto_merge: false,
      required_contexts: [],
      ...more,
    })
    return (body as { id: number }).id
  }
  const show = (id: number, status: object) =>
    job('POST', `${R}/deployments/${id}/statuses`, status)
  const shown = (id: number): string => shownState(deploymentOf(there.repository, id))

  it('are pending until there is a status, which the list of deployments does not say', async () => {
    const id = await make()
    expect(shown(id)).toBe('pending')
    expect((await job('GET', `${R}/deployments/${id}/statuses`)).body).toEqual([])
    expect((await job('GET', `${R}/deployments/${id}`)).body).not.toHaveProperty('state')
  })

  it.each(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'])(
    'can be %s without a preview header',
    async (state) => {
      const id = await make()
      expect(await show(id, { state })).toMatchObject({ status: 201, body: { state } })
      expect(shown(id)).toBe(state)
    },
  )

  it('are listed newest first, and log_url is target_url too', async () => {
    const id = await make()
    await show(id, { state: 'in_progress', log_url: 'https://github.com/acme/platform/actions' })
    await show(id, { state: 'failure', environment_url: 'https://staging.example.com' })
    expect((await job('GET', `${R}/deployments/${id}/statuses?per_page=1`)).body).toMatchObject([
      { state: 'failure', environment_url: 'https://staging.example.com', log_url: '' },
    ])
    expect(
      (await job('GET', `${R}/deployments/${id}/statuses?page=2&per_page=1`)).body,
    ).toMatchObject([
      {
        state: 'in_progress',
        log_url: 'https://github.com/acme/platform/actions',
        target_url: 'https://github.com/acme/platform/actions',
      },
    ])
  })

  it('become inactive by a later success only where they were a success of the same environment, neither transient nor of production', async () => {
    const ids = {
      success: await make(),
      running: await make(),
      elsewhere: await make({ environment: 'other' }),
      transient: await make({ transient_environment: true }),
      production: await make({ production_environment: true }),
    }
    for (const [name, id] of Object.entries(ids))
      await show(id, {
        state: name === 'running' ? 'in_progress' : 'success',
        auto_inactive: false,
      })
    await show(await make(), { state: 'success' })
    expect(Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, shown(id)]))).toEqual({
      success: 'inactive',
      running: 'in_progress',
      elsewhere: 'success',
      transient: 'success',
      production: 'success',
    })
  })

  it('can move a deployment to another environment, where the next status stays', async () => {
    const id = await make()
    await show(id, { state: 'in_progress', environment: 'moved' })
    expect((await show(id, { state: 'success' })).body).toMatchObject({ environment: 'moved' })
    expect((await job('GET', `${R}/deployments/${id}`)).body).toMatchObject({
      environment: 'moved',
      original_environment: 'zenml-staging',
    })
    expect(ids(await job('GET', `${R}/deployments?environment=moved`))).toEqual([id])
  })

  it('start no workflow when they are inactive', async () => {
    const id = await make()
    const before = there.state.events.length
    await show(id, { state: 'inactive' })
    expect(there.state.events).toHaveLength(before)
    await show(id, { state: 'success' })
    expect(there.state.events.slice(before)).toMatchObject([{ name: 'deployment_status' }])
  })
})

describe('commit statuses', () => {
  it('combine the newest of each context', async () => {
    const sha = tipOf('staging')
    const combined = async (): Promise<string> =>
      ((await job('GET', `${R}/commits/${sha}/status`)).body as { state: string }).state
    expect(await combined()).toBe('pending')
    await job('POST', `${R}/statuses/${sha}`, {
      state: 'pending',
      context: 'zenml-upgrade/promotion',
    })
    await job('POST', `${R}/statuses/${sha}`, {
      state: 'success',
      context: 'zenml-upgrade/promotion',
    })
    expect(await combined()).toBe('success')
    await job('POST', `${R}/statuses/${sha}`, { state: 'error', context: 'ci' })
    expect(await combined()).toBe('failure')
    expect((await job('GET', `${R}/commits/${sha}/statuses`)).body).toMatchObject([
      { context: 'ci' },
      { state: 'success' },
      { state: 'pending' },
    ])
  })

  it.each([
    [
      { state: 'success', description: 'x'.repeat(141) },
      'description is too long (maximum is 140 characters)',
    ],
    [{ state: 'success', target_url: 'ftp://example.com' }, 'target_url must use http(s) scheme'],
  ])('are refused: %j', async (status, message) => {
    expect(await job('POST', `${R}/statuses/${tipOf('staging')}`, status)).toMatchObject({
      status: 422,
      body: { errors: [{ message }] },
    })
    expect(
      await job('POST', `${R}/statuses/${'0'.repeat(40)}`, { state: 'success' }),
    ).toMatchObject({
      status: 422,
      body: { message: `No commit found for SHA: ${'0'.repeat(40)}` },
    })
  })
})

describe('runs of workflows', () => {
  it('name file, branch, commit and attempt; the attempts before are told apart', async () => {
    const run = addRun(there.state, there.repository, {
      headBranch: 'staging',
      conclusion: 'failure',
      status: 'completed',
    })
    rerun(there.state, run)
    const url = `${R}/actions/runs/${run.id}`
    expect((await job('GET', url)).body).toMatchObject({
      path: '.github/workflows/zenml-upgrade.yml',
      head_branch: 'staging',
      head_sha: tipOf('staging'),
      event: 'push',
      run_attempt: 2,
      status: 'in_progress',
      conclusion: null,
      pull_requests: [{ number: 1 }],
      head_repository: { full_name: 'acme/platform' },
    })
    expect((await job('GET', `${url}/attempts/1`)).body).toMatchObject({
      run_attempt: 1,
      status: 'completed',
    })
    expect((await job('GET', `${url}/attempts/3`)).status).toBe(404)
  })

  it('are started by a dispatch, also one by GITHUB_TOKEN', async () => {
    expect(
      (await job('POST', `${R}/actions/workflows/zenml-upgrade.yml/dispatches`, { ref: 'main' }))
        .status,
    ).toBe(204)
    expect(there.state.events.at(-1)).toMatchObject({
      name: 'workflow_dispatch',
      ref: 'refs/heads/main',
      actor: 'github-actions[bot]',
      startsWorkflows: true,
    })
    expect(
      (await job('POST', `${R}/actions/workflows/other.yml/dispatches`, { ref: 'main' })).status,
    ).toBe(404)
  })
})

describe('trees and files', () => {
  it("have git's ids", async () => {
    // `printf 'train\n' | git hash-object --stdin`
    expect((await job('GET', `${R}/git/trees/staging?recursive=1`)).body).toMatchObject({
      tree: expect.arrayContaining([
        {
          path: 'churn/train.py',
          mode: '100644',
          type: 'blob',
          sha: '08afa186cb88abb8a60b0e79cad6b9a4fb0ad692',
          size: 6,
          url: expect.any(String),
        },
      ]),
    })
    expect(
      await caller(github, JOB)('GET', `${R}/contents/churn/train.py?ref=staging`),
    ).toMatchObject({ body: { encoding: 'base64', content: 'dHJhaW4K\n' } })
    expect((await job('GET', `${R}/contents/nothing`)).status).toBe(404)
  })
})
