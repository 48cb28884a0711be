import { getExecOutput, type ExecOutput } from '@actions/exec'
import { join, resolve } from 'node:path'
import { Stop } from '../core/stop.ts'
import { tail } from '../runtime/process.ts'

/**
 * Runs git in a folder and gives its standard output. It has no deadline and no abort: only for
 * what reads this clone. What asks another machine is in remote-git.ts.
 * @throws Stop `invalid-input` where git is missing or the folder is no repository.
 */
export async function git(
  folder: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { exitCode, stdout, stderr } = await execGit(['-C', folder, ...args], input)
  if (exitCode !== 0) {
    throw new Stop(
      'invalid-input',
      `git ${args[0] ?? ''} failed in ${folder}: ${tail(stderr, 3).join(' ')}`,
      {
        next: 'Run this inside a clone of the repository with the pipelines (actions/checkout does that).',
      },
    )
  }
  return stdout
}

/**
 * Runs git and gives whatever it printed, and its exit code.
 * @throws Stop `invalid-input` where git is missing.
 */
export async function execGit(args: string[], input?: string): Promise<ExecOutput> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  try {
    return await getExecOutput('git', args, {
      silent: true,
      ignoreReturnCode: true,
      // The user's configuration must not change what plumbing prints, and nothing may wait for a
      // password.
      env: {
        ...(Object.fromEntries(inherited) as Record<string, string>),
        GIT_TERMINAL_PROMPT: '0',
        GIT_OPTIONAL_LOCKS: '0',
        LC_ALL: 'C',
      },
      ...(input === undefined ? {} : { input: Buffer.from(input) }),
    })
  } catch (cause) {
    throw new Stop('invalid-input', 'git was not found in PATH', {
      next: 'Install git; it tells which content was tested.',
      cause,
    })
  }
}

export interface TrackedFile {
  readonly path: string
  /**
   * Id of the content as it lies in the work tree: what really runs, also where it differs from the
   * commit.
   */
  readonly blob: string
  /** A symbolic link: what it leads to may lie anywhere. */
  readonly link?: true
}

/** The mode that git writes for a symbolic link. */
const LINK = '120000'

/**
 * The tracked files below a folder of the repository, paths relative to that folder, sorted by
 * path.
 */
export async function trackedFiles(folder: string): Promise<TrackedFile[]> {
  const listing = await git(folder, ['ls-files', '-s', '-z', '--', '.'])
  const files = new Map<string, string>()
  const links = new Set<string>()
  for (const row of listed(listing)) {
    const [, mode, blob, path] = /^(\d+) (\w+) \d\t(.*)$/s.exec(row) ?? []
    if (blob === undefined || path === undefined) continue
    files.set(path, blob)
    if (mode === LINK) links.add(path)
  }
  const changed = listed(await git(folder, ['diff-files', '--name-only', '-z', '--relative']))
  const deleted = new Set(listed(await git(folder, ['ls-files', '-d', '-z'])))
  const present = changed.filter((path) => !deleted.has(path))
  if (present.length > 0) {
    // Absolute, because git reads these paths from the top of the repository, wherever it is
    // called.
    const blobs = (
      await git(
        folder,
        ['hash-object', '--stdin-paths'],
        `${present.map((path) => join(resolve(folder), path)).join('\n')}\n`,
      )
    )
      .trim()
      .split('\n')
    present.forEach((path, index) => files.set(path, blobs[index] ?? ''))
  }
  return [...files]
    .filter(([path]) => !deleted.has(path))
    .map(([path, blob]) => ({ path, blob, ...(links.has(path) ? { link: true as const } : {}) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** The rows of git's `-z` output. */
function listed(output: string): string[] {
  return output.split('\0').filter((row) => row !== '')
}

/**
 * The files of a commit or a tree below a folder of the repository, as {@link trackedFiles} tells
 * those of the work tree.
 */
export async function filesAt(folder: string, treeish: string): Promise<TrackedFile[]> {
  const rows = listed(await git(folder, ['ls-tree', '-r', '-z', treeish]))
  return rows
    .flatMap((row) => {
      const [, mode, blob, path] = /^(\d+) (?:blob|commit) (\w+)\t(.*)$/s.exec(row) ?? []
      return blob === undefined || path === undefined
        ? []
        : [{ path, blob, ...(mode === LINK ? { link: true as const } : {}) }]
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * The text of a file at a commit or a tree, by its path relative to the folder; undefined when it
 * is not there.
 */
export async function fileAt(
  folder: string,
  treeish: string,
  path: string,
): Promise<string | undefined> {
  return git(folder, ['cat-file', 'blob', `${treeish}:./${path}`]).catch(() => undefined)
}

/**
 * The commit that a name stands for, or undefined where this clone does not have it (a shallow one
 * has little).
 */
export async function commitNamed(folder: string, name: string): Promise<string | undefined> {
  return git(folder, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${name}^{commit}`,
  ]).then(
    (text) => text.trim(),
    () => undefined,
  )
}

/**
 * The tree that merging two commits gives; undefined for a conflict, or where this clone lacks
 * their history.
 */
export async function mergedTree(
  folder: string,
  ours: string,
  theirs: string,
): Promise<string | undefined> {
  return git(folder, ['merge-tree', '--write-tree', ours, theirs]).then(
    (text) => text.split('\n')[0]?.trim(),
    () => undefined,
  )
}

/** Whether two commits differ below a path; undefined where this clone does not have both. */
export async function differsBelow(
  folder: string,
  one: string,
  other: string,
  path: string,
): Promise<boolean | undefined> {
  return git(folder, ['diff', '--name-only', '-z', one, other, '--', path]).then(
    (text) => listed(text).length > 0,
    () => undefined,
  )
}

/** The commit that is checked out, or null in a repository without one. */
export async function headCommit(folder: string): Promise<string | null> {
  return git(folder, ['rev-parse', 'HEAD']).then(
    (text) => text.trim(),
    () => null,
  )
}
