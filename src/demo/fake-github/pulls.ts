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

interface WantedPull {
  /** A branch, or `owner:branch` of a fork. */
  readonly head: string
  readonly base: string
  readonly title: string
  readonly body?: string | null
  readonly draft?: boolean
  readonly actor: Actor
}

/** Opens a pull request. @throws Refusal 422 in GitHub's words */
export function openPull(state: State, repository: Repository, wanted: WantedPull): Pull {
  const ends = endsOf(state, repository, wanted)
  if (ends.source !== repository) copyObjects(ends.source, repository)
  refuseLong('PullRequest', wanted.body ?? null)
  refuseSecond(repository, ends)
  refuseEmpty(repository, ends, wanted.head)
  const pull = newPull(state, repository, wanted, ends)
  repository.pulls.push(pull)
  tell(state, repository, wanted.actor, {
    name: 'pull_request',
    action: 'opened',
    ref: `refs/pull/${pull.number}/merge`,
    sha: pull.head.sha,
    number: pull.number,
  })
  return pull
}

/** The two branches of a pull request, as they are when it is opened. */
interface Ends {
  /** The repository that has the head: this one, or a fork. */
  readonly source: Repository
  readonly head: Pull['head']
  readonly base: Pull['base']
}

/** Finds both branches. @throws Refusal 422 */
function endsOf(state: State, repository: Repository, { head, base }: WantedPull): Ends {
  const source = sourceOf(state, repository, head)
  const ref = head.slice(head.indexOf(':') + 1)
  const [sha, baseSha] = [source?.branches[ref], repository.branches[base]]
  if (source === undefined || sha === undefined)
    throw invalid({ resource: 'PullRequest', field: 'head', code: 'invalid' })
  if (baseSha === undefined)
    throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' })
  return {
    source,
    head: { repository: fullName(source), ref, sha },
    base: { ref: base, sha: baseSha },
  }
}

/** @throws Refusal 422 when a pull request of the same branches is open */
function refuseSecond({ pulls }: Repository, { source, head, base }: Ends): void {
  const isOpen = pulls.some(
    (pull) =>
      pull.state === 'open' &&
      pull.head.repository === head.repository &&
      pull.head.ref === head.ref &&
      pull.base.ref === base.ref,
  )
  if (!isOpen) return
  throw invalid({
    resource: 'PullRequest',
    code: 'custom',
    message: `A pull request already exists for ${source.owner}:${head.ref}.`,
  })
}

/** @throws Refusal 422 when the head has no commit that the base does not have */
function refuseEmpty(
  repository: Repository,
  { source, head, base }: Ends,
  wantedHead: string,
): void {
  if (commitsBetween(repository, base.sha, head.sha).length > 0) return
  const between =
    source === repository
      ? `${base.ref} and ${head.ref}`
      : `${repository.owner}:${base.ref} and ${wantedHead}`
  throw invalid({
    resource: 'PullRequest',
    code: 'custom',
    message: `No commits between ${between}`,
  })
}

function newPull(
  state: State,
  { pulls }: Repository,
  { title, body = null, draft = false, actor }: WantedPull,
  { head, base }: Ends,
): Pull {
  const at = now(state)
  return {
    id: nextId(state),
    number: Math.max(0, ...pulls.map(({ number }) => number)) + 1,
    title,
    body,
    user: actor.login,
    app: actor.app,
    state: 'open',
    draft,
    head,
    base,
    labels: [],
    merged: null,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
  }
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
