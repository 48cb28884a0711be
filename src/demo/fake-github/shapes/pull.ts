import { fullName } from '../actor.ts'
import { commitsBetween, mergeBase } from '../git.ts'
import { isMergeable, mergeCommitSha } from '../pulls.ts'
import type { Pull, Repository } from '../state.ts'
import { diffShape } from './commit.ts'
import { repositoryShape } from './repository.ts'
import { userShape } from './users.ts'
import { apiUrl, nodeId, webUrl, type Shape, type View } from './view.ts'

/** A pull request as lists show it. */
export function pullSimpleShape(view: View, repository: Repository, pull: Pull): Shape {
  const { number } = pull
  const url = apiUrl(view, repository, `/pulls/${number}`)
  const issue = apiUrl(view, repository, `/issues/${number}`)
  const html = webUrl(view, repository, `/pull/${number}`)
  const statuses = apiUrl(view, repository, `/statuses/${pull.head.sha}`)
  const links = {
    self: url,
    html,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${apiUrl(view, repository, '/pulls/comments')}{/number}`,
    commits: `${url}/commits`,
    statuses,
  }
  return {
    url,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userShape(view, pull.user),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: mergeCommitSha(repository, pull),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: pull.labels.map((name) => labelShape(view, repository, name)),
    milestone: null,
    draft: pull.draft,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: statuses,
    head: endShape(
      view,
      view.state.repositories[pull.head.repository] ?? repository,
      pull.head.ref,
      pull.head.sha,
    ),
    base: endShape(view, repository, pull.base.ref, pull.base.sha),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: association(repository, pull.user),
    auto_merge: null,
    active_lock_reason: null,
  }
}

export function pullShape(view: View, repository: Repository, pull: Pull): Shape {
  const mergeable = isMergeable(repository, pull)
  const start = mergeBase(repository, pull.base.sha, pull.head.sha) ?? pull.base.sha
  const files = diffShape(
    view,
    repository,
    repository.commits[start]?.files ?? {},
    repository.commits[pull.head.sha]?.files ?? {},
    pull.head.sha,
  )
  const sum = (key: 'additions' | 'deletions'): number =>
    files.reduce((total, file) => total + Number(file[key]), 0)
  return {
    ...pullSimpleShape(view, repository, pull),
    merged: pull.merged !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeable === null ? 'unknown' : mergeable ? 'clean' : 'dirty',
    merged_by: pull.merged === null ? null : userShape(view, pull.merged.by),
    comments: repository.comments.filter(({ issue }) => issue === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: commitsBetween(repository, pull.base.sha, pull.head.sha).length,
    additions: sum('additions'),
    deletions: sum('deletions'),
    changed_files: files.length,
  }
}

/** A pull request as the issue it also is. */
export function issueShape(view: View, repository: Repository, pull: Pull): Shape {
  const url = apiUrl(view, repository, `/issues/${pull.number}`)
  const html = webUrl(view, repository, `/pull/${pull.number}`)
  return {
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    url,
    repository_url: apiUrl(view, repository, ''),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    user: userShape(view, pull.user),
    labels: pull.labels.map((name) => labelShape(view, repository, name)),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: repository.comments.filter(({ issue }) => issue === pull.number).length,
    pull_request: {
      url: apiUrl(view, repository, `/pulls/${pull.number}`),
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      merged_at: pull.merged?.at ?? null,
    },
    closed_at: pull.closedAt,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    author_association: association(repository, pull.user),
  }
}

function endShape(view: View, repository: Repository, ref: string, sha: string): Shape {
  return {
    label: `${repository.owner}:${ref}`,
    ref,
    sha,
    user: userShape(view, repository.owner),
    repo: repositoryShape(view, repository),
  }
}

/** A label that is only on a pull request is one of the repository's, too: GitHub makes it. */
export function labelShape(view: View, repository: Repository, name: string): Shape {
  const label = repository.labels.find((candidate) => candidate.name === name) ?? {
    id: 0,
    name,
    color: 'ededed',
    description: null,
  }
  // GitHub answers null for none, though its description of lists of pull requests forbids it.
  return {
    ...label,
    description: label.description ?? '',
    node_id: nodeId('Label', label.id),
    url: apiUrl(view, repository, `/labels/${encodeURIComponent(name)}`),
    default: false,
  }
}

export function association(repository: Repository, login: string): string {
  if (login === repository.owner) return 'OWNER'
  if (repository.collaborators[login] !== undefined) return 'COLLABORATOR'
  return login.endsWith('[bot]') ? 'NONE' : 'CONTRIBUTOR'
}

/** How a run names the pull requests of its branch. */
export function pullMinimalShape(view: View, repository: Repository, pull: Pull): Shape {
  const repo = { id: repository.id, name: repository.name, url: apiUrl(view, repository, '') }
  const head = view.state.repositories[pull.head.repository] ?? repository
  return {
    id: pull.id,
    number: pull.number,
    url: apiUrl(view, repository, `/pulls/${pull.number}`),
    base: { ref: pull.base.ref, sha: pull.base.sha, repo },
    head: {
      ref: pull.head.ref,
      sha: pull.head.sha,
      repo: { id: head.id, name: head.name, url: `${view.api}/repos/${fullName(head)}` },
    },
  }
}
