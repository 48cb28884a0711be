import * as z from 'zod'
import { sameVersion } from '../core/versions.ts'
import type { EarlierRun } from '../result/run.ts'
import { serverTime } from '../zenml/entities.ts'
import { hydratedRunSchema, type HydratedRun } from '../zenml/run-entities.ts'
import type { Query, ZenmlServer } from '../zenml/types.ts'
import { explainRun, versionUsed } from './explain.ts'
import { endOf } from './status.ts'

/** Which runs are older ones of the same snapshot. */
export interface EarlierRuns {
  readonly project: string
  /** The snapshot that a rebuild replaced: its runs still refer to it. */
  readonly replaced: string | undefined
  readonly pipelineId: string | undefined
  readonly stackId: string | undefined
  /** The version that is not earlier. */
  readonly target: string
}

/** How many of the newest runs of a pipeline are looked at. */
const LOOKED_AT = 20

const page = z.looseObject({ items: z.array(hydratedRunSchema) })

/**
 * Finds the last finished run of a snapshot before it was rebuilt, unless it used the target; else
 * the last one of its pipeline on the same stack with another client. Null where there is none. At most two lists, and the
 * requests of {@link explainRun}.
 */
export async function findEarlierRun(
  server: ZenmlServer,
  { project, replaced, pipelineId, stackId, target }: EarlierRuns,
): Promise<EarlierRun | null> {
  const newest = async (query: Query, isWanted: (run: HydratedRun) => boolean = () => true) => {
    const { items } = await server.get('/runs', page, {
      project,
      ...query,
      hydrate: true,
      sort_by: 'desc:created',
      size: LOOKED_AT,
      page: 1,
    })
    return items.find((run) => endOf(run.body.status) !== undefined && isWanted(run))
  }
  const ofSnapshot =
    replaced === undefined
      ? undefined
      : await newest({ source_snapshot_id: replaced }, (run) => !usedTarget(run, target))
  const found =
    ofSnapshot ??
    (pipelineId === undefined
      ? undefined
      : await newest({ pipeline_id: pipelineId, stack_id: stackId }, (run) =>
          usedAnother(run, target),
        ))
  if (found === undefined) return null
  return {
    ...(await explainRun(server, found.id, 'source')),
    of: ofSnapshot === undefined ? 'pipeline' : 'snapshot',
    started: serverTime(found.body.created).toISOString(),
  }
}

function usedTarget(run: HydratedRun, target: string): boolean {
  const version = versionUsed(run, 'source')
  return version !== null && sameVersion(version, target)
}

/** A run that does not say which client it used proves nothing about an older one. */
function usedAnother(run: HydratedRun, target: string): boolean {
  return versionUsed(run, 'source') !== null && !usedTarget(run, target)
}
