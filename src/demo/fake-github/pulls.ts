import { createHash } from 'node:crypto'
import { fullName, tell, type Actor } from './actor.ts'
import { nextId, now } from './clock.ts'
import { commitsBetween, copyObjects, mergeBase, mergeFiles } from './git.ts'
import { invalid, notFound } from './refusal.ts'
import type { Pull, Repository, State } from './state.ts'

/** GitHub counts characters of a comment or a description, not bytes. */
const BODY_LIMIT = 65_536

export function pullOf(repository: Repository, number: number): Pull {
  const pull = repository.pulls.find((candidate) => candidate.number === number)
  if (pull === undefined) throw notFound()
  return pull
}

/**
 * Opens a pull request. `head` is a branch, or `owner:branch` of a fork. @throws Refusal 422 in
 * GitHub's words.
 */
export function openPull(
  state: State,
  repository: Repository,
  {
    head,
    base,
    title,
    body = null,
    draft = false,
    actor,
  }: {
    readonly head: string
    readonly base: string
    readonly title: string
    readonly body?: string | null
    readonly draft?: boolean
    readonly actor: Actor
  },
): Pull {
  const source = sourceOf(state, repository, head)
  const ref = head.slice(head.indexOf(':') + 1)
  const [sha, baseSha] = [source?.branches[ref], repository.branches[base]]
  if (source === undefined || sha === undefined)
    throw invalid({ resource: 'PullRequest', field: 'head', code: 'invalid' })
  if (baseSha === undefined)
    throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' })
  if (source !== repository) copyObjects(source, repository)
  refuseLong('PullRequest', body)
  const of = fullName(source)
  if (
    repository.pulls.some(
      (pull) =>
        pull.state === 'open' &&
        pull.head.repository === of &&
        pull.head.ref === ref &&
        pull.base.ref === base,
    )
  ) {
    throw invalid({
      resource: 'PullRequest',
      code: 'custom',
      message: `A pull request already exists for ${source.owner}:${ref}.`,
    })
  }
  if (commitsBetween(repository, baseSha, sha).length === 0) {
    throw invalid({
      resource: 'PullRequest',
      code: 'custom',
      message: `No commits between ${source === repository ? base : `${repository.owner}:${base}`} and ${source === repository ? ref : head}`,
    })
  }
  const at = now(state)
  const pull: Pull = {
    id: nextId(state),
    number: Math.max(0, ...repository.pulls.map(({ number }) => number)) + 1,
    title,
    body,
    user: actor.login,
    app: actor.app,
    state: 'open',
    draft,
    head: { repository: of, ref, sha },
    base: { ref: base, sha: baseSha },
    labels: [],
    merged: null,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
  }
  repository.pulls.push(pull)
  tell(state, repository, actor, {
    name: 'pull_request',
    action: 'opened',
    ref: `refs/pull/${pull.number}/merge`,
    sha,
    number: pull.number,
  })
  return pull
}

function sourceOf(state: State, repository: Repository, head: string): Repository | undefined {
  if (!head.includes(':')) return repository
  const owner = head.slice(0, head.indexOf(':'))
  if (owner === repository.owner) return repository
  return Object.values(state.repositories).find(
    (candidate) => candidate.owner === owner && candidate.parent === fullName(repository),
  )
}

export function refuseLong(resource: string, body: string | null): void {
  if (body !== null && Array.from(body).length > BODY_LIMIT) {
    throw invalid({
      resource,
      code: 'custom',
      field: 'body',
      message: `body is too long (maximum is ${BODY_LIMIT} characters)`,
    })
  }
}

/** Whether the branches still go together; null when the pull request is closed. */
export function isMergeable(repository: Repository, pull: Pull): boolean | null {
  const tip = repository.branches[pull.base.ref]
  if (pull.state === 'closed' || tip === undefined) return null
  const base = mergeBase(repository, tip, pull.head.sha)
  return (
    base !== undefined && mergeFiles(repository, base, tip, pull.head.sha).conflicts.length === 0
  )
}

/**
 * `merge_commit_sha`: of an open pull request it is a commit GitHub made only to try the merge,
 * which is on no branch; of a closed one that was not merged, the last such.
 */
export function mergeCommitSha(repository: Repository, pull: Pull): string | null {
  if (pull.merged !== null) return pull.merged.commit
  if (pull.state === 'open' && isMergeable(repository, pull) !== true) return null
  const base = pull.state === 'open' ? repository.branches[pull.base.ref] : pull.base.sha
  return createHash('sha1')
    .update(`test merge of ${pull.head.sha} into ${base ?? ''}`)
    .digest('hex')
}
