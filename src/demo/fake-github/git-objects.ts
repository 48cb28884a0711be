import { createHash } from 'node:crypto'
import type { Commit, Signature } from './state.ts'

type Files = Commit['files']

/** One row of a tree: a file, a link or a folder. */
export interface TreeEntry {
  readonly name: string
  readonly mode: '100644' | '100755' | '120000' | '040000'
  readonly sha: string
}

/** A folder with all that is in it, by its path; the root's is ''. */
export type Folders = ReadonlyMap<
  string,
  { readonly sha: string; readonly entries: readonly TreeEntry[] }
>

/** Git's id of a blob. */
export function blobId(bytes: Buffer): string {
  return objectId('blob', bytes)
}

/** All folders of a flat tree, with git's ids. */
export function foldersOf(files: Files): Folders {
  const children = new Map<string, Map<string, TreeEntry | null>>([['', new Map()]])
  for (const [path, { mode, blob }] of Object.entries(files)) {
    const parts = path.split('/')
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/')
      within(children, parts.slice(0, depth - 1).join('/')).set(parts[depth - 1] ?? '', null)
      within(children, folder)
    }
    const name = parts.at(-1) ?? ''
    within(children, parts.slice(0, -1).join('/')).set(name, { name, mode, sha: blob })
  }
  const folders = new Map<string, { sha: string; entries: TreeEntry[] }>()
  // The deepest first, because a folder's id needs those of the folders in it.
  const depth = (path: string): number => (path === '' ? 0 : path.split('/').length)
  for (const folder of [...children.keys()].sort((left, right) => depth(right) - depth(left))) {
    const entries = [...within(children, folder)].map(([name, entry]): TreeEntry => {
      const below = folder === '' ? name : `${folder}/${name}`
      return entry ?? { name, mode: '040000', sha: folders.get(below)?.sha ?? '' }
    })
    entries.sort((left, right) =>
      Buffer.compare(Buffer.from(sortName(left)), Buffer.from(sortName(right))),
    )
    folders.set(folder, { sha: treeId(entries), entries })
  }
  return folders
}

export function rootTreeId(files: Files): string {
  return foldersOf(files).get('')?.sha ?? ''
}

/** Git's id of a commit. */
export function commitId(commit: Omit<Commit, 'sha'>): string {
  const lines = [
    `tree ${rootTreeId(commit.files)}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${signature(commit.author)}`,
    `committer ${signature(commit.committer)}`,
  ]
  return objectId('commit', Buffer.from(`${lines.join('\n')}\n\n${commit.message}`))
}

function within<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const found = map.get(key) ?? new Map<string, V>()
  map.set(key, found)
  return found
}

/** Git sorts a folder as if its name ended with a slash. */
function sortName({ name, mode }: TreeEntry): string {
  return mode === '040000' ? `${name}/` : name
}

function treeId(entries: readonly TreeEntry[]): string {
  const rows = entries.flatMap(({ name, mode, sha }) => [
    Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
    Buffer.from(sha, 'hex'),
  ])
  return objectId('tree', Buffer.concat(rows))
}

function signature({ name, email, date }: Signature): string {
  return `${name} <${email}> ${Date.parse(date) / 1000} +0000`
}

function objectId(type: string, content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex')
}
