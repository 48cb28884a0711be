import { GITHUB_ACTIONS, tell } from '../actor.ts'
import {
  created,
  flag,
  numberParam,
  ok,
  oneOf,
  page,
  param,
  route,
  text,
  textOr,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { now } from '../clock.ts'
import { isAncestor, resolve } from '../git.ts'
import { mergePull } from '../merges.ts'
import { mayWriteWorkflows } from '../permissions.ts'
import { openPull, pullOf, refuseLong } from '../pulls.ts'
import { invalid, Refusal } from '../refusal.ts'
import { issueShape, pullShape, pullSimpleShape } from '../shapes/pull.ts'
import type { Pull } from '../state.ts'

const pullAt = (call: RepositoryCall): Pull =>
  pullOf(call.repository, numberParam(call, 'pull_number'))

export const PULL_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/pulls', ['pull_requests:read'], (call) =>
    page(call, listed(call), (pull) => pullSimpleShape(call.view, call.repository, pull)),
  ),
  route('POST', '/repos/{owner}/{repo}/pulls', ['pull_requests:write'], (call) => {
    if (call.actor.app === GITHUB_ACTIONS.app && !call.repository.actionsMayCreatePulls) {
      throw new Refusal(403, 'GitHub Actions is not permitted to create or approve pull requests.')
    }
    const { repository, state, view, actor } = call
    const pull = openPull(state, repository, {
      head: text(call, 'head'),
      base: text(call, 'base'),
      title: text(call, 'title'),
      body: textOr(call, 'body', null),
      draft: flag(call, 'draft') ?? false,
      actor,
    })
    return created(pullShape(view, repository, pull))
  }),
  route('GET', '/repos/{owner}/{repo}/pulls/{pull_number}', ['pull_requests:read'], (call) =>
    ok(pullShape(call.view, call.repository, pullAt(call))),
  ),
  route('PATCH', '/repos/{owner}/{repo}/pulls/{pull_number}', ['pull_requests:write'], (call) => {
    const pull = pullAt(call)
    update(call, pull)
    return ok(pullShape(call.view, call.repository, pull))
  }),
  route('PUT', '/repos/{owner}/{repo}/pulls/{pull_number}/merge', ['contents:write'], (call) => {
    const pull = pullAt(call)
    const expected = textOr(call, 'sha', pull.head.sha)
    if (expected !== pull.head.sha)
      throw new Refusal(409, 'Head branch was modified. Review and try the merge again.')
    const method =
      call.body['merge_method'] === undefined
        ? 'merge'
        : oneOf(call, 'merge_method', ['merge', 'squash', 'rebase'])
    const title = textOr(call, 'commit_title', undefined)
    const sha = mergePull(call.state, call.repository, pull, {
      method,
      actor: call.actor,
      mayWriteWorkflows: mayWriteWorkflows(call.repository, call.token),
      ...(title === undefined ? {} : { title }),
    })
    return ok({ sha, merged: true, message: 'Pull Request successfully merged' })
  }),
  route(
    'GET',
    '/repos/{owner}/{repo}/issues/{issue_number}',
    ['issues:read', 'pull_requests:read'],
    (call) =>
      ok(
        issueShape(
          call.view,
          call.repository,
          pullOf(call.repository, numberParam(call, 'issue_number')),
        ),
      ),
  ),
  route('GET', '/repos/{owner}/{repo}/commits/{commit_sha}/pulls', ['pull_requests:read'], (call) =>
    page(call, associated(call, param(call, 'commit_sha')), (pull) =>
      pullSimpleShape(call.view, call.repository, pull),
    ),
  ),
]

function listed({ repository, url: { searchParams: query } }: RepositoryCall): Pull[] {
  const state = query.get('state') ?? 'open'
  const head = query.get('head')
  const base = query.get('base')
  const key = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt'
  const direction =
    (query.get('direction') ??
      (query.get('sort') === null || query.get('sort') === 'created' ? 'desc' : 'asc')) === 'asc'
      ? 1
      : -1
  return repository.pulls
    .filter(
      (pull) =>
        (state === 'all' || pull.state === state) &&
        (base === null || pull.base.ref === base) &&
        (head === null || headLabel(pull) === head),
    )
    .sort(
      (left, right) =>
        direction * (left[key].localeCompare(right[key]) || left.number - right.number),
    )
}

function headLabel({ head }: Pull): string {
  return `${head.repository.split('/')[0] ?? ''}:${head.ref}`
}

function update(call: RepositoryCall, pull: Pull): void {
  const [body, base] = [textOr(call, 'body', pull.body), textOr(call, 'base', pull.base.ref)]
  const state =
    call.body['state'] === undefined ? pull.state : oneOf(call, 'state', ['open', 'closed'])
  refuseLong('PullRequest', body)
  const baseSha = call.repository.branches[base]
  if (baseSha === undefined)
    throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' })
  if (pull.merged !== null && state === 'open')
    throw invalid({ resource: 'PullRequest', field: 'state', code: 'invalid' })
  const at = now(call.state)
  pull.title = textOr(call, 'title', pull.title)
  pull.body = body
  if (base !== pull.base.ref) pull.base = { ref: base, sha: baseSha }
  pull.updatedAt = at
  if (state === pull.state) return
  pull.state = state
  pull.closedAt = state === 'closed' ? at : null
  tell(call.state, call.repository, call.actor, {
    name: 'pull_request',
    action: state === 'closed' ? 'closed' : 'reopened',
    sha: pull.head.sha,
    number: pull.number,
  })
}

/**
 * "Lists the merged pull request that introduced the commit to the repository. If the commit is not
 * present in the default branch, will return merged and open pull requests associated with the
 * commit."
 */
function associated({ repository, state }: RepositoryCall, name: string): Pull[] {
  const sha = resolve(repository, name)
  if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${name}`)
  const lookups = (repository.lookups[sha] ?? 0) + 1
  repository.lookups[sha] = lookups
  if (lookups <= state.behaviour.indexedAfterLookups) return []
  const tip = repository.branches[repository.defaultBranch]
  const landed = tip !== undefined && isAncestor(repository, sha, tip)
  return repository.pulls.filter((pull) => {
    if (pull.merged !== null)
      return (
        pull.merged.introduced.includes(sha) ||
        pull.merged.commit === sha ||
        (!landed && has(pull, sha))
      )
    return !landed && pull.state === 'open' && has(pull, sha)
  })

  function has({ base, head }: Pull, commit: string): boolean {
    return isAncestor(repository, commit, head.sha) && !isAncestor(repository, commit, base.sha)
  }
}
