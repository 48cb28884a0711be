export interface Repository {
  id: number
  owner: string
  name: string
  private: boolean
  /** `owner/name` of the parent of a fork. */
  parent: string | null
  defaultBranch: string
  /**
   * "Allow GitHub Actions to create and approve pull requests", of the repository and its
   * organisation.
   */
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
  /** What lists of comments showed before each change, oldest first; only while they lag. */
  earlierComments: { until: number; comments: Comment[] }[]
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
  merged: {
    at: string
    by: string
    method: MergeMethod | 'indirect'
    commit: string
    introduced: string[]
  } | null
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

interface Label {
  id: number
  name: string
  color: string
  description: string | null
}

export type DeploymentState =
  'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success'

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
  status: 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending'
  conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out' | null
  createdAt: string
  /** Of the newest attempt. */
  jobs: RunJob[]
  /** What people said when the run waited for approvals, in all attempts. */
  approvals: Approval[]
}

export interface RunJob {
  id: number
  /** With the names of the jobs that called its workflow: `staging / Upgrade`. */
  name: string
  status: Run['status']
  conclusion: Run['conclusion'] | 'skipped'
  /** Left out: when the attempt began. */
  startedAt?: string
  /** Left out: none ran, as in a job that was rejected. */
  steps?: { name: string; conclusion: Run['conclusion'] | 'skipped' }[]
}

interface Approval {
  state: 'approved' | 'rejected'
  user: string
  comment: string
  environment: string
}
