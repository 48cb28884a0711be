import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import type { Counts } from '../result/common.ts'
import type { Loss } from '../result/upgrade.ts'
import { ApiError } from './api-error.ts'
import { projectSchema, type Project } from './entities.ts'
import type { ProjectList, ServerList, ZenmlServer } from './types.ts'

/**
 * What is on a server. A kind that this server does not have, or that the key may not see, is
 * absent: not measured, never 0.
 */
export interface Inventory {
  readonly counts: Counts
  /**
   * By kind, sorted: kinds of a project as project/name, `snapshots` as project/pipeline/name,
   * components and custom flavors as type/name. A kind with more than a thousand is absent.
   */
  readonly names: Readonly<Record<string, readonly string[]>>
}

/**
 * All projects that the key can see, or the wanted ones by name or id. Throws
 * Stop('preflight-failed') for a wanted one that is not there.
 */
export async function projects(
  server: ZenmlServer,
  wanted?: readonly string[],
): Promise<Project[]> {
  const all = await server.list('/projects', projectSchema)
  const seen = all.length === 0 ? 'none' : all.map(({ name }) => name).join(', ')
  if (wanted === undefined) {
    if (all.length === 0)
      throw new Stop('preflight-failed', `The key can see no project on ${server.url}.`, {
        next: 'Give its service account a role in the projects to upgrade.',
      })
    return all
  }
  return [...new Set(wanted)].map((name) => {
    const project = all.find((each) => each.name === name || each.id === name)
    if (project === undefined)
      throw new Stop(
        'preflight-failed',
        `There is no project ${JSON.stringify(name)} on ${server.url} that the key can see; it sees: ${seen}.`,
        {
          next: 'Correct `projects` in zenml-upgrade.yml, or give the service account a role in that project.',
        },
      )
    return project
  })
}

/** An entity of which only the name is read: nothing else of a secret gets into this process. */
const nameSchema = z.object({
  id: z.string(),
  name: z.string().nullish(),
  /** Names of some kinds are unique for each type only; a trigger has its name in here. */
  body: z.object({ name: z.string().nullish(), type: z.string().nullish().catch(null) }).nullish(),
})

/** ZenML brings flavors of its own, and changes them: only custom ones have names to keep. */
const flavorSchema = z.object({
  id: z.string(),
  name: z.string(),
  body: z.object({ type: z.string(), is_custom: z.boolean().nullish() }),
})

const snapshotNameSchema = z.object({
  id: z.string(),
  name: z.string().nullish(),
  resources: z.object({ pipeline: z.object({ name: z.string() }).nullish() }),
})

/** Kinds of a server as a whole whose names are read. */
const SERVER_NAMES: readonly (readonly [string, ServerList])[] = [
  ['stacks', '/stacks'],
  ['components', '/components'],
  ['service-connectors', '/service_connectors'],
  ['secrets', '/secrets'],
  ['tags', '/tags'],
]
/** Kinds of a project whose names are read. */
const PROJECT_NAMES: readonly (readonly [string, ProjectList])[] = [
  ['pipelines', '/pipelines'],
  ['schedules', '/schedules'],
  ['models', '/models'],
  ['artifacts', '/artifacts'],
  ['code-repositories', '/code_repositories'],
  ['triggers', '/triggers'],
  ['deployments', '/deployments'],
]
/** Kinds without names, counted without being read. */
const PROJECT_TOTALS: readonly (readonly [string, ProjectList])[] = [
  ['snapshots', '/pipeline_snapshots'],
  ['runs', '/runs'],
  ['artifact-versions', '/artifact_versions'],
  ['builds', '/pipeline_builds'],
]

/** An inventory while it is read. */
interface Growing {
  readonly counts: Record<string, number>
  readonly names: Record<string, string[]>
  /** Kinds with more entities than are read: comparing a part of their names would say nothing. */
  readonly tooMany: Set<string>
}

interface Read {
  readonly total: number
  /** undefined: too many to be read. */
  readonly names: readonly string[] | undefined
}

/**
 * Totals of what an upgrade must keep, and the names of up to a thousand entities of each kind that
 * has names. `wanted` as in `projects`. Some twelve requests for each project, twice as many where
 * there are more than 500 of each kind.
 */
export async function readInventory(
  server: ZenmlServer,
  wanted?: readonly string[],
): Promise<Inventory> {
  const chosen = await projects(server, wanted)
  const names = chosen.map((project) => project.name).sort()
  const found: Growing = {
    counts: { projects: names.length },
    names: { projects: names },
    tooMany: new Set(),
  }
  await Promise.all([
    ...SERVER_NAMES.map(async ([kind, path]) => {
      const read = await ifThere(server.first(path, nameSchema))
      add(
        found,
        kind,
        kind,
        named(read, (each) => nameOf(each)),
      )
    }),
    ifThere(server.first('/flavors', flavorSchema)).then((read) => {
      const custom = read?.items?.filter(({ body }) => body.is_custom)
      const kept = read && { total: read.total, items: custom }
      add(
        found,
        'flavors',
        'flavors',
        named(kept, (each) => nameOf(each)),
      )
    }),
  ])
  for (const project of chosen) await readProject(server, project, found)
  for (const kind of found.tooMany) Reflect.deleteProperty(found.names, kind)
  return { counts: found.counts, names: found.names }
}

async function readProject(
  server: ZenmlServer,
  { id: project, name: prefix }: Project,
  found: Growing,
): Promise<void> {
  await Promise.all([
    ...PROJECT_NAMES.map(async ([kind, path]) => {
      const read = await ifThere(server.first(path, nameSchema, { project }))
      add(
        found,
        kind,
        kind,
        named(read, (each) => `${prefix}/${nameOf(each)}`),
      )
    }),
    ifThere(
      server.first('/pipeline_snapshots', snapshotNameSchema, { project, named_only: true }),
    ).then((read) => {
      const name = (each: z.output<typeof snapshotNameSchema>) =>
        [prefix, each.resources.pipeline?.name ?? '?', each.name ?? '?'].join('/')
      add(found, 'named-snapshots', 'snapshots', named(read, name))
    }),
    ...PROJECT_TOTALS.map(async ([kind, path]) => {
      const total = await ifThere(server.total(path, { project }))
      if (total !== undefined) found.counts[kind] = (found.counts[kind] ?? 0) + total
    }),
  ])
}

/**
 * Lists the kinds that an inventory does not have: they are not on a server of this version, or the
 * key may not see them.
 */
export function unreadKinds({ counts }: Pick<Inventory, 'counts'>): string[] {
  const kinds = [...SERVER_NAMES, ['flavors'], ...PROJECT_NAMES, ...PROJECT_TOTALS].map(
    ([kind = '']) => kind,
  )
  return kinds.filter((kind) => counts[kind] === undefined)
}

function nameOf({ name, body }: z.output<typeof nameSchema>): string {
  const type = body?.type
  return `${type === undefined || type === null ? '' : `${type}/`}${name ?? body?.name ?? '?'}`
}

function named<T>(
  read: { readonly total: number; readonly items: readonly T[] | undefined } | undefined,
  name: (item: T) => string,
): Read | undefined {
  return read && { total: read.total, names: read.items?.map(name) }
}

/** Adds what was read of one kind; `undefined` for a kind that is not there. */
function add(found: Growing, count: string, kind: string, read: Read | undefined): void {
  if (read === undefined) return
  found.counts[count] = (found.counts[count] ?? 0) + read.total
  if (read.names === undefined) found.tooMany.add(kind)
  else found.names[kind] = [...(found.names[kind] ?? []), ...read.names].sort()
}

/**
 * Undefined for a kind that this version of the server does not have (404, 405) or the key may not
 * see (403).
 */
export async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ApiError && [403, 404, 405].includes(error.status)) return undefined
    throw error
  }
}

const MOST_NAMES = 20

/**
 * Lists what is missing or fewer than before; empty when nothing was lost. What grew is no loss.
 */
export function compareInventories(before: Inventory, after: Inventory): Loss[] {
  const fewer = Object.entries(before.counts).flatMap(([kind, was]) => {
    const is = after.counts[kind]
    const subject = `number of ${kind}`
    if (is === undefined)
      return [{ subject, message: `${kind}: ${was} before, and now they cannot be counted.` }]
    return is < was ? [{ subject, message: `${kind}: ${was} before, ${is} now.` }] : []
  })
  const missing = Object.entries(before.names).flatMap(([kind, known]) => {
    const there = new Set(after.names[kind] ?? [])
    const gone = after.names[kind] === undefined ? [] : known.filter((name) => !there.has(name))
    const more =
      gone.length > MOST_NAMES
        ? [
            {
              subject: `more ${kind}`,
              message: `${kind}: ${gone.length - MOST_NAMES} more are gone.`,
            },
          ]
        : []
    const listed = gone
      .slice(0, MOST_NAMES)
      .map((name) => ({ subject: `${kind}/${name}`, message: `${kind}: ${name} is gone.` }))
    return [...listed, ...more]
  })
  return [...fewer, ...missing]
}
