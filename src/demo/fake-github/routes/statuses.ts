import {
  created,
  oneOf,
  page,
  param,
  route,
  textOr,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { resolve } from '../git.ts'
import { notFound } from '../refusal.ts'
import { repositoryShape } from '../shapes/repository.ts'
import { statusShape } from '../shapes/records.ts'
import { apiUrl } from '../shapes/view.ts'
import { addStatus, combinedState, latestStatuses } from '../statuses.ts'

function commitAt(call: RepositoryCall): string {
  const sha = resolve(call.repository, param(call, 'ref'))
  if (sha === undefined) throw notFound()
  return sha
}

export const STATUS_ROUTES: readonly Route[] = [
  route('POST', '/repos/{owner}/{repo}/statuses/{sha}', ['statuses:write'], (call) => {
    const status = addStatus(
      call.state,
      call.repository,
      {
        sha: param(call, 'sha'),
        state: oneOf(call, 'state', ['error', 'failure', 'pending', 'success']),
        context: textOr(call, 'context', 'default'),
        description: textOr(call, 'description', null),
        targetUrl: textOr(call, 'target_url', null),
      },
      call.actor,
    )
    return created(statusShape(call.view, call.repository, status))
  }),
  route('GET', '/repos/{owner}/{repo}/commits/{ref}/statuses', ['statuses:read'], (call) => {
    const sha = commitAt(call)
    const newestFirst = call.repository.statuses.filter((status) => status.sha === sha).reverse()
    return page(call, newestFirst, (status) => statusShape(call.view, call.repository, status))
  }),
  route('GET', '/repos/{owner}/{repo}/commits/{ref}/status', ['statuses:read'], (call) => {
    const sha = commitAt(call)
    const statuses = latestStatuses(call.repository, sha)
    const url = apiUrl(call.view, call.repository, `/commits/${sha}`)
    return page(
      call,
      statuses,
      (status) => statusShape(call.view, call.repository, status),
      (rows) => ({
        state: combinedState(statuses),
        statuses: rows,
        sha,
        total_count: statuses.length,
        repository: repositoryShape(call.view, call.repository),
        commit_url: url,
        url: `${url}/status`,
      }),
    )
  }),
]
