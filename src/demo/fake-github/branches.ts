import { fullName, tell, type Actor } from './actor.ts'
import { now } from './clock.ts'
import {
  addCommit,
  changed,
  commitOf,
  commitsBetween,
  copyObjects,
  isAncestor,
  type Change,
} from './git.ts'
import type { Pull, Repository, State } from './state.ts'

/**
 * Commits a change on top of a branch and pushes it; the branch is made when it does not exist.
 * @param from Commit to start a new branch at; left out: the first commit of a history.
 * @returns the commit's SHA.
 */
export function push(
  state: State,
  repository: Repository,
  {
    branch,
    change,
    message,
    actor,
    from,
  }: {
    readonly branch: string
    readonly change: Change
    readonly message: string
    readonly actor: Actor
    readonly from?: string
  },
): string {
  const parent = repository.branches[branch] ?? from
  const files = changed(
    repository,
    parent === undefined ? {} : commitOf(repository, parent).files,
    change,
  )
  const sha = addCommit(state, repository, {
    parents: parent === undefined ? [] : [parent],
    files,
    message,
    author: actor.login,
  })
  moveBranch(state, repository, branch, sha, actor)
  return sha
}

/** Lets a branch name a commit, with all that follows from it for open pull requests. */
export function moveBranch(
  state: State,
  repository: Repository,
  branch: string,
  sha: string,
  actor: Actor,
): void {
  repository.branches[branch] = sha
  tell(state, repository, actor, { name: 'push', ref: `refs/heads/${branch}`, sha })
  for (const target of Object.values(state.repositories)) {
    for (const pull of target.pulls) {
      if (
        pull.state === 'open' &&
        pull.head.ref === branch &&
        pull.head.repository === fullName(repository)
      )
        synchronize(state, target, repository, pull, actor)
      if (pull.state === 'open' && pull.base.ref === branch && target === repository)
        mergeIndirectly(state, repository, pull, actor)
    }
  }
}

export function deleteBranch(repository: Repository, branch: string): void {
  Reflect.deleteProperty(repository.branches, branch)
}

function synchronize(
  state: State,
  target: Repository,
  source: Repository,
  pull: Pull,
  actor: Actor,
): void {
  if (target !== source) copyObjects(source, target)
  const sha = source.branches[pull.head.ref] ?? pull.head.sha
  pull.head = { ...pull.head, sha }
  pull.updatedAt = now(state)
  tell(state, target, actor, {
    name: 'pull_request',
    action: 'synchronize',
    ref: `refs/pull/${pull.number}/merge`,
    sha,
    number: pull.number,
  })
}

/**
 * A push of all commits of a pull request to its base merges it, though nobody pressed the button.
 */
function mergeIndirectly(state: State, repository: Repository, pull: Pull, actor: Actor): void {
  const tip = repository.branches[pull.base.ref]
  if (tip === undefined || !isAncestor(repository, pull.head.sha, tip)) return
  const introduced = commitsBetween(repository, pull.base.sha, pull.head.sha)
  if (introduced.length > 0)
    closeMerged(state, repository, pull, { method: 'indirect', commit: tip, introduced }, actor)
}

export function closeMerged(
  state: State,
  repository: Repository,
  pull: Pull,
  merged: Pick<NonNullable<Pull['merged']>, 'method' | 'commit' | 'introduced'>,
  actor: Actor,
): void {
  const at = now(state)
  pull.merged = { ...merged, at, by: actor.login }
  pull.state = 'closed'
  pull.closedAt = at
  pull.updatedAt = at
  tell(state, repository, actor, {
    name: 'pull_request',
    action: 'closed',
    sha: pull.head.sha,
    number: pull.number,
  })
}
