import { tell } from '../actor.ts'
import {
  created,
  numberParam,
  ok,
  page,
  param,
  route,
  text,
  textOr,
  type Answer,
  type Need,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { nextId } from '../clock.ts'
import { pullOf } from '../pulls.ts'
import { invalid, notFound } from '../refusal.ts'
import { labelShape } from '../shapes/pull.ts'
import type { Pull } from '../state.ts'

const READ: readonly Need[] = ['issues:read', 'pull_requests:read']
const WRITE: readonly Need[] = ['issues:write', 'pull_requests:write']

export const LABEL_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/labels', READ, (call) =>
    page(call, call.repository.labels, ({ name }) => labelShape(call.view, call.repository, name)),
  ),
  route('POST', '/repos/{owner}/{repo}/labels', WRITE, (call) => {
    const name = text(call, 'name')
    if (call.repository.labels.some((label) => label.name === name))
      throw invalid({ resource: 'Label', code: 'already_exists', field: 'name' })
    call.repository.labels.push({
      id: nextId(call.state),
      name,
      color: textOr(call, 'color', 'ededed'),
      description: textOr(call, 'description', null),
    })
    return created(labelShape(call.view, call.repository, name))
  }),
  route('GET', '/repos/{owner}/{repo}/issues/{issue_number}/labels', READ, (call) =>
    shown(call, pullAt(call)),
  ),
  route('POST', '/repos/{owner}/{repo}/issues/{issue_number}/labels', WRITE, (call) => {
    const pull = pullAt(call)
    for (const name of names(call.body['labels'])) {
      if (pull.labels.includes(name)) continue
      pull.labels.push(name)
      if (!call.repository.labels.some((label) => label.name === name))
        call.repository.labels.push({
          id: nextId(call.state),
          name,
          color: 'ededed',
          description: null,
        })
      tell(call.state, call.repository, call.actor, {
        name: 'pull_request',
        action: 'labeled',
        sha: pull.head.sha,
        number: pull.number,
      })
    }
    return shown(call, pull)
  }),
  route('DELETE', '/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}', WRITE, (call) => {
    const pull = pullAt(call)
    const name = param(call, 'name')
    if (!pull.labels.includes(name)) throw notFound()
    pull.labels = pull.labels.filter((label) => label !== name)
    tell(call.state, call.repository, call.actor, {
      name: 'pull_request',
      action: 'unlabeled',
      sha: pull.head.sha,
      number: pull.number,
    })
    return shown(call, pull)
  }),
]

function pullAt(call: RepositoryCall): Pull {
  return pullOf(call.repository, numberParam(call, 'issue_number'))
}

function shown(call: RepositoryCall, pull: Pull): Answer {
  return ok(pull.labels.map((name) => labelShape(call.view, call.repository, name)))
}

function names(sent: unknown): string[] {
  return (Array.isArray(sent) ? sent : []).flatMap((label: unknown) =>
    typeof label === 'string' ? [label] : [],
  )
}
