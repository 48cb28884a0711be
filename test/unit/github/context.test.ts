import { describe, expect, it } from '@jest/globals'
import {
  eventPath,
  githubContext,
  isOnGithub,
  type ActionsContext,
} from '../../../src/github/context.ts'
import { Stop } from '../../../src/core/stop.ts'

const SHA = 'a'.repeat(40)
const OTHER = 'b'.repeat(40)
const ENV = {
  GITHUB_REPOSITORY: 'acme/ml',
  GITHUB_RUN_ID: '123',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'upgrade',
  GITHUB_ACTOR: 'octocat',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_EVENT_PATH: '/event.json',
  GITHUB_SHA: SHA,
  GITHUB_REF: 'refs/heads/staging',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
  GITHUB_WORKFLOW_REF: 'acme/ml/.github/workflows/zenml.yml@refs/heads/staging',
}
const PUSH = { ref: 'refs/heads/staging', before: OTHER, after: SHA, deleted: false }
const context = (event: unknown, env: Record<string, string | undefined> = {}) =>
  githubContext({ ...ENV, ...env }, given({ ...ENV, ...env }, event))
/** As `@actions/github` reads an environment; test/acceptance has the package itself. */
const given = (env: Record<string, string | undefined>, payload: unknown) => {
  const [owner = '', repo = ''] = env['GITHUB_REPOSITORY']?.split('/') ?? []
  return {
    payload: payload as ActionsContext['payload'],
    repo: { owner, repo },
    runId: Number.parseInt(env['GITHUB_RUN_ID'] ?? '', 10),
    actor: env['GITHUB_ACTOR'] ?? '',
    eventName: env['GITHUB_EVENT_NAME'] ?? '',
    sha: env['GITHUB_SHA'] ?? '',
    ref: env['GITHUB_REF'] ?? '',
  }
}
const stopOf = (work: () => unknown): Stop => {
  try {
    work()
  } catch (error) {
    if (error instanceof Stop) return error
    throw error
  }
  throw new Error('it did not stop')
}

describe('the context', () => {
  it('says where the process runs and why', () => {
    expect(context(PUSH)).toEqual({
      repository: { owner: 'acme', name: 'ml' },
      run: {
        id: 123,
        attempt: 2,
        key: '123.2',
        job: 'upgrade',
        workflow: '.github/workflows/zenml.yml',
        url: 'https://github.com/acme/ml/actions/runs/123/attempts/2',
      },
      urls: {
        server: 'https://github.com',
        api: 'https://api.github.com',
        graphql: 'https://api.github.com/graphql',
      },
      actor: 'octocat',
      event: { kind: 'push', branch: 'staging', sha: SHA, before: OTHER },
    })
  })

  it('has the addresses of GitHub Enterprise Server', () => {
    const env = {
      GITHUB_SERVER_URL: 'https://git.example.com/',
      GITHUB_API_URL: 'https://git.example.com/api/v3',
      GITHUB_GRAPHQL_URL: 'https://git.example.com/api/graphql',
    }
    expect(context(PUSH, env)).toMatchObject({
      urls: { server: 'https://git.example.com', api: 'https://git.example.com/api/v3' },
      run: { url: 'https://git.example.com/acme/ml/actions/runs/123/attempts/2' },
    })
  })

  it('names the person who asked for a re-run', () => {
    expect(context(PUSH, { GITHUB_TRIGGERING_ACTOR: 'hubot' }).actor).toBe('hubot')
  })

  it('does with what little other runners set', () => {
    const env = {
      GITHUB_RUN_ATTEMPT: undefined,
      GITHUB_JOB: '',
      GITHUB_SERVER_URL: undefined,
      GITHUB_API_URL: undefined,
      GITHUB_GRAPHQL_URL: undefined,
      GITHUB_WORKFLOW_REF: undefined,
    }
    expect(context(PUSH, env)).toMatchObject({
      run: { attempt: 1, job: 'job', workflow: undefined },
      urls: { api: 'https://api.github.com' },
    })
  })

  it('is not there without a repository', () => {
    expect([isOnGithub({}), isOnGithub({ GITHUB_REPOSITORY: '' }), isOnGithub(ENV)]).toEqual([
      false,
      false,
      true,
    ])
    expect(eventPath(ENV)).toBe('/event.json')
  })

  it('lists everything that is missing or wrong', () => {
    const stop = stopOf(() =>
      context(PUSH, {
        GITHUB_REPOSITORY: 'acme',
        GITHUB_RUN_ID: 'x',
        GITHUB_SHA: undefined,
        GITHUB_API_URL: 'ftp://x',
        GITHUB_EVENT_NAME: '',
      }),
    )
    expect(stop.code).toBe('invalid-input')
    expect(stop.message.split('\n').slice(1)).toEqual([
      'GITHUB_REPOSITORY is "acme"; it must be owner/name',
      'GITHUB_RUN_ID is "x"; it must be a number',
      'GITHUB_EVENT_NAME is not set',
      'GITHUB_SHA is not set',
      'GITHUB_API_URL is "ftp://x"; it must be an address',
    ])
    expect(stop.next).toContain('state directory')
  })
})

describe('the event', () => {
  const event = (name: string, payload: unknown, env: Record<string, string> = {}) =>
    context(payload, { GITHUB_EVENT_NAME: name, ...env }).event
  const pull = (more: object = {}) => ({
    action: 'opened',
    number: 7,
    pull_request: {
      number: 7,
      head: { ref: 'staging', sha: OTHER, repo: { full_name: 'Acme/ml' } },
      base: { ref: 'main', sha: SHA, repo: { full_name: 'acme/ml' } },
      user: { login: 'octocat' },
      labels: [{ name: 'upgrade-hold' }],
      ...more,
    },
  })

  it('is a push; one that makes the branch has nothing before', () => {
    expect(event('push', { ...PUSH, before: '0'.repeat(40) })).toEqual({
      kind: 'push',
      branch: 'staging',
      sha: SHA,
      before: undefined,
    })
  })

  it('is other for a tag and for a branch that was deleted', () => {
    expect(
      event('push', { ...PUSH, ref: 'refs/tags/v1' }, { GITHUB_REF: 'refs/tags/v1' }),
    ).toMatchObject({ kind: 'other', ref: 'refs/tags/v1' })
    expect(event('push', { ...PUSH, after: '0'.repeat(40), deleted: true })).toMatchObject({
      kind: 'other',
    })
    expect(event('release', {})).toEqual({
      kind: 'other',
      name: 'release',
      ref: 'refs/heads/staging',
      sha: SHA,
    })
  })

  it('is a pull request with the commit of its branch, not of the test merge', () => {
    expect(event('pull_request', pull(), { GITHUB_REF: 'refs/pull/7/merge' })).toEqual({
      kind: 'pull-request',
      action: 'opened',
      number: 7,
      head: { branch: 'staging', sha: OTHER, repository: 'Acme/ml' },
      base: { branch: 'main', sha: SHA },
      fromFork: false,
      byDependabot: false,
      labels: ['upgrade-hold'],
    })
  })

  it.each([
    ['another repository', { full_name: 'mallory/ml' }],
    ['a repository that is gone', null],
  ])('is a pull request from %s, which is a fork', (_name, repo) => {
    expect(
      event('pull_request', pull({ head: { ref: 'staging', sha: OTHER, repo } })),
    ).toMatchObject({ fromFork: true })
  })

  it('is a pull request of Dependabot', () => {
    expect(event('pull_request', pull({ user: { login: 'dependabot[bot]' } }))).toMatchObject({
      byDependabot: true,
      fromFork: false,
    })
  })

  it('is a merge group with the branch it merges into', () => {
    const group = {
      head_sha: OTHER,
      head_ref: 'refs/heads/gh-readonly-queue/main/pr-7-x',
      base_sha: SHA,
      base_ref: 'refs/heads/main',
    }
    expect(event('merge_group', { action: 'checks_requested', merge_group: group })).toEqual({
      kind: 'merge-group',
      head: { branch: 'gh-readonly-queue/main/pr-7-x', sha: OTHER },
      base: { branch: 'main', sha: SHA },
    })
  })

  it('is a dispatch with its inputs as text', () => {
    expect(
      event('workflow_dispatch', { inputs: { reason: 'urgent', force: true, odd: null } }),
    ).toEqual({
      kind: 'dispatch',
      branch: 'staging',
      sha: SHA,
      inputs: { reason: 'urgent', force: 'true' },
      actor: 'octocat',
    })
    expect(event('workflow_dispatch', { inputs: null })).toMatchObject({ inputs: {} })
  })

  it('is a schedule on the branch it runs for', () => {
    expect(event('schedule', { schedule: '*/5 * * * *' })).toEqual({
      kind: 'schedule',
      branch: 'staging',
      sha: SHA,
    })
  })

  it.each(['push', 'pull_request', 'merge_group', 'workflow_dispatch'])(
    'stops for a %s whose file is not what GitHub writes',
    (name) => {
      const stop = stopOf(() => context('text', { GITHUB_EVENT_NAME: name }))
      expect([stop.code, stop.message]).toEqual([
        'invalid-input',
        expect.stringContaining(`for the event ${name}`),
      ])
    },
  )
})
