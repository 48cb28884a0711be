import { parse } from 'smol-toml'
import * as z from 'zod'
import { packageName } from './package-name.ts'

const lockedPackage = z.looseObject({
  name: z.string(),
  version: z.string(),
  optional: z.boolean().optional(),
  /** Poetry 2 writes them. */
  groups: z.array(z.string()).optional(),
  markers: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  dependencies: z.record(z.string(), z.unknown()).optional(),
  source: z
    .looseObject({
      type: z.string(),
      url: z.string(),
      resolved_reference: z.string().optional(),
      subdirectory: z.string().optional(),
    })
    .optional(),
})
type LockedPackage = z.infer<typeof lockedPackage>
const lock = z.looseObject({ package: z.array(lockedPackage).prefault([]) })
const project = z.looseObject({
  project: z.looseObject({ dependencies: z.array(z.string()).prefault([]) }).optional(),
  tool: z
    .looseObject({
      poetry: z
        .looseObject({ dependencies: z.record(z.string(), z.unknown()).prefault({}) })
        .optional(),
    })
    .optional(),
})

/**
 * Requirement lines of the main group of a `poetry.lock`. Poetry before 2 does not write the groups
 * of a package; there the main group is what `pyproject.toml` needs, and what that needs.
 */
export function poetryPins(lockText: string, projectText: string | undefined): string[] {
  const packages = lock.parse(parse(lockText)).package.filter(({ optional }) => optional !== true)
  return mainGroup(packages, projectText).flatMap((one) => pinOf(one) ?? [])
}

function mainGroup(packages: readonly LockedPackage[], projectText: string | undefined) {
  if (packages.some(({ groups }) => groups !== undefined))
    return packages.filter(({ groups = [] }) => groups.includes('main'))
  const needed = neededBy(mainNames(projectText), packages)
  return packages.filter(({ name }) => needed.has(packageName(name)))
}

/** Names of packages that the project itself asks for. */
function mainNames(text: string | undefined): string[] {
  const { project: standard, tool } = project.parse(parse(text ?? ''))
  const ofPoetry = Object.entries(tool?.poetry?.dependencies ?? {})
    .filter(([name, wish]) => name !== 'python' && !isOptional(wish))
    .map(([name]) => name)
  return [...ofPoetry, ...(standard?.dependencies ?? [])].map(packageName)
}

function isOptional(wish: unknown): boolean {
  return typeof wish === 'object' && wish !== null && 'optional' in wish && wish.optional === true
}

/** These packages and all that they depend on. */
function neededBy(names: readonly string[], packages: readonly LockedPackage[]): Set<string> {
  // A package is locked in several versions where each is for other machines.
  const dependenciesOf = new Map<string, string[]>()
  for (const { name, dependencies = {} } of packages) {
    const key = packageName(name)
    const known = dependenciesOf.get(key) ?? []
    dependenciesOf.set(key, [...known, ...Object.keys(dependencies).map(packageName)])
  }
  const needed = new Set(names)
  for (const name of needed)
    for (const dependency of dependenciesOf.get(name) ?? []) needed.add(dependency)
  return needed
}

/** Undefined for a package of the repository itself, which the source root has as code. */
function pinOf({ name, version, markers, source }: LockedPackage): string | undefined {
  const marker = typeof markers === 'object' ? markers['main'] : markers
  const condition = marker === undefined ? '' : ` ; ${marker}`
  switch (source?.type) {
    case 'directory':
    case 'file':
      return undefined
    case 'url':
      return `${name} @ ${source.url}${condition}`
    case 'git': {
      const subdirectory =
        source.subdirectory === undefined ? '' : `#subdirectory=${source.subdirectory}`
      return `${name} @ git+${gitAddress(source.url)}@${source.resolved_reference ?? 'HEAD'}${subdirectory}${condition}`
    }
    default:
      return `${name}==${version}${condition}`
  }
}

/** A requirement holds an address with a scheme; Git also takes `git@github.com:acme/lib.git`. */
function gitAddress(url: string): string {
  const [, host, path] = /^((?:[^/:@]+@)?[^/:@]+):(?!\/\/)\/?(.+)$/.exec(url) ?? []
  return host === undefined || path === undefined ? url : `ssh://${host}/${path}`
}
