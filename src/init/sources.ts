import type { ChosenCode, SnapshotFact } from './facts.ts'

/** A folder from which modules can be imported, and the snapshots whose modules those are. */
export interface CodePlace {
  /** The ZenML source root; `.` is the repository. */
  readonly path: string
  readonly snapshots: readonly SnapshotFact[]
}

/** A pipeline whose module is in several folders, and its snapshots. */
export interface AmbiguousCode {
  /** `project/pipeline`. */
  readonly pipeline: string
  readonly module: string
  readonly paths: readonly string[]
  readonly snapshots: readonly SnapshotFact[]
}

export interface Code {
  /** At least one, the first of them that of most snapshots. */
  readonly places: readonly [CodePlace, ...CodePlace[]]
  /** Only a person knows which of the folders is meant. */
  readonly ambiguous: readonly AmbiguousCode[]
  /** Snapshots whose module is in no folder. */
  readonly elsewhere: readonly SnapshotFact[]
}

/**
 * Finds the modules of the snapshots among the files of the repository. Where several folders have a
 * module, the one that the snapshot records or a person chose counts, and else none.
 */
export function findCode(
  snapshots: readonly SnapshotFact[],
  files: readonly string[],
  chosen: ChosenCode = new Map(),
): Code {
  const found = snapshots.map((snapshot) => ({
    snapshot,
    paths: pathsOf(snapshot, rootsOf(snapshot.module, files), chosen),
  }))
  const places = new Map<string, SnapshotFact[]>()
  const ambiguous = new Map<string, AmbiguousCode>()
  for (const { snapshot, paths } of found) {
    const [path] = paths
    if (path === undefined) continue
    if (paths.length === 1) places.set(path, [...(places.get(path) ?? []), snapshot])
    else {
      const { module } = snapshot
      const pipeline = pipelineOf(snapshot)
      const key = `${pipeline} ${module ?? ''}`
      const others = ambiguous.get(key)?.snapshots ?? []
      ambiguous.set(key, {
        pipeline,
        module: module ?? '',
        paths,
        snapshots: [...others, snapshot],
      })
    }
  }
  const [first = { path: '.', snapshots: [] }, ...rest] = [...places]
    .map(([path, served]) => ({ path, snapshots: served }))
    .sort(
      (a, b) =>
        b.snapshots.length - a.snapshots.length ||
        depth(a.path) - depth(b.path) ||
        (a.path < b.path ? -1 : 1),
    )
  return {
    places: [first, ...rest],
    ambiguous: [...ambiguous.values()],
    elsewhere: found.filter(({ paths }) => paths.length === 0).map(({ snapshot }) => snapshot),
  }
}

export function pipelineOf({ project, pipeline }: SnapshotFact): string {
  return `${project}/${pipeline}`
}

/** The folders that may be meant, those nearest to the top first. */
function pathsOf(
  snapshot: SnapshotFact,
  roots: readonly string[],
  chosen: ChosenCode,
): readonly string[] {
  const known = [snapshot.subdirectory, chosen.get(pipelineOf(snapshot))].find(
    (path) => typeof path === 'string' && roots.includes(path),
  )
  if (typeof known === 'string') return [known]
  return [...roots].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
}

/** Folders below which a file is that module. */
function rootsOf(module: string | null, files: readonly string[]): string[] {
  if (module === null) return []
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
