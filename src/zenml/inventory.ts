import { Stop } from '../core/stop.ts'
import type { Counts } from '../result/common.ts'
import type { Loss } from '../result/upgrade.ts'
import { ApiError } from './api-error.ts'
import {
  pipelineSchema,
  projectSchema,
  scheduleSchema,
  snapshotSchema,
  stackSummarySchema,
  type Project,
} from './entities.ts'
import type { ProjectList, ServerList, ZenmlServer } from './types.ts'

/**
 * What is on a server. A kind that this server does not have, or that the key may not see, is
 * absent: not measured, never 0.
 */
export interface Inventory {
  readonly counts: Counts
  /**
   * By kind, sorted: `pipelines` and `schedules` as project/name, `snapshots` as
   * project/pipeline/name, `projects` and `stacks` by name.
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

/**
 * Counted without being read. Flavors are left out of comparisons only in so far as they grow:
 * ZenML brings its own ones.
 */
const SERVER_TOTALS: readonly (readonly [string, ServerList])[] = [
  ['components', '/components'],
  ['flavors', '/flavors'],
  ['service-connectors', '/service_connectors'],
]
const PROJECT_TOTALS: readonly (readonly [string, ProjectList])[] = [
  ['snapshots', '/pipeline_snapshots'],
  ['runs', '/runs'],
  ['artifacts', '/artifacts'],
  ['artifact-versions', '/artifact_versions'],
  ['models', '/models'],
  ['builds', '/pipeline_builds'],
  ['triggers', '/triggers'],
  ['deployments', '/deployments'],
  ['code-repositories', '/code_repositories'],
]

/**
 * Totals and names of what an upgrade must keep. `wanted` as in `projects`. Some twelve small
 * requests for each project.
 */
export async function readInventory(
  server: ZenmlServer,
  wanted?: readonly string[],
): Promise<Inventory> {
  const counts: Record<string, number> = {}
  const names: Record<string, string[]> = {}
  const count = (kind: string, more: number | undefined) => {
    if (more !== undefined) counts[kind] = (counts[kind] ?? 0) + more
  }
  const name = (kind: string, found: readonly string[] | undefined) => {
    count(kind === 'snapshots' ? 'named-snapshots' : kind, found?.length)
    if (found !== undefined) names[kind] = [...(names[kind] ?? []), ...found].sort()
  }
  const chosen = await projects(server, wanted)
  name(
    'projects',
    chosen.map((project) => project.name),
  )
  await Promise.all([
    server.list('/stacks', stackSummarySchema).then((stacks) => {
      name(
        'stacks',
        stacks.map((stack) => stack.name),
      )
    }),
    ...SERVER_TOTALS.map(async ([kind, path]) => {
      count(kind, await ifThere(server.total(path)))
    }),
  ])
  for (const { id: project, name: prefix } of chosen) {
    const under = (...parts: (string | null | undefined)[]) =>
      [prefix, ...parts.map((part) => part ?? '?')].join('/')
    await Promise.all([
      server.list('/pipelines', pipelineSchema, { project }).then((found) => {
        name(
          'pipelines',
          found.map((each) => under(each.name)),
        )
      }),
      ifThere(
        server.list('/pipeline_snapshots', snapshotSchema, { project, named_only: true }),
      ).then((found) => {
        name(
          'snapshots',
          found?.map((each) => under(each.resources.pipeline?.name, each.name)),
        )
      }),
      ifThere(server.list('/schedules', scheduleSchema, { project })).then((found) => {
        name(
          'schedules',
          found?.map((each) => under(each.name)),
        )
      }),
      ...PROJECT_TOTALS.map(async ([kind, path]) => {
        count(kind, await ifThere(server.total(path, { project })))
      }),
    ])
  }
  return { counts, names }
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
