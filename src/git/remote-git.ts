import { pathToFileURL } from 'node:url'
import { run, tail } from '../runtime/process.ts'

/** A repository on another machine, and what git needs to read it. */
export interface Remote {
  /** Without credentials. */
  readonly url: string
  /** Reads the repository; left out, git asks whom the user's configuration names. */
  readonly token: string | undefined
  /** Whose password the token is; left out, that of a token of GitHub. */
  readonly username?: string | undefined
  /** Certificates and proxy, beyond the environment of this process. */
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/**
 * Why a repository could not be read. `passing`: the same may work in a moment; `no-commit`: it
 * does not have what was asked for.
 */
export class GitReadError extends Error {
  readonly kind: 'refused' | 'passing' | 'no-commit' | 'other'

  constructor(kind: GitReadError['kind'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'GitReadError'
    this.kind = kind
  }
}

const ASK_SECONDS = 60
/** Twice that fits into a job of fifteen minutes. */
const FETCH_SECONDS = 240
const FULL_COMMIT = /^[0-9a-f]{40}$/

/** Tells whether a text is the full id of a commit: git takes other texts for a name or an option. */
export function isFullCommit(text: string): boolean {
  return FULL_COMMIT.test(text)
}

export interface FoundCommit {
  readonly commit: string
  /** Set where the name is that of a branch. */
  readonly branch: string | undefined
}

/**
 * The commit that a branch, a tag or a full commit id stands for; without a name, that of the
 * default branch. Undefined when the repository has none of that name. Of a branch and a tag with
 * one name it is the branch, other than git itself would choose.
 * @throws GitReadError
 */
export async function commitOfRef(
  remote: Remote,
  ref: string | undefined,
): Promise<FoundCommit | undefined> {
  if (ref !== undefined && isFullCommit(ref)) return { commit: ref, branch: undefined }
  const names =
    ref === undefined ? ['HEAD'] : [`refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`]
  const listing = await readRemote(
    remote,
    ['ls-remote', '--quiet', '--symref', '--', remote.url, ...names],
    ASK_SECONDS,
  )
  const found = new Map(
    listing.split('\n').flatMap((line) => {
      const [id, name] = line.split('\t')
      return id === undefined || name === undefined ? [] : [[name, id] as const]
    }),
  )
  const name = names.find((each) => isFullCommit(found.get(each) ?? ''))
  if (name === undefined) return undefined
  const branch = ref ?? /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(listing)?.[1]
  return {
    commit: found.get(name) ?? '',
    branch: name.startsWith('refs/tags/') ? undefined : branch,
  }
}

/** Every branch and tag, besides the commit that is asked for. */
const HISTORY = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*']

/**
 * Brings one commit with its trees into a folder of its own; what its files hold comes when it is
 * checked out. With `history`, brings every commit of every branch and tag, files included. Can be
 * tried again. @throws GitReadError
 */
export async function fetchCommit(
  remote: Remote,
  commit: string,
  folder: string,
  { history = false }: { readonly history?: boolean } = {},
): Promise<void> {
  if (!isFullCommit(commit))
    throw new GitReadError('no-commit', `${JSON.stringify(commit)} is no full id of a commit`)
  await readRemote(remote, ['init', '--quiet', folder], ASK_SECONDS)
  await readRemote(remote, ['-C', folder, 'config', 'remote.origin.url', remote.url], ASK_SECONDS)
  await readRemote(
    remote,
    ['-C', folder, 'config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*'],
    ASK_SECONDS,
  )
  await readRemote(
    remote,
    [
      '-C',
      folder,
      'fetch',
      '--quiet',
      '--no-tags',
      ...(history ? [] : ['--depth=1', '--filter=blob:none']),
      '--',
      'origin',
      commit,
      ...(history ? HISTORY : []),
    ],
    FETCH_SECONDS,
  )
}

/**
 * Checks a commit that was fetched out, on a branch as actions/checkout does. From then on `origin`
 * is this clone itself: ZenML fetches from it to see whether a commit was pushed, which would ask
 * for a password, and would take a branch that moved on for changes that were not pushed.
 * (zenml/code_repositories/git/local_git_repository_context.py, `has_local_changes`; it reads the
 * address itself from the configuration.)
 * @throws GitReadError
 */
export async function checkOut(
  remote: Remote,
  {
    commit,
    branch = 'zenml-upgrade',
  }: { readonly commit: string; readonly branch: string | undefined },
  folder: string,
): Promise<void> {
  await readRemote(
    remote,
    ['-C', folder, 'checkout', '--quiet', '-B', branch, commit],
    FETCH_SECONDS,
  )
  await readRemote(
    remote,
    ['-C', folder, 'update-ref', `refs/remotes/origin/${branch}`, commit],
    ASK_SECONDS,
  )
  await readRemote(
    remote,
    ['-C', folder, 'config', `url.${localAddress(folder)}.insteadOf`, remote.url],
    ASK_SECONDS,
  )
}

/** A clone on this machine as an address. */
export function localAddress(folder: string): string {
  return pathToFileURL(folder).href
}

/**
 * Runs git with what it needs to read a repository on another machine; gives its standard output.
 * @throws GitReadError
 */
export async function readRemote(
  remote: Remote,
  args: readonly string[],
  timeoutSeconds: number,
): Promise<string> {
  remote.signal.throwIfAborted()
  const result = await run({
    argv: ['git', ...args],
    env: environment(remote),
    timeoutSeconds,
    signal: remote.signal,
    keep: 'all',
  })
  remote.signal.throwIfAborted()
  if (result.startError !== undefined)
    throw new GitReadError('other', 'git was not found in PATH', result.startError)
  if (result.timedOut)
    throw new GitReadError('passing', `git did not answer within ${timeoutSeconds} s`)
  if (result.exitCode !== 0)
    throw new GitReadError(kindOf(result.stderr), tail(result.stderr, 3).join(' '))
  return result.stdout
}

/** GitHub says of a repository that a token may not see that it is not there. */
const REFUSED =
  /could not read (Username|Password)|Authentication failed|terminal prompts disabled|Repository not found|repository '[^']*' not found|returned error: 40[134]|Permission denied/i
const PASSING =
  /returned error: (429|5\d\d)|Could not resolve host|timed out|Connection (refused|reset)|Failed to connect|early EOF|unexpected disconnect|hung up|Operation too slow/i

const NO_COMMIT = /not our ref|unadvertised object|couldn't find remote ref/i

function kindOf(stderr: string): GitReadError['kind'] {
  return REFUSED.test(stderr)
    ? 'refused'
    : NO_COMMIT.test(stderr)
      ? 'no-commit'
      : PASSING.test(stderr)
        ? 'passing'
        : 'other'
}

function environment(remote: Remote): Record<string, string | undefined> {
  const { token, username, env } = remote
  const inherited = { ...process.env, ...env }
  return {
    ...inherited,
    GIT_TERMINAL_PROMPT: '0',
    // The files of Git LFS are brought after the checkout, which would fail for one that is missing.
    GIT_LFS_SKIP_SMUDGE: '1',
    LC_ALL: 'C',
    ...(token === undefined
      ? {}
      : { READ_TOKEN: token, READ_USERNAME: username ?? 'x-access-token' }),
    ...gitSettings(
      [['http.lowSpeedLimit', '1000'], ['http.lowSpeedTime', '60'], ...credentialsOf(remote)],
      inherited,
    ),
  }
}

/** The settings of git that name the credentials of a remote. */
function credentialsOf({ url, token, username }: Remote): [string, string][] {
  if (!URL.canParse(url)) return []
  const { origin, hostname } = new URL(url)
  if (token === undefined)
    return username === undefined ? [] : [[`credential.${origin}.username`, username]]
  // A helper rather than a header: git asks it for this host alone, so that nothing is sent where a
  // redirect leads.
  return [
    [`credential.${origin}.helper`, ''],
    [
      `credential.${origin}.helper`,
      '!f() { test "$1" = get && echo "username=$READ_USERNAME" && echo "password=$READ_TOKEN"; }; f',
    ],
    // A submodule may name its repository as a person's SSH key reads it.
    ...[`git@${hostname}:`, `ssh://git@${hostname}/`].map((address): [string, string] => [
      `url.${origin}/.insteadOf`,
      address,
    ]),
  ]
}

/**
 * Settings of git for a process and all that it starts, behind those that the environment brings.
 */
export function gitSettings(
  settings: readonly (readonly [string, string])[],
  inherited: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const first = Number(inherited['GIT_CONFIG_COUNT'] ?? 0) || 0
  return {
    GIT_CONFIG_COUNT: String(first + settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${first + index}`, key],
        [`GIT_CONFIG_VALUE_${first + index}`, value],
      ]),
    ),
  }
}
