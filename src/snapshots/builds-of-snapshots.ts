import { buildSchema, type Build } from '../zenml/entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'

/** Ids in the address of one request: proxies refuse addresses of more than some 4,000 characters. */
const IDS_IN_ONE_REQUEST = 80

/** A build that something refers to. */
export interface BuildReference {
  readonly projectId: string
  readonly id: string
}

/** A build never changes, so that each is read once for each server. */
const knownBuilds = new WeakMap<ZenmlServer, Map<string, Build>>()

/**
 * Reads builds with at most one request for every 500 builds of their project: a snapshot has only a
 * reference to its build, which does not say its version. Throws for one that cannot be read.
 */
export async function readBuilds(
  server: ZenmlServer,
  references: readonly BuildReference[],
): Promise<ReadonlyMap<string, Build>> {
  const known = knownBuilds.get(server) ?? new Map<string, Build>()
  knownBuilds.set(server, known)
  for (const projectId of new Set(references.map((reference) => reference.projectId))) {
    const missing = () => [
      ...new Set(
        references
          .filter((reference) => reference.projectId === projectId && !known.has(reference.id))
          .map(({ id }) => id),
      ),
    ]
    for (const build of await listBuilds(server, projectId, missing())) known.set(build.id, build)
    // Lists leave out what the key may not see; asking for it says why.
    for (const id of missing())
      known.set(id, await server.get(`/pipeline_builds/${id}`, buildSchema))
  }
  return known
}

/** A server may have far more builds than are asked for, so that the cheaper of two ways is taken. */
async function listBuilds(
  server: ZenmlServer,
  project: string,
  ids: readonly string[],
): Promise<Build[]> {
  const query = { project, hydrate: true }
  const requests = Math.ceil(ids.length / IDS_IN_ONE_REQUEST)
  if (requests > 1) {
    const { items } = await server.first('/pipeline_builds', buildSchema, query, requests)
    if (items !== undefined) return items.filter(({ id }) => ids.includes(id))
  }
  const builds: Build[] = []
  for (let start = 0; start < ids.length; start += IDS_IN_ONE_REQUEST) {
    const some = JSON.stringify(ids.slice(start, start + IDS_IN_ONE_REQUEST))
    builds.push(
      ...(await server.list('/pipeline_builds', buildSchema, { ...query, id: `oneof:${some}` })),
    )
  }
  return builds
}
