import {
  created,
  NO_CONTENT,
  numberParam,
  ok,
  page,
  route,
  text,
  type Need,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { addComment, commentOf, deleteComment, editComment, listedComments } from '../comments.ts'
import { pullOf } from '../pulls.ts'
import { commentShape } from '../shapes/records.ts'
import type { Shape } from '../shapes/view.ts'
import type { Comment } from '../state.ts'

// Every issue of this fake is a pull request, for which either permission is enough.
const READ: readonly Need[] = ['issues:read', 'pull_requests:read']
const WRITE: readonly Need[] = ['issues:write', 'pull_requests:write']

const shape =
  (call: RepositoryCall) =>
  (comment: Comment): Shape =>
    commentShape(call.view, call.repository, comment)

export const COMMENT_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/issues/{issue_number}/comments', READ, (call) => {
    const { number } = pullOf(call.repository, numberParam(call, 'issue_number'))
    const since = Date.parse(call.url.searchParams.get('since') ?? '1970-01-01T00:00:00Z')
    const comments = listedComments(call.state, call.repository).filter(
      ({ issue, updatedAt }) => issue === number && Date.parse(updatedAt) >= since,
    )
    return page(
      call,
      comments.sort((left, right) => left.id - right.id),
      shape(call),
    )
  }),
  route('POST', '/repos/{owner}/{repo}/issues/{issue_number}/comments', WRITE, (call) =>
    created(
      shape(call)(
        addComment(
          call.state,
          call.repository,
          numberParam(call, 'issue_number'),
          text(call, 'body'),
          call.actor,
        ),
      ),
    ),
  ),
  route('GET', '/repos/{owner}/{repo}/issues/comments/{comment_id}', READ, (call) =>
    ok(shape(call)(commentOf(call.repository, numberParam(call, 'comment_id')))),
  ),
  route('PATCH', '/repos/{owner}/{repo}/issues/comments/{comment_id}', WRITE, (call) =>
    ok(
      shape(call)(
        editComment(
          call.state,
          call.repository,
          numberParam(call, 'comment_id'),
          text(call, 'body'),
          call.actor,
        ),
      ),
    ),
  ),
  route('DELETE', '/repos/{owner}/{repo}/issues/comments/{comment_id}', WRITE, (call) => {
    deleteComment(call.state, call.repository, numberParam(call, 'comment_id'), call.actor)
    return NO_CONTENT
  }),
]
