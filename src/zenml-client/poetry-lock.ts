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
  const isMain = packages.some(({ groups }) => groups !== undefined)
    ? ({ groups = [] }: LockedPackage) => groups.includes('main')
    : ({ name }: LockedPackage) => neededBy(mainNames(projectText), packages).has(packageName(name))
  return packages.filter(isMain).flatMap((one) => pinOf(one) ?? [])
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
  const needed = new Set(names)
  for (const name of needed)
    for (const { dependencies = {} } of packages.filter((one) => packageName(one.name) === name))
      for (const dependency of Object.keys(dependencies)) needed.add(packageName(dependency))
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
      return `${name} @ git+${source.url}@${source.resolved_reference ?? 'HEAD'}${subdirectory}${condition}`
    }
    default:
      return `${name}==${version}${condition}`
  }
}
