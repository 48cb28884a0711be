import { distance } from 'fastest-levenshtein'
import type { Config, DeclaredSnapshot, Source } from '../config/schema.ts'
import type { Environment } from '../core/environments.ts'
import type { DiscoveredSnapshot, SelectedSnapshot } from './discovered.ts'
import { findSource } from './find-source.ts'
import { matches } from './patterns.ts'

/** What a snapshot is known by; a plan knows no more of it. */
export type NamedSnapshot = Pick<DiscoveredSnapshot, 'key' | 'project' | 'pipeline' | 'name'>

/**
 * What the file and the server together say: what to work on, what to leave, and what does not fit.
 */
export interface Selection<S extends NamedSnapshot = DiscoveredSnapshot> {
  readonly selected: readonly SelectedSnapshot<S>[]
  readonly excluded: readonly {
    readonly snapshot: S
    readonly declared: boolean
    readonly reason: string
  }[]
  readonly misfits: readonly Misfit<S>[]
  readonly undecided: readonly UndecidedSnapshot<S>[]
}

/** A snapshot whose source only the code tells. */
export interface UndecidedSnapshot<S extends NamedSnapshot = DiscoveredSnapshot> {
  readonly snapshot: S
  readonly declaration: DeclaredSnapshot | undefined
  /** Those that it may be in; at least one. */
  readonly sources: readonly Source[]
}

/**
 * A declaration or a snapshot that cannot be worked on. `snapshot` is undefined where a declaration
 * names none.
 */
export interface Misfit<S extends NamedSnapshot = DiscoveredSnapshot> {
  readonly snapshot: S | undefined
  readonly declaration: DeclaredSnapshot | undefined
  readonly message: string
  readonly next: string
}

const NEAREST = 3

/**
 * Joins the discovered snapshots with the file. A source that its patterns do not name is left
 * undecided, because only the code tells it. Pure.
 */
export function selectSnapshots<S extends NamedSnapshot>(
  discovered: readonly S[],
  file: Pick<Config, 'sources' | 'snapshots' | 'exclude'>,
  environment: Environment,
): Selection<S> {
  const { declarations, misfits } = joinDeclarations(discovered, file.snapshots, environment)
  const selected: SelectedSnapshot<S>[] = []
  const excluded: { snapshot: S; declared: boolean; reason: string }[] = []
  const undecided: UndecidedSnapshot<S>[] = []
  for (const snapshot of discovered) {
    const declaration = declarations.get(snapshot.key)
    const exclusion = file.exclude.find(({ pattern }) => matches(pattern, snapshot))
    if (exclusion !== undefined) {
      excluded.push({ snapshot, declared: declaration !== undefined, reason: exclusion.reason })
      continue
    }
    const found = findSource(snapshot, file.sources)
    if (found.kind === 'found') selected.push({ snapshot, source: found.source, declaration })
    else if (found.kind === 'undecided')
      undecided.push({ snapshot, declaration, sources: found.sources })
    else misfits.push({ snapshot, declaration, message: found.message, next: found.next })
  }
  return { selected, excluded, misfits, undecided }
}

/** Finds the snapshot that each declaration is for, by its key. */
function joinDeclarations<S extends NamedSnapshot>(
  discovered: readonly S[],
  declared: readonly DeclaredSnapshot[],
  environment: Environment,
): { readonly declarations: Map<string, DeclaredSnapshot>; readonly misfits: Misfit<S>[] } {
  const misfits: Misfit<S>[] = []
  const declarations = new Map<string, DeclaredSnapshot>()
  for (const declaration of declared) {
    const candidates = discovered.filter((snapshot) => isDeclaredBy(snapshot, declaration))
    const [only] = candidates
    if (only !== undefined && candidates.length === 1) {
      const other = declarations.get(only.key)
      if (other === undefined) declarations.set(only.key, declaration)
      else
        misfits.push({
          snapshot: undefined,
          declaration,
          message: `Two entries of \`snapshots\` are for ${only.key}.`,
          next: 'Keep one of them.',
        })
    } else if (candidates.length > 1) misfits.push(ambiguous(declaration, candidates))
    else if (isExpected(declaration, environment)) misfits.push(missing(declaration, discovered))
  }
  return { declarations, misfits }
}

function isDeclaredBy(snapshot: NamedSnapshot, declaration: DeclaredSnapshot): boolean {
  return (
    snapshot.name === declaration.name &&
    (declaration.project === undefined || snapshot.project === declaration.project) &&
    (declaration.pipeline === undefined || snapshot.pipeline === declaration.pipeline)
  )
}

/**
 * An entry whose `config` names files for the other environment only is about a snapshot that is
 * only there.
 */
function isExpected(declaration: DeclaredSnapshot, environment: Environment): boolean {
  const files = Object.keys(declaration.config ?? {})
  return files.length === 0 || files.includes(environment)
}

function ambiguous(
  declaration: DeclaredSnapshot,
  candidates: readonly NamedSnapshot[],
): Misfit<never> {
  return {
    snapshot: undefined,
    declaration,
    message: `The entry \`${declaration.name}\` of \`snapshots\` fits more than one: ${candidates.map(({ key }) => key).join(', ')}.`,
    next: 'Add `pipeline` (and `project`) to the entry, and one entry for each.',
  }
}

function missing(
  declaration: DeclaredSnapshot,
  discovered: readonly NamedSnapshot[],
): Misfit<never> {
  const wanted = declaration.name
  const nearest = [...discovered]
    .sort((a, b) => distance(a.name, wanted) - distance(b.name, wanted))
    .slice(0, NEAREST)
  const has =
    nearest.length === 0
      ? 'It has no named snapshot'
      : `Nearest are ${nearest.map(({ key }) => key).join(', ')}`
  return {
    snapshot: undefined,
    declaration,
    message: `The server has no snapshot \`${wanted}\`, and its entry does not say which pipeline to make it from. ${has}.`,
    next: 'Correct `name`, `pipeline` or `project` of the entry, create the snapshot once by hand, or remove the entry.',
  }
}
