import { ifReadable } from '../core/stop.ts'
import pMap from 'p-map'
import type { Machine } from '../runtime/runtime.ts'
import {
  deploymentSchema,
  hydratedSnapshotSchema,
  type HydratedSnapshot,
  type Project,
} from '../zenml/entities.ts'
import { ifThere } from '../zenml/inventory.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { readableBuilds } from './builds-of-snapshots.ts'
import { servedSnapshot } from './deployment-info.ts'
import type { DiscoveredSnapshot } from './discovered.ts'
import { carriedVersion, staleBecause } from './staleness.ts'

// A deployment keeps the snapshot that it was made from: `create_snapshot(replace=True)` is not
// refused and takes only the name away from it (0.94.1 `_remove_name_from_snapshot`, 0.98.0
// `_release_snapshot_name` with `DeploymentSchema.snapshot_id` among `SNAPSHOT_OWNER_COLUMNS`), and
// what runs goes on to serve the old code. When a deployment is provisioned again, its record names
// the new snapshot before its deployer is asked for anything (0.98.0 base_deployer.py, lines 566 to
// 587), so that after a failure only the deployment itself can say what it serves.

/** A pipeline that is served over HTTP, as the server has it. */
export interface Deployment {
  readonly id: string
  readonly name: string
  readonly project: string
  readonly projectId: string
  readonly pipeline: string | undefined
  readonly stack: { readonly id: string; readonly name: string } | undefined
  readonly deployer: { readonly name: string; readonly flavor: string | undefined } | undefined
  /** By the server's record; undefined when the snapshot was deleted. */
  readonly snapshotId: string | undefined
  /** By the server's record, which is as old as the last look of a client. */
  readonly status: string | undefined
  readonly url: string | undefined
}

/** A deployment with what it really serves. */
export interface ServedDeployment extends Deployment {
  /** By its own words, else by the server's record. */
  readonly servedId: string | undefined
  /** The deployment itself said so. */
  readonly answers: boolean
  /** The ZenML version of what it serves; undefined when the server does not say it. */
  readonly version: string | undefined
  readonly isOld: boolean
}

/** Deployments asked at the same time. */
const PARALLEL = 8

/** Reads one deployment as the server has it now. Throws ApiError 404 for one that is gone. */
export async function readDeployment(
  server: ZenmlServer,
  { id, project }: Pick<Deployment, 'id' | 'project'>,
): Promise<Deployment> {
  const found = await server.get(`/deployments/${id}`, deploymentSchema, { hydrate: false })
  return describe(project, found)
}

interface Known {
  readonly machine: Machine
  readonly target: string
  /** Snapshots whose records need not be read again. */
  readonly snapshots: readonly DiscoveredSnapshot[]
}

/**
 * Reads all deployments, and what they serve; undefined where the server has no such list or hides it
 * from the key.
 */
export async function readDeployments(
  server: ZenmlServer,
  projects: readonly Project[],
  known: Known,
): Promise<ServedDeployment[] | undefined> {
  const deployments: Deployment[] = []
  for (const project of projects) {
    const found = await ifThere(
      server.list('/deployments', deploymentSchema, { project: project.id }),
    )
    if (found === undefined) return undefined
    deployments.push(...found.map((each) => describe(project.name, each)))
  }
  const served = await pMap(
    deployments,
    async (deployment) => {
      const said = await servedSnapshot(deployment, known.machine)
      return { deployment, said, servedId: said ?? deployment.snapshotId }
    },
    { concurrency: PARALLEL },
  )
  const records = await readServed(server, served, known.snapshots)
  const builds = await readableBuilds(
    server,
    [...records.values()].flatMap(({ body, resources }) =>
      resources.build ? [{ projectId: body.project_id, id: resources.build.id }] : [],
    ),
  )
  return served.map(({ deployment, said, servedId }) => {
    const record = records.get(servedId ?? '')
    const build = builds.get(record?.resources.build?.id ?? '') ?? null
    const isUnread = build === null && Boolean(record?.resources.build)
    const version = record === undefined || isUnread ? undefined : carriedVersion(record, build)
    const isOld =
      record === undefined ||
      version === undefined ||
      staleBecause({ record, build, version }, known.target) !== undefined
    return { ...deployment, servedId, answers: said !== undefined, version, isOld }
  })
}

function describe(
  project: string,
  { id, name, body, resources }: ReturnType<typeof deploymentSchema.parse>,
): Deployment {
  const { deployer, pipeline, snapshot, stack } = resources
  return {
    id,
    name,
    project,
    projectId: body.project_id,
    pipeline: pipeline?.name,
    stack: stack ?? undefined,
    deployer: deployer ? { name: deployer.name, flavor: deployer.body?.flavor_name } : undefined,
    snapshotId: snapshot?.id,
    status: body.status ?? undefined,
    url: body.url ? body.url : undefined,
  }
}

/** The records of served snapshots by id: known ones, one list for each project, and the rest. */
async function readServed(
  server: ZenmlServer,
  served: readonly { readonly deployment: Deployment; readonly servedId: string | undefined }[],
  known: readonly DiscoveredSnapshot[],
): Promise<Map<string, HydratedSnapshot>> {
  const records = new Map(known.map(({ id, record }) => [id, record]))
  const missing = () =>
    served.filter(({ servedId }) => servedId !== undefined && !records.has(servedId))
  for (const project of new Set(missing().map(({ deployment }) => deployment.projectId))) {
    const deployed = await server.list('/pipeline_snapshots', hydratedSnapshotSchema, {
      project,
      deployed: true,
      hydrate: true,
    })
    for (const record of deployed) records.set(record.id, record)
  }
  // What a deployment itself says it serves, and the server's record of it does not.
  for (const { servedId = '' } of missing()) {
    const record = await ifReadable(
      server.get(`/pipeline_snapshots/${servedId}`, hydratedSnapshotSchema),
    )
    if (record !== undefined) records.set(servedId, record)
  }
  return records
}
