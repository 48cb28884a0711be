import { snapshotKey } from '../core/snapshot-key.ts'
import * as z from 'zod'
import { isOlder } from '../core/versions.ts'
import { ApiError } from '../zenml/api-error.ts'
import { hydratedSnapshotSchema, type Build, type HydratedSnapshot } from '../zenml/entities.ts'
import { projects } from '../zenml/inventory.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { readBuilds, type BuildReference } from './builds-of-snapshots.ts'
import { SNAPSHOTS_SINCE, type DiscoveredSnapshot } from './discovered.ts'
import { objectAt } from './json.ts'
import { readByIds } from './read-by-ids.ts'
import { carriedVersion, pythonVersion } from './staleness.ts'

/**
 * Finds every named snapshot of the wanted projects (default: of all that the key can see) with its
 * build, in the order of their keys. Undefined for a server that is too old to have snapshots.
 */
export async function discoverSnapshots(
  server: ZenmlServer,
  wantedProjects?: readonly string[],
): Promise<DiscoveredSnapshot[] | undefined> {
  try {
    return await readSnapshots(server, wantedProjects)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && (await isTooOld(server)))
      return undefined
    throw error
  }
}

/** A newer server that answers 404 has lost something, or a gateway hides it. */
async function isTooOld(server: ZenmlServer): Promise<boolean> {
  return isOlder((await server.info()).version, SNAPSHOTS_SINCE)
}

interface Found {
  readonly project: { readonly id: string; readonly name: string }
  readonly record: HydratedSnapshot
}

async function readSnapshots(
  server: ZenmlServer,
  wantedProjects: readonly string[] | undefined,
): Promise<DiscoveredSnapshot[]> {
  const found: Found[] = []
  for (const project of await projects(server, wantedProjects)) {
    const records = await server.list('/pipeline_snapshots', hydratedSnapshotSchema, {
      project: project.id,
      named_only: true,
      hydrate: true,
    })
    // A server that does not know `named_only` ignores it and lists what every run left.
    found.push(
      ...records.filter((record) => Boolean(record.name)).map((record) => ({ project, record })),
    )
  }
  return describeAll(server, found)
}

/** All that is read of a snapshot that is known already. */
const nameSchema = z.object({ id: z.string(), name: z.string().nullish() })

/**
 * Finds every named snapshot again. Only what is new or has another name than in `before` is read
 * whole: a record never changes otherwise, and a thousand of them twice are much memory.
 */
export async function discoverAgain(
  server: ZenmlServer,
  wantedProjects: readonly string[] | undefined,
  before: readonly DiscoveredSnapshot[],
): Promise<DiscoveredSnapshot[]> {
  const known = new Map(before.map((snapshot) => [snapshot.id, snapshot]))
  const same: DiscoveredSnapshot[] = []
  const found: Found[] = []
  for (const project of await projects(server, wantedProjects)) {
    const query = { project: project.id, named_only: true }
    const names = await server.list('/pipeline_snapshots', nameSchema, query)
    const isKnown = ({ id, name }: (typeof names)[number]) => known.get(id)?.name === name
    same.push(...names.filter(isKnown).flatMap(({ id }) => known.get(id) ?? []))
    const ids = names.filter((each) => Boolean(each.name) && !isKnown(each)).map(({ id }) => id)
    const list = {
      path: '/pipeline_snapshots',
      schema: hydratedSnapshotSchema,
      query: { ...query, hydrate: true },
    } as const
    const records = await readByIds(server, list, ids)
    found.push(...records.map((record) => ({ project, record })))
  }
  return [...same, ...(await describeAll(server, found))].sort(byKey)
}

/** The snapshot that has this name now, or undefined. */
export async function findSnapshot(
  server: ZenmlServer,
  { project, projectId, pipelineId, name }: DiscoveredSnapshot,
): Promise<DiscoveredSnapshot | undefined> {
  const records = await server.list('/pipeline_snapshots', hydratedSnapshotSchema, {
    project: projectId,
    named_only: true,
    hydrate: true,
    name: `equals:${name}`,
    pipeline: pipelineId,
    sort_by: 'desc:created',
  })
  const record = records.find(
    (candidate) =>
      candidate.name === name &&
      (pipelineId === undefined || candidate.resources.pipeline?.id === pipelineId),
  )
  if (record === undefined) return undefined
  const builds = await readBuilds(server, buildReference(projectId, record))
  return describe(
    { id: projectId, name: project },
    record,
    builds.get(record.resources.build?.id ?? '') ?? null,
  )
}

async function describeAll(
  server: ZenmlServer,
  found: readonly Found[],
): Promise<DiscoveredSnapshot[]> {
  const builds = await readBuilds(
    server,
    found.flatMap(({ project, record }) => buildReference(project.id, record)),
  )
  return found
    .map(({ project, record }) =>
      describe(project, record, builds.get(record.resources.build?.id ?? '') ?? null),
    )
    .sort(byKey)
}

const byKey = (a: DiscoveredSnapshot, b: DiscoveredSnapshot) => (a.key < b.key ? -1 : 1)

function buildReference(projectId: string, { resources }: HydratedSnapshot): BuildReference[] {
  const id = resources.build?.id
  return id === undefined ? [] : [{ projectId, id }]
}

function describe(
  project: { id: string; name: string },
  record: HydratedSnapshot,
  build: Build | null,
): DiscoveredSnapshot {
  const name = record.name ?? ''
  const { stack, pipeline } = record.resources
  const pipelineName = pipeline?.name ?? nameInRecord(record)
  return {
    key: snapshotKey({ project: project.name, pipeline: pipelineName, name }),
    id: record.id,
    project: project.name,
    projectId: project.id,
    pipeline: pipelineName,
    pipelineId: pipeline?.id,
    name,
    stack: stack ? { id: stack.id, name: stack.name } : undefined,
    record,
    build,
    version: carriedVersion(record, build),
    python: pythonVersion(record, build),
  }
}

function nameInRecord(record: HydratedSnapshot): string {
  const name = objectAt({ configuration: record.metadata.pipeline_configuration }, 'configuration')[
    'name'
  ]
  return typeof name === 'string' ? name : 'pipeline'
}
