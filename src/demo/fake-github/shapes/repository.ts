import { fullName } from '../actor.ts'
import type { Repository } from '../state.ts'
import { userShape } from './users.ts'
import { apiUrl, nodeId, webUrl, type Shape, type View } from './view.ts'

const CREATED = '2020-01-01T00:00:00Z'

/** Paths of a repository's own addresses, by the name before `_url`. */
const PATHS = {
  archive: '/{archive_format}{/ref}',
  assignees: '/assignees{/user}',
  blobs: '/git/blobs{/sha}',
  branches: '/branches{/branch}',
  collaborators: '/collaborators{/collaborator}',
  comments: '/comments{/number}',
  commits: '/commits{/sha}',
  compare: '/compare/{base}...{head}',
  contents: '/contents/{+path}',
  contributors: '/contributors',
  deployments: '/deployments',
  downloads: '/downloads',
  events: '/events',
  forks: '/forks',
  git_commits: '/git/commits{/sha}',
  git_refs: '/git/refs{/sha}',
  git_tags: '/git/tags{/sha}',
  hooks: '/hooks',
  issue_comment: '/issues/comments{/number}',
  issue_events: '/issues/events{/number}',
  issues: '/issues{/number}',
  keys: '/keys{/key_id}',
  labels: '/labels{/name}',
  languages: '/languages',
  merges: '/merges',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  pulls: '/pulls{/number}',
  releases: '/releases{/id}',
  stargazers: '/stargazers',
  statuses: '/statuses/{sha}',
  subscribers: '/subscribers',
  subscription: '/subscription',
  tags: '/tags',
  teams: '/teams',
  trees: '/git/trees{/sha}',
}

/** One shape for all three that GitHub has: minimal, ordinary and full. */
export function repositoryShape(view: View, repository: Repository, permissions?: Shape): Shape {
  const addresses = Object.entries(PATHS).map(
    ([name, path]) => [`${name}_url`, apiUrl(view, repository, path)] as const,
  )
  const web = webUrl(view, repository, '')
  const open = repository.pulls.filter(({ state }) => state === 'open').length
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
    owner: userShape(view, repository.owner),
    html_url: web,
    description: null,
    fork: repository.parent !== null,
    url: apiUrl(view, repository, ''),
    ...Object.fromEntries(addresses),
    created_at: CREATED,
    updated_at: CREATED,
    pushed_at: CREATED,
    git_url: `${web}.git`.replace(/^https?/, 'git'),
    ssh_url: `git@github.com:${fullName(repository)}.git`,
    clone_url: `${web}.git`,
    svn_url: web,
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
    network_count: 0,
    subscribers_count: 0,
    ...(permissions === undefined ? {} : { permissions }),
  }
}

/** What only a look at the repository itself tells. */
export function fullRepositoryShape(view: View, repository: Repository, permissions: Shape): Shape {
  const { allowedMerges, parent } = repository
  const of = parent === null ? undefined : view.state.repositories[parent]
  return {
    ...repositoryShape(view, repository, permissions),
    allow_merge_commit: allowedMerges.includes('merge'),
    allow_squash_merge: allowedMerges.includes('squash'),
    allow_rebase_merge: allowedMerges.includes('rebase'),
    ...(of === undefined
      ? {}
      : { parent: repositoryShape(view, of), source: repositoryShape(view, of) }),
  }
}
