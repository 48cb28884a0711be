import { plural } from '../core/text.ts'
import { git } from './git.ts'

/** What decides whether ZenML takes a checkout for a commit that was pushed. */
export interface PushState {
  /** Tracked files that differ from the commit, relative to the top of the repository. */
  readonly changed: readonly string[]
  readonly untracked: readonly string[]
  /** Undefined where no branch is checked out. */
  readonly branch: string | undefined
  /** Whether `origin` had this commit on that branch when it was last fetched. */
  readonly isPushed: boolean
}

/** Names in a sentence. */
const NAMED = 3

/** Reads the state of a checkout; contacts nothing. Undefined for a directory without Git. */
export async function pushState(directory: string): Promise<PushState | undefined> {
  const line = (args: readonly string[]) =>
    git(directory, args).then(
      (text) => text.trim() || undefined,
      () => undefined,
    )
  const head = await line(['rev-parse', 'HEAD'])
  if (head === undefined) return undefined
  const rows = (await git(directory, ['status', '--porcelain', '--no-renames', '-z']))
    .split('\0')
    .filter((row) => row !== '')
  const branch = await line(['symbolic-ref', '--quiet', '--short', 'HEAD'])
  const pushed = await line([
    'rev-parse',
    '--quiet',
    '--verify',
    `refs/remotes/origin/${branch ?? ''}`,
  ])
  const pathsOf = (isUntracked: boolean) =>
    rows.filter((row) => row.startsWith('??') === isUntracked).map((row) => row.slice(3))
  return {
    changed: pathsOf(false),
    untracked: pathsOf(true),
    branch,
    isPushed: pushed === head,
  }
}

/**
 * Says why ZenML uses no code repository for a checkout, as a clause; undefined where it uses one.
 * In a job the commit was pushed, and untracked files are ignored. Pure.
 *
 * The rules are those of zenml/code_repositories/git/local_git_repository_context.py, lines 133 to
 * 182 of ZenML 0.94.1 and of 0.98.0: no changed and no untracked file, a branch, and the commit that
 * the remote has on that branch.
 */
export function notPushedBecause(
  { changed, untracked, branch, isPushed }: PushState,
  { isJob }: { readonly isJob: boolean },
): string | undefined {
  if (changed.length > 0) return `${files(changed)} changed and not committed`
  if (isJob) return undefined
  if (untracked.length > 0) return `${files(untracked)} not tracked by Git and not ignored`
  if (branch === undefined) return 'no branch is checked out, which ZenML refuses'
  return isPushed ? undefined : `the commit of the branch ${branch} was not pushed to origin`
}

/** `2 files (a.py, b.py) are`. */
function files(paths: readonly string[]): string {
  const more = paths.length > NAMED ? ['…'] : []
  const names = [...paths.slice(0, NAMED), ...more].join(', ')
  return `${plural(paths.length, 'file')} (${names}) ${paths.length === 1 ? 'is' : 'are'}`
}
