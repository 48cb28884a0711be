import { posix } from 'node:path'
import type { Source } from '../config/schema.ts'
import { isSameRepository, type RepositoryName } from '../git/repository-name.ts'
import type { Problem } from './blueprint.ts'
import { matches } from './patterns.ts'

/** Where the code of a snapshot was when it was made, and which sources have that now. */
export interface CodeOrigin {
  /** Module of its pipeline; undefined where neither the file nor the record names one. */
  readonly module: string | undefined
  /**
   * What its code reference names: the repository, and the source root in it. Undefined where it has none, or one that does not name a repository.
   */
  readonly reference:
    { readonly repository: RepositoryName; readonly subdirectory: string } | undefined
  /** The repository with the configuration file, where that is known. */
  readonly thisRepository: RepositoryName | undefined
  /** Host of the sources in other repositories. */
  readonly host: string
  /** Names of the sources whose root has the module. */
  readonly holders: readonly string[]
}

/** The source of a snapshot, those that it may be in, or why there is none. */
export type FoundSource =
  | { readonly kind: 'found'; readonly source: Source }
  | { readonly kind: 'undecided'; readonly sources: readonly Source[] }
  | ({ readonly kind: 'none' } & Problem)

/**
 * Finds the source that has the code of a snapshot: by the patterns of the file, else by the code
 * reference of the snapshot, else by the module of its pipeline. Without an origin only the patterns
 * decide, and a single source that has none. Pure.
 */
export function findSource(
  snapshot: Parameters<typeof matches>[1],
  sources: readonly Source[],
  origin?: CodeOrigin,
): FoundSource {
  const named = sources.filter(({ snapshots }) =>
    snapshots?.some((pattern) => matches(pattern, snapshot)),
  )
  const [first] = named
  if (first !== undefined) return named.length === 1 ? found(first) : ambiguousPatterns(named)
  const possible = sources.filter(({ snapshots }) => snapshots?.length !== 0)
  const [only] = possible
  if (only === undefined) return NO_PATTERN
  if (sources.length === 1 && only.snapshots === undefined) return found(only)
  return origin === undefined
    ? { kind: 'undecided', sources: possible }
    : findByCode(possible, origin)
}

function findByCode(possible: readonly Source[], origin: CodeOrigin): FoundSource {
  const { module, holders } = origin
  const referenced = possible.filter((source) => isReferenced(source, origin))
  const [exact] = referenced
  if (exact !== undefined && referenced.length === 1) return found(exact)
  if (module === undefined) return noModule(possible)
  const having = possible.filter(({ name }) => holders.includes(name))
  const preferred = having.filter((source) => referenced.includes(source))
  const ofRepository = having.filter((source) => isOfRepository(source, origin))
  const pool = [preferred, ofRepository, having].find(({ length }) => length > 0) ?? []
  const [holder] = pool
  if (holder === undefined) return moduleNowhere(module, possible)
  return pool.length === 1 ? found(holder) : { kind: 'undecided', sources: pool }
}

function isOfRepository(
  { repository }: Source,
  { reference, thisRepository, host }: CodeOrigin,
): boolean {
  const own = repository === undefined ? thisRepository : { host, path: repository }
  return reference !== undefined && own !== undefined && isSameRepository(own, reference.repository)
}

function isReferenced(source: Source, origin: CodeOrigin): boolean {
  return (
    isOfRepository(source, origin) &&
    plainPath(source.path) === plainPath(origin.reference?.subdirectory ?? '')
  )
}

/** `./services/churn/` as `services/churn`. */
function plainPath(path: string): string {
  return posix.normalize(path === '' ? '.' : path).replace(/\/$/, '')
}

const found = (source: Source): FoundSource => ({ kind: 'found', source })

const NO_PATTERN: FoundSource = {
  kind: 'none',
  message: 'No source has a pattern for this name.',
  next: 'Add the name to `snapshots` of its source, or to `exclude`.',
}

function ambiguousPatterns(sources: readonly Source[]): FoundSource {
  return {
    kind: 'none',
    message: `More than one source has a pattern for this name: ${namesOf(sources)}.`,
    next: 'Make the patterns of the sources fit one snapshot each.',
  }
}

function noModule(possible: readonly Source[]): FoundSource {
  return {
    kind: 'none',
    message: `No source has a pattern for this name, and its record does not name the module of its pipeline, so it cannot be found in ${namesOf(possible)}.`,
    next: 'Add the name to `snapshots` of its source and set `pipeline-source` for it, or exclude it.',
  }
}

function moduleNowhere(module: string, possible: readonly Source[]): FoundSource {
  return {
    kind: 'none',
    message: `No source has a pattern for this name, and none has its module \`${module}\`. Searched: ${possible.map(describeSource).join(', ')}.`,
    next: 'Correct `path` or `ref` of its source, add a source for its code, or exclude it.',
  }
}

function namesOf(sources: readonly Source[]): string {
  return sources.map(({ name }) => name).join(', ')
}

/** `churn (acme/churn, services/churn)`. */
function describeSource({ name, repository, path }: Source): string {
  const where = [repository ?? 'this repository', ...(path === '.' ? [] : [path])]
  return `${name} (${where.join(', ')})`
}
