import { isOlder } from '../core/versions.ts'
import { ApiError } from '../zenml/api-error.ts'
import { hydratedSnapshotSchema, type Build, type HydratedSnapshot } from '../zenml/entities.ts'
import { projects } from '../zenml/inventory.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { readBuilds, type BuildReference } from './builds-of-snapshots.ts'
import { SNAPSHOTS_SINCE, snapshotKey, type DiscoveredSnapshot } from './discovered.ts'
import { objectAt } from './json.ts'
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

async function readSnapshots(
  server: ZenmlServer,
  wantedProjects: readonly string[] | undefined,
): Promise<DiscoveredSnapshot[]> {
  const found: { project: { id: string; name: string }; record: HydratedSnapshot }[] = []
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
  const builds = await readBuilds(
    server,
    found.flatMap(({ project, record }) => buildReference(project.id, record)),
  )
  return found
    .map(({ project, record }) =>
      describe(project, record, builds.get(record.resources.build?.id ?? '') ?? null),
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1))
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
    key: snapshotKey(project.name, pipelineName, name),
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
