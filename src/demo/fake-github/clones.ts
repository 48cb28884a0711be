import { execFileSync } from 'node:child_process'
import type { Actor } from './actor.ts'
import { moveBranch } from './branches.ts'
import { addBlob } from './git.ts'
import type { Commit, Repository, Signature, State } from './state.ts'

const MOST_BYTES = 64 * 1024 * 1024

/**
 * What `git push` does: a branch of a real clone comes to the fake, with all commits it needs. Ids
 * stay git's.
 */
export function pushFromClone(
  state: State,
  repository: Repository,
  {
    directory,
    branch,
    actor,
  }: { readonly directory: string; readonly branch: string; readonly actor: Actor },
): string {
  const format = ['%H', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x1f')
  for (const record of git(directory, [
    'log',
    '--reverse',
    '--format=%x1e' + format,
    `refs/heads/${branch}`,
    '--',
  ])
    .toString()
    .split('\x1e')
    .slice(1)) {
    const [sha = '', parents = '', ...rest] = record.split('\x1f')
    if (repository.commits[sha] !== undefined) continue
    const [author, committer] = [signature(rest.slice(0, 3)), signature(rest.slice(3, 6))]
    const message = (rest[6] ?? '').replace(/\n$/, '')
    repository.commits[sha] = {
      sha,
      parents: parents.split(' ').filter(Boolean),
      files: filesOf(directory, sha, repository),
      message,
      author,
      committer,
    }
  }
  const sha = git(directory, ['rev-parse', `refs/heads/${branch}`])
    .toString()
    .trim()
  if (repository.branches[branch] !== sha) moveBranch(state, repository, branch, sha, actor)
  return sha
}

function signature([name = '', email = '', date = '']: string[]): Signature {
  return { name, email, date: `${new Date(date).toISOString().slice(0, 19)}Z` }
}

function filesOf(directory: string, sha: string, repository: Repository): Commit['files'] {
  const rows = git(directory, ['ls-tree', '-r', '-z', sha]).toString().split('\0').filter(Boolean)
  return Object.fromEntries(
    rows.map((row) => {
      const [, mode = '', blob = '', path = ''] = /^(\d+) blob (\w+)\t(.*)$/s.exec(row) ?? []
      if (repository.blobs[blob] === undefined)
        addBlob(repository, git(directory, ['cat-file', 'blob', blob]))
      return [path, { mode: mode as '100644', blob }]
    }),
  )
}

/**
 * What `git fetch` does: commits made on the fake come to a real clone, with the same ids, under
 * `refs/remotes/origin/`.
 */
export function fetchIntoClone(repository: Repository, directory: string): void {
  const marks = new Map<string, number>()
  const stream: Buffer[] = []
  for (const sha of Object.values(repository.branches)) write(sha)
  if (marks.size > 0)
    git(
      directory,
      ['fast-import', '--quiet', '--force', '--done'],
      Buffer.concat([...stream, Buffer.from(`reset ${SCRATCH}\nfrom ${'0'.repeat(40)}\n\ndone\n`)]),
    )
  // Git refuses an id it does not have: so a commit that came out different would be seen here.
  for (const [branch, sha] of Object.entries(repository.branches))
    git(directory, ['update-ref', `refs/remotes/origin/${branch}`, sha])

  function write(sha: string): void {
    const commit = repository.commits[sha]
    if (commit === undefined || marks.has(sha) || has(directory, sha)) return
    for (const parent of commit.parents) write(parent)
    marks.set(sha, marks.size + 1)
    stream.push(...commitLines(repository, commit, marks))
  }
}

const SCRATCH = 'refs/zenml-upgrade-fetched'

/**
 * A commit as `git fast-import` reads it. A parent of the same stream is named by its mark, one the
 * clone has by its id.
 */
function commitLines(
  repository: Repository,
  { sha, parents, files, message, author, committer }: Commit,
  marks: ReadonlyMap<string, number>,
): Buffer[] {
  const data = (bytes: Buffer): Buffer[] => [
    Buffer.from(`data ${bytes.length}\n`),
    bytes,
    Buffer.from('\n'),
  ]
  const who = ({ name, email, date }: Signature): string =>
    `${name} <${email}> ${Date.parse(date) / 1000} +0000`
  const nameOf = (commit: string): string =>
    marks.has(commit) ? `:${marks.get(commit) ?? ''}` : commit
  // Without this a root commit would get the scratch branch's last commit as its parent.
  const reset = parents.length === 0 ? `reset ${SCRATCH}\n` : ''
  return [
    Buffer.from(
      `${reset}commit ${SCRATCH}\nmark ${nameOf(sha)}\nauthor ${who(author)}\ncommitter ${who(committer)}\n`,
    ),
    ...data(Buffer.from(message)),
    Buffer.from(
      parents
        .map((parent, index) => `${index === 0 ? 'from' : 'merge'} ${nameOf(parent)}\n`)
        .join('') + 'deleteall\n',
    ),
    ...Object.entries(files).flatMap(([path, { mode, blob }]) => [
      Buffer.from(`M ${mode} inline ${quoted(path)}\n`),
      ...data(Buffer.from(repository.blobs[blob] ?? '', 'base64')),
    ]),
    Buffer.from('\n'),
  ]
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
}

function has(directory: string, sha: string): boolean {
  return git(directory, ['cat-file', '--batch-check'], Buffer.from(`${sha}\n`))
    .toString()
    .trim()
    .endsWith(' commit')
}

function git(directory: string, args: readonly string[], input?: Buffer): Buffer {
  return execFileSync('git', ['-C', directory, ...args], {
    maxBuffer: MOST_BYTES,
    ...(input === undefined ? {} : { input }),
  })
}
