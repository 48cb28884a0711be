import type { SnapshotFact } from './facts.ts'

/** Where the code of the snapshots is, in a repository with these files. */
export interface CodePlace {
  /** The ZenML source root: the folder from which most of the modules can be imported; `.` is the repository. */
  readonly path: string
  /** Snapshots whose module is not there. */
  readonly elsewhere: readonly SnapshotFact[]
  /** Other folders from which some of those can be imported. */
  readonly otherRoots: readonly string[]
}

/** Finds the modules of the snapshots among the files. The source root is the folder that serves most; of equals the one nearest to the top. */
export function findCode(snapshots: readonly SnapshotFact[], files: readonly string[]): CodePlace {
  const roots = new Map<SnapshotFact, readonly string[]>(snapshots.map((snapshot) => [snapshot, snapshot.module === null ? [] : rootsOf(snapshot.module, files)]))
  const served = (root: string) => [...roots.values()].filter((found) => found.includes(root)).length
  const all = [...new Set([...roots.values()].flat())].sort((a, b) => served(b) - served(a) || depth(a) - depth(b) || (a < b ? -1 : 1))
  const path = all[0] ?? '.'
  const elsewhere = snapshots.filter((snapshot) => !(roots.get(snapshot) ?? []).includes(path))
  return { path, elsewhere, otherRoots: [...new Set(elsewhere.flatMap((snapshot) => roots.get(snapshot) ?? []))] }
}

/** Folders below which a file is that module. */
function rootsOf(module: string, files: readonly string[]): string[] {
  const base = module.replaceAll('.', '/')
  return files.flatMap((file) => {
    const ending = [`${base}.py`, `${base}/__init__.py`].find((path) => file === path || file.endsWith(`/${path}`))
    if (ending === undefined) return []
    return [file === ending ? '.' : file.slice(0, -ending.length - 1)]
  })
}

function depth(path: string): number {
  return path === '.' ? 0 : path.split('/').length
}
