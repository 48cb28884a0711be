import type { SnapshotFact } from './facts.ts'

/** A folder from which modules can be imported, and the snapshots whose modules those are. */
export interface CodePlace {
  /** The ZenML source root; `.` is the repository. */
  readonly path: string
  readonly snapshots: readonly SnapshotFact[]
}

export interface Code {
  /** At least one, the first of them that of most snapshots. Each snapshot is in one. */
  readonly places: readonly [CodePlace, ...CodePlace[]]
  /** Snapshots whose module is in none. */
  readonly elsewhere: readonly SnapshotFact[]
}

/**
 * Finds the modules of the snapshots among the files of the repository. A folder that serves more
 * comes first; of equals the one nearest to the top.
 */
export function findCode(snapshots: readonly SnapshotFact[], files: readonly string[]): Code {
  const roots = new Map<SnapshotFact, readonly string[]>(
    snapshots.map((snapshot) => [
      snapshot,
      snapshot.module === null ? [] : rootsOf(snapshot.module, files),
    ]),
  )
  const all = [...new Set([...roots.values()].flat())]
  const places: CodePlace[] = []
  let left = snapshots
  for (;;) {
    const servedBy = (root: string) =>
      left.filter((snapshot) => roots.get(snapshot)?.includes(root))
    const [path] = [...all].sort(
      (a, b) => servedBy(b).length - servedBy(a).length || depth(a) - depth(b) || (a < b ? -1 : 1),
    )
    const served = path === undefined ? [] : servedBy(path)
    if (path === undefined || served.length === 0) break
    places.push({ path, snapshots: served })
    left = left.filter((snapshot) => !served.includes(snapshot))
  }
  const [first = { path: '.', snapshots: [] }, ...rest] = places
  return { places: [first, ...rest], elsewhere: left }
}

/** Folders below which a file is that module. */
function rootsOf(module: string, files: readonly string[]): string[] {
  const base = module.replaceAll('.', '/')
  return files.flatMap((file) => {
    const ending = [`${base}.py`, `${base}/__init__.py`].find(
      (path) => file === path || file.endsWith(`/${path}`),
    )
    if (ending === undefined) return []
    return [file === ending ? '.' : file.slice(0, -ending.length - 1)]
  })
}

function depth(path: string): number {
  return path === '.' ? 0 : path.split('/').length
}
