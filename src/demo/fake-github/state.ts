import type { Repository } from './repository-state.ts'

export type * from './repository-state.ts'

/**
 * What the fake GitHub knows, as plain data: a test reads it to see what happened and changes it to
 * arrange a situation. Times are ISO 8601 in whole seconds, as GitHub's are.
 */
export interface State {
  /** The time all answers are given at; null is the machine's own clock. */
  now: string | null
  /** Where people read: the start of every `html_url`. */
  serverUrl: string
  nextId: number
  users: Record<string, User>
  apps: Record<string, App>
  /** By the secret itself. */
  tokens: Record<string, Token>
  /** By `owner/name`. */
  repositories: Record<string, Repository>
  /** What happened, and whether GitHub would start workflows for it. */
  events: Event[]
  faults: Fault[]
  behaviour: Behaviour
}

interface Behaviour {
  /** How many look-ups of a commit's pull requests answer `[]` before GitHub has indexed it. */
  indexedAfterLookups: number
  /**
   * For how long a list of comments does not show that one was created, changed or deleted. GitHub
   * may take a few seconds: https://github.com/octokit/octokit.js/issues/900. One comment, asked
   * for by its id, is always up to date.
   */
  commentListLagMilliseconds: number
  /** Whether `performed_via_github_app` names the app; GitHub leaves it null in places. */
  tellsApp: boolean
  /** Requests an hour for each token. */
  rateLimit: number
}

export interface User {
  id: number
  login: string
  type: 'User' | 'Bot' | 'Organization'
}

export type Level = 'read' | 'write'
/** Names as in `permissions:` of a workflow, with underscores as in the REST API. */
export type PermissionName =
  | 'actions'
  | 'checks'
  | 'contents'
  | 'deployments'
  | 'issues'
  | 'metadata'
  | 'pull_requests'
  | 'statuses'
  | 'workflows'
export type Permissions = Partial<Record<PermissionName, Level>>

/** A GitHub App. `github-actions` is one too: the one behind every GITHUB_TOKEN. */
export interface App {
  id: number
  slug: string
  name: string
  clientId: string
  /** PEM; what a JSON web token of the app is checked with. */
  publicKey: string | null
  permissions: Permissions
  installations: { id: number; account: string; repositories: string[] }[]
}

export interface Token {
  /**
   * `actions` is GITHUB_TOKEN; `app` an installation token of another app; `user` a personal access
   * token.
   */
  kind: 'actions' | 'app' | 'user'
  /** The user who acts: `github-actions[bot]`, `<slug>[bot]` or a person. */
  login: string
  /** Slug of the app; null for a person. */
  app: string | null
  permissions: Permissions
  /** `owner/name` of what it may see; null is everything its user may see. */
  repositories: string[] | null
  requests: number
}

export interface Event {
  name:
    | 'push'
    | 'pull_request'
    | 'issue_comment'
    | 'deployment'
    | 'deployment_status'
    | 'status'
    | 'workflow_dispatch'
  action: string | null
  repository: string
  actor: string
  /** Branch, commit and number where the event has them. */
  ref: string | null
  sha: string | null
  number: number | null
  /** False for what GITHUB_TOKEN did: GitHub starts no workflow for that, except a dispatch. */
  startsWorkflows: boolean
}

/** What goes wrong on purpose. The first fault that fits a request is used, `times` times. */
export interface Fault {
  method?: string
  /**
   * A route as in GitHub's description, such as `/repos/{owner}/{repo}/deployments`; left out:
   * every route.
   */
  route?: string
  /** Fits only requests whose body has this text. */
  bodyHas?: string
  /** How many fitting requests pass before. Counted down. */
  skip?: number
  /** How often; counted down. Left out: once. `null`: always. */
  times?: number | null
  /** Waits so long before the request is handled. */
  delayMilliseconds?: number
  /** Whether the request is carried out although the answer below is given. */
  taken?: boolean
  /** Left out: only the delay. `cut` closes the connection with no answer. */
  answer?: 'cut' | { status: number; headers?: Record<string, string>; body?: unknown }
}
