import { moveBranch } from '../branches.ts'
import {
  ok,
  param,
  route,
  text,
  textOr,
  type Answer,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { addBlob, addCommit, commitOf, resolve } from '../git.ts'
import { foldersOf, type TreeEntry } from '../git-objects.ts'
import { refuseWorkflows } from '../merges.ts'
import { mayWriteWorkflows } from '../permissions.ts'
import { notFound, Refusal } from '../refusal.ts'
import { gitCommitShape, sizeOf } from '../shapes/commit.ts'
import { apiUrl, webUrl, type Shape } from '../shapes/view.ts'

export const CONTENT_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/contents/{path}', ['contents:read'], (call) => {
    const ref = call.url.searchParams.get('ref') ?? call.repository.defaultBranch
    const sha = resolve(call.repository, ref)
    if (sha === undefined) throw new Refusal(404, `No commit found for the ref ${ref}`)
    return read(call, commitOf(call.repository, sha).files, ref)
  }),
  route('PUT', '/repos/{owner}/{repo}/contents/{path}', ['contents:write'], (call) => write(call)),
  route('GET', '/repos/{owner}/{repo}/git/blobs/{file_sha}', ['contents:read'], (call) => {
    const sha = param(call, 'file_sha')
    const content = call.repository.blobs[sha]
    if (content === undefined) throw notFound()
    return ok({
      sha,
      node_id: sha,
      size: sizeOf(call.repository, sha),
      url: apiUrl(call.view, call.repository, `/git/blobs/${sha}`),
      content,
      encoding: 'base64',
    })
  }),
]

function read(call: RepositoryCall, files: Parameters<typeof foldersOf>[0], ref: string): Answer {
  const path = param(call, 'path').replace(/^\/|\/$/g, '')
  const file = files[path]
  if (file !== undefined) {
    const content = call.repository.blobs[file.blob] ?? ''
    if (call.accept.includes('raw'))
      return {
        status: 200,
        body: Buffer.from(content, 'base64').toString(),
        headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' },
      }
    // GitHub breaks base64 into lines.
    return ok({
      ...entryShape(call, { path, sha: file.blob, type: 'file' }, ref),
      content: content.replace(/.{1,60}/g, '$&\n'),
      encoding: 'base64',
    })
  }
  const folder = foldersOf(files).get(path)
  if (folder === undefined) throw notFound()
  const under = (name: string): string => (path === '' ? name : `${path}/${name}`)
  const type = ({ mode }: TreeEntry): 'dir' | 'file' => (mode === '040000' ? 'dir' : 'file')
  return ok(
    folder.entries.map((entry) =>
      entryShape(call, { path: under(entry.name), sha: entry.sha, type: type(entry) }, ref),
    ),
  )
}

function entryShape(
  { repository, view }: RepositoryCall,
  { path, sha, type }: { path: string; sha: string; type: 'dir' | 'file' },
  ref: string,
): Shape {
  const self = apiUrl(
    view,
    repository,
    `/contents/${encodeURI(path)}?ref=${encodeURIComponent(ref)}`,
  )
  const git = apiUrl(view, repository, `/git/${type === 'dir' ? 'trees' : 'blobs'}/${sha}`)
  const html = webUrl(
    view,
    repository,
    `/${type === 'dir' ? 'tree' : 'blob'}/${ref}/${encodeURI(path)}`,
  )
  const size = type === 'dir' ? 0 : sizeOf(repository, sha)
  const download =
    type === 'dir' ? null : webUrl(view, repository, `/raw/${ref}/${encodeURI(path)}`)
  return {
    name: path.split('/').at(-1) ?? path,
    path,
    sha,
    size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: download,
    type,
    _links: { self, git, html },
  }
}

/** Makes or changes one file with a commit; the file's old blob must be named. */
function write(call: RepositoryCall): Answer {
  const { repository, state } = call
  const [path, branch] = [param(call, 'path'), textOr(call, 'branch', repository.defaultBranch)]
  const tip = repository.branches[branch]
  if (tip === undefined) throw new Refusal(404, `Branch ${branch} not found`)
  const { files } = commitOf(repository, tip)
  const old = files[path]
  const given = textOr(call, 'sha', undefined)
  if (old !== undefined && given === undefined)
    throw new Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
  if (given !== old?.blob) throw new Refusal(409, `${path} does not match ${given ?? ''}`)
  const blob = addBlob(repository, Buffer.from(text(call, 'content'), 'base64'))
  const after = { ...files, [path]: { mode: old?.mode ?? ('100644' as const), blob } }
  if (!mayWriteWorkflows(repository, call.token)) refuseWorkflows(files, after)
  const sha = addCommit(state, repository, {
    parents: [tip],
    files: after,
    message: text(call, 'message'),
    author: call.actor.login,
  })
  moveBranch(state, repository, branch, sha, call.actor)
  return {
    status: old === undefined ? 201 : 200,
    body: {
      content: entryShape(call, { path, sha: blob, type: 'file' }, branch),
      commit: gitCommitShape(call.view, repository, sha),
    },
  }
}
