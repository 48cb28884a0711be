import { fullName } from './actor.ts'
import { nextId } from './clock.ts'
import { copyObjects } from './git.ts'
import type { App, Permissions, Repository, State, Token, User } from './state.ts'

/** A GitHub with nothing but the app behind every GITHUB_TOKEN. */
export function emptyState(): State {
  const state: State = {
    now: null,
    serverUrl: 'https://github.com',
    nextId: 1000,
    users: {},
    apps: {},
    tokens: {},
    repositories: {},
    events: [],
    faults: [],
    behaviour: {
      indexedAfterLookups: 0,
      commentListLagMilliseconds: 0,
      tellsApp: true,
      rateLimit: 1000,
    },
  }
  addApp(state, {
    id: 15_368,
    slug: 'github-actions',
    name: 'GitHub Actions',
    clientId: 'Iv1.05c79e9ad1f6bdfa',
  })
  return state
}

export function addUser(
  state: State,
  login: string,
  type: User['type'] = login.endsWith('[bot]') ? 'Bot' : 'User',
): User {
  const user = state.users[login] ?? { id: nextId(state), login, type }
  state.users[login] = user
  return user
}

/** An app, with the bot it acts as. */
export function addApp(state: State, app: Pick<App, 'slug'> & Partial<App>): App {
  const made: App = {
    id: nextId(state),
    name: app.slug,
    clientId: `Iv1.${app.slug}`,
    publicKey: null,
    permissions: {},
    installations: [],
    ...app,
  }
  state.apps[made.slug] = made
  addUser(state, `${made.slug}[bot]`)
  return made
}

/** Lets an app into repositories of one account. @returns the installation's id. */
export function installApp(
  state: State,
  app: App,
  account: string,
  repositories: readonly string[],
): number {
  const id = nextId(state)
  app.installations.push({ id, account, repositories: [...repositories] })
  return id
}

/** What a workflow's job gets as GITHUB_TOKEN: one repository, the permissions of the job. */
export function addActionsToken(
  state: State,
  secret: string,
  repository: Repository,
  permissions: Permissions,
): Token {
  return addToken(state, secret, {
    kind: 'actions',
    login: 'github-actions[bot]',
    app: 'github-actions',
    permissions,
    repositories: [fullName(repository)],
  })
}

/** A personal access token: what its owner may do, or less. */
export function addUserToken(
  state: State,
  secret: string,
  login: string,
  permissions: Permissions,
): Token {
  addUser(state, login)
  return addToken(state, secret, {
    kind: 'user',
    login,
    app: null,
    permissions,
    repositories: null,
  })
}

export function addToken(state: State, secret: string, token: Omit<Token, 'requests'>): Token {
  const made = { ...token, requests: 0 }
  state.tokens[secret] = made
  return made
}

/**
 * What a job may be given at most; what a workflow without `permissions:` gets in a permissive
 * repository.
 */
export const ALL_PERMISSIONS: Permissions = {
  actions: 'write',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
}

/** All that a run for a pull request of a fork gets; one of Dependabot gets what its job asks for. */
export const READ_ONLY: Permissions = {
  actions: 'read',
  checks: 'read',
  contents: 'read',
  deployments: 'read',
  issues: 'read',
  metadata: 'read',
  pull_requests: 'read',
  statuses: 'read',
}

export function addRepository(
  state: State,
  name: string,
  options: Partial<Omit<Repository, 'id' | 'owner' | 'name'>> = {},
): Repository {
  const [owner = '', short = ''] = name.split('/')
  addUser(state, owner, 'Organization')
  const repository: Repository = {
    id: nextId(state),
    owner,
    name: short,
    private: false,
    parent: null,
    defaultBranch: 'main',
    actionsMayCreatePulls: true,
    allowedMerges: ['merge', 'squash', 'rebase'],
    collaborators: {},
    branches: {},
    tags: {},
    commits: {},
    blobs: {},
    pulls: [],
    comments: [],
    earlierComments: [],
    labels: [],
    deployments: [],
    statuses: [],
    runs: [],
    lookups: {},
    ...options,
  }
  state.repositories[name] = repository
  return repository
}

/** A person's fork: all branches and commits of the parent as they are now. */
export function forkRepository(state: State, parent: Repository, owner: string): Repository {
  addUser(state, owner, 'User')
  const fork = addRepository(state, `${owner}/${parent.name}`, {
    parent: fullName(parent),
    defaultBranch: parent.defaultBranch,
    branches: { ...parent.branches },
    collaborators: { [owner]: 'admin' },
  })
  copyObjects(parent, fork)
  return fork
}
