import { GITHUB_ACTIONS } from '../../src/demo/fake-github/actor.ts'
import { addRun } from '../../src/demo/fake-github/actions-runs.ts'
import { push } from '../../src/demo/fake-github/branches.ts'
import { openPull } from '../../src/demo/fake-github/pulls.ts'
import {
  addActionsToken,
  addRepository,
  addUser,
  ALL_PERMISSIONS,
  emptyState,
} from '../../src/demo/fake-github/repositories.ts'
import type { Permissions, Repository, Run, State } from '../../src/demo/fake-github/state.ts'
import { connectGithub, type Github } from '../../src/github/client.ts'
import type { GithubContext } from '../../src/github/context.ts'
import { startCheckedGithub, type CheckedGithub } from './checked-github.ts'
import { testMachine, type TestMachine } from './machine.ts'

const NOW = '2026-11-23T12:00:00Z'

/** A repository with both branches, an open promotion, and a job under way on `staging`. */
export interface GithubPlace {
  readonly fake: CheckedGithub
  readonly state: State
  readonly repository: Repository
  readonly run: Run
  /** Number of the open promotion. */
  readonly promotion: number
  /** As a job sees it. */
  job(options?: {
    readonly run?: Run
    readonly name?: string
    readonly token?: string
    readonly machine?: TestMachine
    readonly login?: string
  }): Promise<Job>
  /** Another run of the same workflow. */
  addRun(run?: Partial<Run>): Run
  addToken(secret: string, permissions: Permissions): void
  /** Requests so far, as "GET /repos/{owner}/{repo}/deployments". */
  routes(): string[]
}

export interface Job {
  readonly github: Github
  readonly context: GithubContext
  readonly machine: TestMachine
}

const OCTOCAT = { login: 'octocat', app: null }

export async function githubPlace(): Promise<GithubPlace> {
  const state = emptyState()
  state.now = NOW
  addUser(state, 'octocat')
  const repository = addRepository(state, 'acme/ml', { collaborators: { octocat: 'admin' } })
  addActionsToken(state, 'job-token', repository, ALL_PERMISSIONS)
  push(state, repository, {
    branch: 'main',
    change: { 'zenml-upgrade.yml': 'zenml: 0.94.1\n' },
    message: 'First',
    actor: OCTOCAT,
  })
  push(state, repository, {
    branch: 'staging',
    from: repository.branches['main'] ?? '',
    change: { 'zenml-upgrade.yml': 'zenml: 0.98.0\n' },
    message: 'ZenML 0.98.0',
    actor: OCTOCAT,
  })
  const { number: promotion } = openPull(state, repository, {
    head: 'staging',
    base: 'main',
    title: 'Promote',
    actor: OCTOCAT,
  })
  const run = addRun(state, repository, { headBranch: 'staging' })
  const fake = await startCheckedGithub({ state })
  return {
    fake,
    state,
    repository,
    run,
    promotion,
    async job({
      run: of = run,
      name = 'upgrade',
      token = 'job-token',
      machine = testMachine(),
      login,
    } = {}) {
      const context: GithubContext = {
        repository: { owner: 'acme', name: 'ml' },
        run: {
          id: of.id,
          attempt: of.attempt,
          key: `${of.id}.${of.attempt}`,
          job: name,
          workflow: of.path,
          url: `https://github.com/acme/ml/actions/runs/${of.id}/attempts/${of.attempt}`,
        },
        urls: { server: 'https://github.com', api: fake.url, graphql: `${fake.url}/graphql` },
        actor: 'octocat',
        event: { kind: 'push', branch: of.headBranch, sha: of.headSha, before: undefined },
      }
      return { github: await connectGithub({ context, token, machine, login }), context, machine }
    },
    addRun: (more = {}) => addRun(state, repository, { headBranch: 'staging', ...more }),
    addToken: (secret, permissions) => {
      addActionsToken(state, secret, repository, permissions)
    },
    routes: () => fake.requests.map(({ method, route }) => `${method} ${route ?? '?'}`),
  }
}

export { GITHUB_ACTIONS, OCTOCAT }
