import {
  created,
  NO_CONTENT,
  ok,
  page,
  param,
  route,
  text,
  textOr,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { moveBranch } from '../branches.ts'
import {
  addCommit,
  commitOf,
  commitsBetween,
  isAncestor,
  mergeBase,
  mergeFiles,
  resolve,
} from '../git.ts'
import { foldersOf } from '../git-objects.ts'
import { refuseWorkflows } from '../merges.ts'
import { mayWriteWorkflows } from '../permissions.ts'
import { notFound, Refusal } from '../refusal.ts'
import {
  commitShape,
  comparisonStatus,
  diffShape,
  gitCommitShape,
  treeShape,
} from '../shapes/commit.ts'
import { apiUrl, webUrl, type Shape } from '../shapes/view.ts'
import type { Repository } from '../state.ts'

export const COMMIT_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/commits', ['contents:read'], (call) => {
    const from = call.url.searchParams.get('sha') ?? call.repository.defaultBranch
    const root = commitsBetween(call.repository, '', found(call, from)).reverse()
    return page(call, root, (sha) => commitShape(call.view, call.repository, sha))
  }),
  route('GET', '/repos/{owner}/{repo}/commits/{ref}', ['contents:read'], (call) => {
    const sha = resolve(call.repository, param(call, 'ref'))
    if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${param(call, 'ref')}`)
    const { files, parents } = commitOf(call.repository, sha)
    const before = call.repository.commits[parents[0] ?? '']?.files ?? {}
    return ok({
      ...commitShape(call.view, call.repository, sha),
      files: diffShape(call.view, call.repository, before, files, sha),
    })
  }),
  route('GET', '/repos/{owner}/{repo}/git/commits/{commit_sha}', ['contents:read'], (call) =>
    ok(
      gitCommitShape(
        call.view,
        call.repository,
        commitOf(call.repository, param(call, 'commit_sha')).sha,
      ),
    ),
  ),
  route('GET', '/repos/{owner}/{repo}/git/trees/{tree_sha}', ['contents:read'], (call) => {
    const { files, folder } = treeAt(call.repository, param(call, 'tree_sha'))
    // Any value asks for it, "0" and "false" too.
    return ok(
      treeShape(call.view, call.repository, files, {
        folder,
        recursive: call.url.searchParams.has('recursive'),
      }),
    )
  }),
  route('GET', '/repos/{owner}/{repo}/compare/{basehead}', ['contents:read'], (call) =>
    compare(call),
  ),
  route('POST', '/repos/{owner}/{repo}/merges', ['contents:write'], (call) => {
    const [base, head] = [text(call, 'base'), text(call, 'head')]
    const [tip, other] = [call.repository.branches[base], resolve(call.repository, head)]
    if (tip === undefined || other === undefined)
      throw new Refusal(404, `${tip === undefined ? 'Base' : 'Head'} does not exist`)
    if (isAncestor(call.repository, other, tip)) return NO_CONTENT
    const { files, conflicts } = mergeFiles(
      call.repository,
      mergeBase(call.repository, tip, other) ?? tip,
      tip,
      other,
    )
    if (conflicts.length > 0) throw new Refusal(409, 'Merge conflict')
    if (!mayWriteWorkflows(call.repository, call.token))
      refuseWorkflows(commitOf(call.repository, tip).files, files)
    const message = textOr(call, 'commit_message', `Merge ${head} into ${base}`)
    const sha = addCommit(call.state, call.repository, {
      parents: [tip, other],
      files,
      message,
      author: call.actor.login,
    })
    moveBranch(call.state, call.repository, base, sha, call.actor)
    return created(commitShape(call.view, call.repository, sha))
  }),
]

function found({ repository }: RepositoryCall, ref: string): string {
  const sha = resolve(repository, ref)
  if (sha === undefined) throw notFound()
  return sha
}

/** A tree by its own id, or by a commit or branch that has it. */
function treeAt(
  repository: Repository,
  name: string,
): { files: Repository['commits'][string]['files']; folder: string } {
  const commit = resolve(repository, name)
  if (commit !== undefined) return { files: commitOf(repository, commit).files, folder: '' }
  for (const { files } of Object.values(repository.commits)) {
    for (const [folder, { sha }] of foldersOf(files)) if (sha === name) return { files, folder }
  }
  throw notFound()
}

const MOST_FILES = 300

/** Three dots: files differ from the commit where the two parted. */
function compare(call: RepositoryCall): ReturnType<typeof page> {
  const { repository, view } = call
  const [left = '', right = ''] = param(call, 'basehead').split('...')
  const [base, head] = [sideOf(call, left), sideOf(call, right)]
  const start = mergeBase(repository, base, head)
  if (start === undefined)
    throw new Refusal(404, `No common ancestor between ${left} and ${right}.`)
  const commits = commitsBetween(repository, base, head)
  const files = diffShape(
    view,
    repository,
    commitOf(repository, start).files,
    commitOf(repository, head).files,
    head,
  )
  const html = webUrl(view, repository, `/compare/${left}...${right}`)
  return page(
    call,
    commits,
    (sha) => commitShape(view, repository, sha),
    (rows): Shape => ({
      url: apiUrl(
        view,
        repository,
        `/compare/${encodeURIComponent(left)}...${encodeURIComponent(right)}`,
      ),
      html_url: html,
      permalink_url: webUrl(view, repository, `/compare/${base}...${head}`),
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: commitShape(view, repository, base),
      merge_base_commit: commitShape(view, repository, start),
      status: comparisonStatus(repository, base, head),
      ahead_by: commits.length,
      behind_by: commitsBetween(repository, head, base).length,
      total_commits: commits.length,
      commits: rows,
      // Only the first page has the files.
      files: (call.url.searchParams.get('page') ?? '1') === '1' ? files.slice(0, MOST_FILES) : [],
    }),
  )
}

/** The commit of one side of a comparison: a ref, or `owner:ref` of a fork. */
function sideOf({ repository, state }: RepositoryCall, name: string): string {
  const [owner = '', ref = ''] = name.includes(':') ? name.split(':') : [repository.owner, name]
  const source =
    owner === repository.owner
      ? repository
      : Object.values(state.repositories).find(
          (candidate) => candidate.owner === owner && candidate.name === repository.name,
        )
  const sha = source === undefined ? undefined : resolve(source, ref)
  if (sha === undefined) throw notFound()
  return sha
}
