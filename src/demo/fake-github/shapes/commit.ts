import { commitOf, isAncestor } from '../git.ts'
import { foldersOf, rootTreeId } from '../git-objects.ts'
import type { Commit, Repository } from '../state.ts'
import { userShape } from './users.ts'
import { apiUrl, nodeId, webUrl, type Shape, type View } from './view.ts'

const UNSIGNED = {
  verified: false,
  reason: 'unsigned',
  signature: null,
  payload: null,
  verified_at: null,
}

export function commitShape(view: View, repository: Repository, sha: string): Shape {
  const commit = commitOf(repository, sha)
  const tree = rootTreeId(commit.files)
  return {
    sha,
    node_id: nodeId('Commit', sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: tree, url: apiUrl(view, repository, `/git/trees/${tree}`) },
      url: apiUrl(view, repository, `/git/commits/${sha}`),
      comment_count: 0,
      verification: UNSIGNED,
    },
    url: apiUrl(view, repository, `/commits/${sha}`),
    html_url: webUrl(view, repository, `/commit/${sha}`),
    comments_url: apiUrl(view, repository, `/commits/${sha}/comments`),
    author: knownUser(view, commit.author.name),
    committer: knownUser(view, commit.committer.name),
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: apiUrl(view, repository, `/commits/${parent}`),
      html_url: webUrl(view, repository, `/commit/${parent}`),
    })),
  }
}

function knownUser(view: View, login: string): Shape | null {
  return view.state.users[login] === undefined ? null : userShape(view, login)
}

export function gitCommitShape(view: View, repository: Repository, sha: string): Shape {
  const { commit, ...outer } = commitShape(view, repository, sha) as { commit: Shape } & Shape
  const { author, committer, message, tree, url } = commit
  return {
    sha,
    node_id: outer['node_id'],
    url,
    html_url: outer['html_url'],
    author,
    committer,
    tree,
    message,
    parents: outer['parents'],
    verification: UNSIGNED,
  }
}

/** `head_commit` of a run. */
export function simpleCommitShape(repository: Repository, sha: string): Shape | null {
  const commit = repository.commits[sha]
  if (commit === undefined) return null
  const { author, committer, message } = commit
  const signed = ({ name, email }: Commit['author']): Shape => ({ name, email })
  return {
    id: sha,
    tree_id: rootTreeId(commit.files),
    message,
    timestamp: committer.date,
    author: signed(author),
    committer: signed(committer),
  }
}

/** The rows of a folder; all below it when `recursive`, with paths relative to it. */
export function treeShape(
  view: View,
  repository: Repository,
  files: Commit['files'],
  { folder, recursive }: { readonly folder: string; readonly recursive: boolean },
): Shape {
  const folders = foldersOf(files)
  const rowsOf = (at: string, prefix: string): Shape[] =>
    (folders.get(at)?.entries ?? []).flatMap(({ name, mode, sha }) => {
      const path = `${prefix}${name}`
      if (mode !== '040000')
        return [
          {
            path,
            mode,
            type: 'blob',
            sha,
            size: sizeOf(repository, sha),
            url: apiUrl(view, repository, `/git/blobs/${sha}`),
          },
        ]
      const row = {
        path,
        mode,
        type: 'tree',
        sha,
        url: apiUrl(view, repository, `/git/trees/${sha}`),
      }
      return recursive ? [row, ...rowsOf(at === '' ? name : `${at}/${name}`, `${path}/`)] : [row]
    })
  const sha = folders.get(folder)?.sha ?? ''
  return {
    sha,
    url: apiUrl(view, repository, `/git/trees/${sha}`),
    tree: rowsOf(folder, ''),
    truncated: false,
  }
}

export function sizeOf(repository: Repository, blob: string): number {
  return Buffer.from(repository.blobs[blob] ?? '', 'base64').length
}

/** Paths that differ between two trees, as rows of a comparison. */
export function diffShape(
  view: View,
  repository: Repository,
  before: Commit['files'],
  after: Commit['files'],
  head: string,
): Shape[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return paths
    .filter(
      (path) =>
        before[path]?.blob !== after[path]?.blob || before[path]?.mode !== after[path]?.mode,
    )
    .map((path) => {
      const [old, made] = [before[path], after[path]]
      const [deletions, additions] = [lines(repository, old?.blob), lines(repository, made?.blob)]
      return {
        sha: (made ?? old)?.blob ?? null,
        filename: path,
        status: old === undefined ? 'added' : made === undefined ? 'removed' : 'modified',
        additions,
        deletions,
        changes: additions + deletions,
        blob_url: webUrl(view, repository, `/blob/${head}/${encodeURI(path)}`),
        raw_url: webUrl(view, repository, `/raw/${head}/${encodeURI(path)}`),
        contents_url: apiUrl(view, repository, `/contents/${encodeURI(path)}?ref=${head}`),
      }
    })
}

/** Every line counts as changed: nobody needs a real difference of lines here. */
function lines(repository: Repository, blob: string | undefined): number {
  return blob === undefined
    ? 0
    : Buffer.from(repository.blobs[blob] ?? '', 'base64')
        .toString()
        .split('\n').length - 1
}

export function comparisonStatus(
  repository: Repository,
  base: string,
  head: string,
): 'identical' | 'ahead' | 'behind' | 'diverged' {
  if (base === head) return 'identical'
  if (isAncestor(repository, base, head)) return 'ahead'
  return isAncestor(repository, head, base) ? 'behind' : 'diverged'
}
