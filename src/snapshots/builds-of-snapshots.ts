import { ifReadable } from '../core/stop.ts'
import { buildSchema, type Build } from '../zenml/entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { readByIds } from './read-by-ids.ts'

/** A build that something refers to. */
export interface BuildReference {
  readonly projectId: string
  readonly id: string
}

/** A build never changes, so that each is read once for each server. */
const knownBuilds = new WeakMap<ZenmlServer, Map<string, Build>>()

/**
 * Reads builds, to which a snapshot has only a reference that does not say their version. For every
 * 500 builds of a project it needs at most one request, unless the server refuses pages of that
 * size, and one more for each build that the lists leave out. Throws for one that cannot be read.
 */
export function readBuilds(
  server: ZenmlServer,
  references: readonly BuildReference[],
): Promise<ReadonlyMap<string, Build>> {
  return readEach(server, references, (reading) => reading)
}

/** Reads builds as `readBuilds` does, and leaves out those that cannot be read. */
export function readableBuilds(
  server: ZenmlServer,
  references: readonly BuildReference[],
): Promise<ReadonlyMap<string, Build>> {
  return readEach(server, references, ifReadable)
}

async function readEach(
  server: ZenmlServer,
  references: readonly BuildReference[],
  judged: <T>(reading: Promise<T>) => Promise<T | undefined>,
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
    const query = { project: projectId, hydrate: true }
    const list = { path: '/pipeline_builds', schema: buildSchema, query } as const
    const listed = await judged(readByIds(server, list, missing()))
    for (const build of listed ?? []) known.set(build.id, build)
    // Lists leave out what the key may not see; asking for it says why.
    for (const id of listed === undefined ? [] : missing()) {
      const build = await judged(server.get(`/pipeline_builds/${id}`, buildSchema))
      if (build !== undefined) known.set(id, build)
    }
  }
  return known
}
