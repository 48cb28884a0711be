import { deleteBranch, moveBranch } from '../branches.ts'
import {
  created,
  flag,
  NO_CONTENT,
  ok,
  page,
  param,
  route,
  text,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { commitOf, isAncestor } from '../git.ts'
import { refuseWorkflows } from '../merges.ts'
import { mayWriteWorkflows } from '../permissions.ts'
import { notFound, Refusal } from '../refusal.ts'
import { commitShape } from '../shapes/commit.ts'
import { apiUrl, nodeId, webUrl, type Shape } from '../shapes/view.ts'

export const REF_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/branches', ['contents:read'], (call) =>
    page(call, Object.entries(call.repository.branches).sort(), ([name, sha]) => ({
      name,
      commit: { sha, url: apiUrl(call.view, call.repository, `/commits/${sha}`) },
      protected: false,
    })),
  ),
  route('GET', '/repos/{owner}/{repo}/branches/{branch}', ['contents:read'], (call) => {
    const name = param(call, 'branch')
    const sha = call.repository.branches[name]
    if (sha === undefined) throw new Refusal(404, 'Branch not found')
    const url = apiUrl(call.view, call.repository, `/branches/${encodeURIComponent(name)}`)
    return ok({
      name,
      commit: commitShape(call.view, call.repository, sha),
      _links: { self: url, html: webUrl(call.view, call.repository, `/tree/${name}`) },
      protected: false,
      protection: { enabled: false },
      protection_url: `${url}/protection`,
    })
  }),
  route('GET', '/repos/{owner}/{repo}/git/ref/{ref}', ['contents:read'], (call) =>
    ok(refShape(call, param(call, 'ref'))),
  ),
  route('POST', '/repos/{owner}/{repo}/git/refs', ['contents:write'], (call) => {
    const [ref, sha] = [text(call, 'ref'), text(call, 'sha')]
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1]
    if (branch === undefined)
      throw new Refusal(
        422,
        "Reference name must start with 'refs/' and have at least two slashes.",
      )
    if (call.repository.commits[sha] === undefined) throw new Refusal(422, 'Object does not exist')
    if (call.repository.branches[branch] !== undefined)
      throw new Refusal(422, 'Reference already exists')
    moveBranch(call.state, call.repository, branch, sha, call.actor)
    return created(refShape(call, `heads/${branch}`))
  }),
  route('PATCH', '/repos/{owner}/{repo}/git/refs/{ref}', ['contents:write'], (call) => {
    const branch = param(call, 'ref').replace(/^heads\//, '')
    const sha = text(call, 'sha')
    const tip = call.repository.branches[branch]
    if (tip === undefined) throw new Refusal(422, 'Reference does not exist')
    if (call.repository.commits[sha] === undefined) throw new Refusal(422, 'Object does not exist')
    if (!isAncestor(call.repository, tip, sha) && flag(call, 'force') !== true)
      throw new Refusal(422, 'Update is not a fast forward')
    if (!mayWriteWorkflows(call.repository, call.token))
      refuseWorkflows(commitOf(call.repository, tip).files, commitOf(call.repository, sha).files)
    moveBranch(call.state, call.repository, branch, sha, call.actor)
    return ok(refShape(call, `heads/${branch}`))
  }),
  route('DELETE', '/repos/{owner}/{repo}/git/refs/{ref}', ['contents:write'], (call) => {
    const branch = param(call, 'ref').replace(/^heads\//, '')
    if (call.repository.branches[branch] === undefined)
      throw new Refusal(422, 'Reference does not exist')
    deleteBranch(call.repository, branch)
    return NO_CONTENT
  }),
]

function refShape({ repository, view }: RepositoryCall, ref: string): Shape {
  const [, kind = '', name = ''] = /^(heads|tags)\/(.+)$/.exec(ref) ?? []
  const sha = (kind === 'tags' ? repository.tags : repository.branches)[name]
  if (sha === undefined) throw notFound()
  return {
    ref: `refs/${ref}`,
    node_id: nodeId('Ref', ref),
    url: apiUrl(view, repository, `/git/refs/${ref}`),
    object: { sha, type: 'commit', url: apiUrl(view, repository, `/git/commits/${sha}`) },
  }
}
