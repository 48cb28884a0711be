import { fixedPauses, retry } from '../http/backoff.ts'
import type { Github } from './client.ts'
import type { GithubEvent } from './event.ts'

export interface PullRequest {
  readonly number: number
  readonly url: string
  readonly title: string
  readonly body: string
  /** Login; undefined when the account is gone. */
  readonly author: string | undefined
  readonly head: {
    readonly branch: string
    readonly sha: string
    readonly repository: string | undefined
  }
  readonly base: string
  readonly labels: readonly string[]
  readonly merged: boolean
}

/** What is needed of the pull request that a run is about. */
export type PullRequestRef = Pick<PullRequest, 'number' | 'url' | 'labels'> &
  Partial<Pick<PullRequest, 'head' | 'merged'>>

export interface Branches {
  /** What is promoted: `staging`. */
  readonly head: string
  /** Where it goes: `main`. */
  readonly base: string
}

/**
 * GitHub needs a moment to know which pull request brought a commit that was just pushed; so often
 * it is asked, with these pauses in seconds.
 */
const PAUSES = [2, 4]

/**
 * The pull request that a run is about, and that the comment belongs to. From the head branch the
 * open promotion; while there is none, the one that brought the commit. From the base branch the
 * merged one, however it was merged; from a merge queue the one that waits in it. Undefined for a
 * direct push and for other events.
 * @throws GithubError
 */
export async function pullRequestFor(
  github: Github,
  event: GithubEvent,
  branches: Branches,
): Promise<PullRequestRef | undefined> {
  if (event.kind === 'pull-request') {
    const {
      urls: { server },
      repository: { owner, name },
    } = github
    return {
      number: event.number,
      url: `${server}/${owner}/${name}/pull/${event.number}`,
      labels: event.labels,
      head: event.head,
    }
  }
  if (event.kind === 'merge-group') return queued(github, event.head.branch)
  if (event.kind !== 'push' && event.kind !== 'dispatch' && event.kind !== 'schedule')
    return undefined
  const { branch, sha } = event
  if (branch === branches.head) {
    const open = await openPromotion(github, branches)
    if (open !== undefined) return open
  }
  return branch === branches.head || branch === branches.base
    ? mergedWith(github, { branch, sha }, event.kind === 'push' ? PAUSES : [])
    : undefined
}

/**
 * GitHub names the branch of a merge group after the newest pull request in it:
 * `gh-readonly-queue/main/pr-7-<sha>`.
 */
async function queued(github: Github, branch: string): Promise<PullRequest | undefined> {
  const number = Number(/\/pr-(\d+)-[0-9a-f]+$/.exec(branch)?.[1] ?? 0)
  if (number === 0) return undefined
  const { data } = await github.octokit.rest.pulls.get({
    ...github.repo,
    pull_number: number,
  })
  return pullRequestOf(data)
}

/**
 * The open pull request from the head branch of this repository to the base branch. @throws
 * GithubError
 */
export async function openPromotion(
  github: Github,
  { head, base }: Branches,
): Promise<PullRequest | undefined> {
  const { data } = await github.octokit.rest.pulls.list({
    ...github.repo,
    state: 'open',
    head: `${github.repository.owner}:${head}`,
    base,
    per_page: 10,
  })
  // GitHub ignores a filter on a branch that does not exist, and then lists everything.
  return data
    .map(pullRequestOf)
    .find((pull) => pull.head.branch === head && pull.base === base && isOwn(github, pull))
}

/**
 * The merged pull request that brought a commit to a branch. GitHub's own answer is taken, which
 * knows merge, squash and rebase; the merge commit only decides between several, because it means
 * something else for an open pull request and for one that was rebased. @throws GithubError
 */
async function mergedWith(
  github: Github,
  { branch, sha }: { readonly branch: string; readonly sha: string },
  pauses: readonly number[],
): Promise<PullRequest | undefined> {
  return retry<PullRequest | undefined>(github.machine, fixedPauses(pauses), async () => {
    const { data } = await github.octokit.rest.repos.listPullRequestsAssociatedWithCommit({
      ...github.repo,
      commit_sha: sha,
      per_page: 100,
    })
    const merged = data.filter((pull) => pull.merged_at !== null && pull.base.ref === branch)
    const exact =
      merged.find((pull) => pull.merge_commit_sha === sha) ??
      merged.sort((a, b) => Date.parse(b.merged_at ?? '') - Date.parse(a.merged_at ?? ''))[0]
    return exact === undefined
      ? { again: {}, giveUp: () => undefined }
      : { done: pullRequestOf(exact) }
  })
}

function isOwn({ repository: { owner, name } }: Github, { head }: PullRequest): boolean {
  return head.repository?.toLowerCase() === `${owner}/${name}`.toLowerCase()
}

/** What the routes that give a pull request have in common. */
interface GithubPull {
  readonly number: number
  readonly html_url: string
  readonly title: string
  readonly body: string | null
  readonly user: { readonly login: string } | null
  readonly labels: readonly { readonly name: string }[]
  readonly merged_at: string | null
  readonly head: {
    readonly ref: string
    readonly sha: string
    readonly repo: { readonly full_name: string } | null
  }
  readonly base: { readonly ref: string }
}

export function pullRequestOf(pull: GithubPull): PullRequest {
  return {
    number: pull.number,
    url: pull.html_url,
    title: pull.title,
    body: pull.body ?? '',
    author: pull.user?.login,
    head: { branch: pull.head.ref, sha: pull.head.sha, repository: pull.head.repo?.full_name },
    base: pull.base.ref,
    labels: pull.labels.map(({ name }) => name),
    merged: pull.merged_at !== null,
  }
}
