import { now } from './clock.ts'
import { blobId, commitId } from './git-objects.ts'
import { notFound } from './refusal.ts'
import type { Commit, Repository, Signature, State } from './state.ts'

/** A change of a tree: the new text of each path, null to remove it. */
export type Change = Readonly<Record<string, string | null>>

export function commitOf(repository: Repository, sha: string): Commit {
  const commit = repository.commits[sha]
  if (commit === undefined) throw notFound()
  return commit
}

/**
 * The commit that a branch, a tag, `refs/heads/…` or a (long enough) SHA names; undefined when
 * there is none.
 */
export function resolve(repository: Repository, ref: string): string | undefined {
  const name = ref.replace(/^(refs\/)?(heads|tags)\//, '')
  const named = repository.branches[name] ?? repository.tags[name]
  if (named !== undefined) return named
  return /^[0-9a-f]{7,40}$/.test(ref)
    ? Object.keys(repository.commits).find((sha) => sha.startsWith(ref))
    : undefined
}

/** Keeps a commit in the repository; moves no branch. */
export function addCommit(
  state: State,
  repository: Repository,
  commit: {
    readonly parents: readonly string[]
    readonly files: Commit['files']
    readonly message: string
    readonly author: string | Signature
    /** Left out: the author. */
    readonly committer?: Signature
  },
): string {
  const { author } = commit
  const made = typeof author === 'string' ? signatureOf(state, author) : author
  const whole = {
    parents: [...commit.parents],
    files: commit.files,
    message: commit.message,
    author: made,
    committer: commit.committer ?? made,
  }
  const sha = commitId(whole)
  repository.commits[sha] = { sha, ...whole }
  return sha
}

function signatureOf(state: State, login: string): Signature {
  return {
    name: login,
    email: `${login.replace(/\[|\]/g, '')}@users.noreply.github.com`,
    date: now(state),
  }
}

/** The tree after a change. */
export function changed(
  repository: Repository,
  files: Commit['files'],
  change: Change,
): Commit['files'] {
  const after = { ...files }
  for (const [path, text] of Object.entries(change)) {
    if (text === null) Reflect.deleteProperty(after, path)
    else
      after[path] = {
        mode: after[path]?.mode ?? '100644',
        blob: addBlob(repository, Buffer.from(text)),
      }
  }
  return after
}

export function addBlob(repository: Repository, bytes: Buffer): string {
  const blob = blobId(bytes)
  repository.blobs[blob] = bytes.toString('base64')
  return blob
}

/** The commit and all before it, newest first. */
function history(repository: Repository, sha: string): string[] {
  const found = new Set<string>()
  const waiting = [sha]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.has(next)) continue
    found.add(next)
    waiting.push(...(repository.commits[next]?.parents ?? []))
  }
  return [...found]
}

export function isAncestor(repository: Repository, ancestor: string, of: string): boolean {
  return history(repository, of).includes(ancestor)
}

/** Commits of `head` that `base` does not have, oldest first: parents before children. */
export function commitsBetween(repository: Repository, base: string, head: string): string[] {
  const known = new Set(history(repository, base))
  const ordered: string[] = []
  const visit = (sha: string): void => {
    if (known.has(sha)) return
    known.add(sha)
    for (const parent of repository.commits[sha]?.parents ?? []) visit(parent)
    ordered.push(sha)
  }
  visit(head)
  return ordered
}

/** The newest commit that both have; undefined for histories that never met. */
export function mergeBase(repository: Repository, left: string, right: string): string | undefined {
  const ofRight = new Set(history(repository, right))
  const common = history(repository, left).filter((sha) => ofRight.has(sha))
  return common.find(
    (sha) => !common.some((other) => other !== sha && isAncestor(repository, sha, other)),
  )
}

/** A three-way merge of trees; the paths that both sides changed differently are conflicts. */
export function mergeFiles(
  repository: Repository,
  base: string,
  ours: string,
  theirs: string,
): { files: Commit['files']; conflicts: string[] } {
  const [before, mine, other] = [base, ours, theirs].map(
    (sha) => repository.commits[sha]?.files ?? {},
  ) as [Commit['files'], Commit['files'], Commit['files']]
  const files = { ...mine }
  const conflicts: string[] = []
  for (const path of new Set([...Object.keys(before), ...Object.keys(other)])) {
    if (same(before[path], other[path]) || same(mine[path], other[path])) continue
    const theirs = other[path]
    if (!same(before[path], mine[path])) conflicts.push(path)
    else if (theirs === undefined) Reflect.deleteProperty(files, path)
    else files[path] = theirs
  }
  return { files, conflicts }
}

function same(
  left: Commit['files'][string] | undefined,
  right: Commit['files'][string] | undefined,
): boolean {
  return left?.blob === right?.blob && left?.mode === right?.mode
}

/** A fork has all that its parent had when it was made. */
export function copyObjects(from: Repository, to: Repository): void {
  Object.assign(to.commits, from.commits)
  Object.assign(to.blobs, from.blobs)
}
