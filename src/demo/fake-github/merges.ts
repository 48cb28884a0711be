import type { Actor } from './actor.ts'
import { closeMerged, moveBranch } from './branches.ts'
import { now } from './clock.ts'
import { addCommit, commitOf, commitsBetween, mergeBase, mergeFiles } from './git.ts'
import { isMergeable } from './pulls.ts'
import { Refusal } from './refusal.ts'
import type { Commit, MergeMethod, Pull, Repository, State } from './state.ts'

interface Merge {
  readonly state: State
  readonly repository: Repository
  readonly pull: Pull
  /** The base's tip before. */
  readonly tip: string
  /** Commits the base does not have, oldest first. */
  readonly commits: readonly string[]
  readonly files: Commit['files']
  readonly title: string | undefined
  readonly actor: Actor
}

/**
 * Merges with the history each method leaves.
 * @param mayWriteWorkflows GITHUB_TOKEN may never land a change of a workflow's file.
 * @returns SHA of the base's new tip.
 * @throws Refusal 403 or 405 in GitHub's words.
 */
export function mergePull(
  state: State,
  repository: Repository,
  pull: Pull,
  {
    method = 'merge',
    actor,
    title,
    mayWriteWorkflows = true,
  }: {
    readonly method?: MergeMethod
    readonly actor: Actor
    readonly title?: string
    readonly mayWriteWorkflows?: boolean
  },
): string {
  if (!repository.allowedMerges.includes(method)) {
    const words = {
      merge: 'Merge commits are',
      squash: 'Squash merges are',
      rebase: 'Rebase merges are',
    }
    throw new Refusal(405, `${words[method]} not allowed on this repository.`)
  }
  const tip = repository.branches[pull.base.ref]
  if (tip === undefined || isMergeable(repository, pull) !== true)
    throw new Refusal(405, 'Pull Request is not mergeable')
  const { files } = mergeFiles(
    repository,
    mergeBase(repository, tip, pull.head.sha) ?? tip,
    tip,
    pull.head.sha,
  )
  if (!mayWriteWorkflows) refuseWorkflows(commitOf(repository, tip).files, files)
  const commits = commitsBetween(repository, tip, pull.head.sha)
  const introduced = METHODS[method]({ state, repository, pull, tip, commits, files, title, actor })
  const commit = introduced.at(-1) ?? tip
  closeMerged(state, repository, pull, { method, commit, introduced }, actor)
  moveBranch(state, repository, pull.base.ref, commit, actor)
  return commit
}

/** @throws Refusal 403 when a workflow's file differs. */
export function refuseWorkflows(before: Commit['files'], after: Commit['files']): void {
  const path = [...new Set([...Object.keys(before), ...Object.keys(after)])].find(
    (name) => name.startsWith('.github/workflows/') && before[name]?.blob !== after[name]?.blob,
  )
  if (path !== undefined)
    throw new Refusal(
      403,
      `refusing to allow a GitHub App to create or update workflow \`${path}\` without \`workflows\` permission`,
    )
}

/** Each gives the commits that are new on the base, oldest first; the last is its new tip. */
const METHODS: Record<MergeMethod, (merge: Merge) => string[]> = {
  merge({ state, repository, pull, tip, commits, files, title, actor }) {
    const from = `${pull.head.repository.split('/')[0] ?? ''}/${pull.head.ref}`
    const message = title ?? `Merge pull request #${pull.number} from ${from}\n\n${pull.title}`
    return [
      ...commits,
      addCommit(state, repository, {
        parents: [tip, pull.head.sha],
        files,
        message,
        author: actor.login,
      }),
    ]
  },
  squash({ state, repository, pull, tip, files, title, actor }) {
    return [
      addCommit(state, repository, {
        parents: [tip],
        files,
        message: title ?? `${pull.title} (#${pull.number})`,
        author: actor.login,
      }),
    ]
  },
  /**
   * Merge commits are left out; all others are made again on top of the base. Their SHAs are new
   * even where the base did not move.
   */
  rebase({ state, repository, tip, commits }) {
    const replayed: string[] = []
    for (const { sha, parents, message, author } of commits.map((commit) =>
      commitOf(repository, commit),
    )) {
      if (parents.length > 1) continue
      const on = replayed.at(-1) ?? tip
      const { files } = mergeFiles(repository, parents[0] ?? '', on, sha)
      replayed.push(
        addCommit(state, repository, {
          parents: [on],
          files,
          message,
          author,
          committer: { name: 'GitHub', email: 'noreply@github.com', date: now(state) },
        }),
      )
    }
    return replayed
  },
}
