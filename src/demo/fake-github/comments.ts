import { tell, type Actor } from './actor.ts'
import { milliseconds, nextId, now } from './clock.ts'
import { pullOf, refuseLong } from './pulls.ts'
import { invalid, notFound } from './refusal.ts'
import type { Comment, Repository, State } from './state.ts'

/** @throws Refusal 404 without such a pull request, 422 for an empty or too long body. */
export function addComment(
  state: State,
  repository: Repository,
  issue: number,
  body: string,
  actor: Actor,
): Comment {
  pullOf(repository, issue)
  refuseBody(body)
  rememberList(state, repository)
  const at = now(state)
  const comment: Comment = {
    id: nextId(state),
    issue,
    body,
    user: actor.login,
    app: actor.app,
    createdAt: at,
    updatedAt: at,
  }
  repository.comments.push(comment)
  tell(state, repository, actor, { name: 'issue_comment', action: 'created', number: issue })
  return comment
}

/** The author stays who it was, whoever edits. */
export function editComment(
  state: State,
  repository: Repository,
  id: number,
  body: string,
  actor: Actor,
): Comment {
  const comment = commentOf(repository, id)
  refuseBody(body)
  rememberList(state, repository)
  comment.body = body
  comment.updatedAt = now(state)
  tell(state, repository, actor, { name: 'issue_comment', action: 'edited', number: comment.issue })
  return comment
}

export function deleteComment(
  state: State,
  repository: Repository,
  id: number,
  actor: Actor,
): void {
  const { issue } = commentOf(repository, id)
  rememberList(state, repository)
  repository.comments = repository.comments.filter((comment) => comment.id !== id)
  tell(state, repository, actor, { name: 'issue_comment', action: 'deleted', number: issue })
}

export function commentOf(repository: Repository, id: number): Comment {
  const comment = repository.comments.find((candidate) => candidate.id === id)
  if (comment === undefined) throw notFound()
  return comment
}

/** The comments as a list shows them, which may be those of a moment ago. */
export function listedComments(state: State, repository: Repository): readonly Comment[] {
  const moment = milliseconds(state) - state.behaviour.commentListLagMilliseconds
  return (
    repository.earlierComments.find(({ until }) => until > moment)?.comments ?? repository.comments
  )
}

function rememberList(state: State, repository: Repository): void {
  if (state.behaviour.commentListLagMilliseconds === 0) return
  repository.earlierComments.push({
    until: milliseconds(state),
    comments: repository.comments.map((comment) => ({ ...comment })),
  })
}

function refuseBody(body: string): void {
  if (body.trim() === '')
    throw invalid({ resource: 'IssueComment', code: 'missing_field', field: 'body' })
  refuseLong('IssueComment', body)
}
