/**
 * What the fake GitHub knows, as plain data: a test reads it to see what happened and changes it to arrange a situation.
 * Times are ISO 8601 in whole seconds, as GitHub's are.
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

export interface Behaviour {
  /** How many look-ups of a commit's pull requests answer `[]` before GitHub has indexed it. */
  indexedAfterLookups: number
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
  | 'actions' | 'checks' | 'contents' | 'deployments' | 'issues' | 'metadata' | 'pull_requests' | 'statuses' | 'workflows'
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
  /** `actions` is GITHUB_TOKEN; `app` an installation token of another app; `user` a personal access token. */
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

export interface Repository {
  id: number
  owner: string
  name: string
  private: boolean
  /** `owner/name` of the parent of a fork. */
  parent: string | null
  defaultBranch: string
  /** "Allow GitHub Actions to create and approve pull requests", of the repository and its organisation. */
  actionsMayCreatePulls: boolean
  allowedMerges: MergeMethod[]
  /** What people may do here; everybody reads a public repository. */
  collaborators: Record<string, 'read' | 'write' | 'admin'>
  branches: Record<string, string>
  tags: Record<string, string>
  commits: Record<string, Commit>
  /** By git's blob id; base64 of the bytes. */
  blobs: Record<string, string>
  pulls: Pull[]
  comments: Comment[]
  labels: Label[]
  deployments: Deployment[]
  statuses: CommitStatus[]
  runs: Run[]
  /** How often each commit's pull requests were looked up. */
  lookups: Record<string, number>
}

export type MergeMethod = 'merge' | 'squash' | 'rebase'

export interface Signature {
  name: string
  email: string
  date: string
}

/** A commit; `files` is its whole tree, flat. Ids are git's own, so a real clone has the same. */
export interface Commit {
  sha: string
  parents: string[]
  files: Record<string, { mode: '100644' | '100755' | '120000'; blob: string }>
  message: string
  author: Signature
  committer: Signature
}

export interface Pull {
  id: number
  number: number
  title: string
  body: string | null
  user: string
  /** Slug of the app that opened it. */
  app: string | null
  state: 'open' | 'closed'
  draft: boolean
  /** While the pull request is open, `sha` follows the branch. */
  head: { repository: string; ref: string; sha: string }
  base: { ref: string; sha: string }
  labels: string[]
  merged: { at: string; by: string; method: MergeMethod | 'indirect'; commit: string; introduced: string[] } | null
  createdAt: string
  updatedAt: string
  closedAt: string | null
}

export interface Comment {
  id: number
  /** Number of the pull request. */
  issue: number
  body: string
  user: string
  app: string | null
  createdAt: string
  updatedAt: string
}

export interface Label {
  id: number
  name: string
  color: string
  description: string | null
}

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success'

export interface Deployment {
  id: number
  sha: string
  ref: string
  task: string
  environment: string
  payload: unknown
  description: string | null
  transient: boolean
  production: boolean
  creator: string
  app: string | null
  createdAt: string
  updatedAt: string
  /** Oldest first. */
  statuses: DeploymentStatus[]
}

export interface DeploymentStatus {
  id: number
  state: DeploymentState
  description: string
  logUrl: string
  environmentUrl: string
  environment: string
  creator: string
  app: string | null
  createdAt: string
}

export interface CommitStatus {
  id: number
  sha: string
  context: string
  state: 'error' | 'failure' | 'pending' | 'success'
  description: string | null
  targetUrl: string | null
  creator: string
  createdAt: string
}

/** A run of a workflow. */
export interface Run {
  id: number
  /** Path of the workflow's file. */
  path: string
  name: string
  number: number
  attempt: number
  event: string
  headBranch: string
  headSha: string
  /** `owner/name` the commit is from: a fork's for its pull requests. */
  headRepository: string
  actor: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out' | null
  createdAt: string
  jobs: { id: number; name: string; status: Run['status']; conclusion: Run['conclusion'] }[]
}

export interface Event {
  name: 'push' | 'pull_request' | 'issue_comment' | 'deployment' | 'deployment_status' | 'status' | 'workflow_dispatch'
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
  /** A route as in GitHub's description, such as `/repos/{owner}/{repo}/deployments`; left out: every route. */
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
