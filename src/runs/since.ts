import { runSchema, type Run } from '../zenml/run-entities.ts'
import { serverTime } from '../zenml/entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import * as z from 'zod'
import { endOf } from './status.ts'
import { stopAndTell } from './wait.ts'

/**
 * A place in the server's own list of runs, so that the clocks of two machines are never compared.
 */
export interface RunsMark {
  readonly project: string
  /**
   * The second of the newest run, in the spelling of the server's filter; undefined where there was
   * no run.
   */
  readonly second: string | undefined
  /** The runs of that second that were there already. */
  readonly ids: readonly string[]
}

/** Marks the newest run of a project, before something starts runs there. */
export async function markRuns(server: ZenmlServer, project: string): Promise<RunsMark> {
  const newest = await server.get('/runs', z.looseObject({ items: z.array(runSchema) }), {
    project,
    sort_by: 'desc:created',
    size: 1,
    page: 1,
  })
  const created = newest.items[0]?.body.created
  if (created === undefined) return { project, second: undefined, ids: [] }
  // The filter knows whole seconds only: "%Y-%m-%d %H:%M:%S" (ZenML answers 422 to fractions and to
  // ISO's T).
  const second = serverTime(created).toISOString().slice(0, 19).replace('T', ' ')
  const there = await server.list('/runs', runSchema, { project, created: `gte:${second}` })
  return { project, second, ids: there.map((run) => run.id) }
}

/** Runs created after the mark, oldest first; only those of the user with `userId` where given. */
export async function runsSince(
  server: ZenmlServer,
  mark: RunsMark,
  userId?: string,
): Promise<Run[]> {
  return newSince(mark, userId, await server.list('/runs', runSchema, queryOf(mark, userId)))
}

/**
 * Tells every run of the user since the mark that has not ended to stop, also after the command was
 * stopped; a sentence for each. At most 100.
 */
export async function stopRunsSince(
  server: ZenmlServer,
  mark: RunsMark,
  userId: string,
): Promise<string[]> {
  const page = await server.get(
    '/runs',
    z.looseObject({ items: z.array(runSchema) }),
    { ...queryOf(mark, userId), sort_by: 'asc:created', size: 100, page: 1 },
    { ignoreAbort: true },
  )
  const open = newSince(mark, userId, page.items).filter(
    ({ body }) => endOf(body.status) === undefined,
  )
  return Promise.all(open.map((run) => stopAndTell(server, run)))
}

function queryOf(
  mark: RunsMark,
  userId: string | undefined,
): { project: string; user: string | undefined; created: string | undefined } {
  return {
    project: mark.project,
    user: userId,
    created: mark.second === undefined ? undefined : `gte:${mark.second}`,
  }
}

function newSince(mark: RunsMark, userId: string | undefined, runs: readonly Run[]): Run[] {
  return runs.filter(
    (run) => !mark.ids.includes(run.id) && (userId === undefined || run.body.user_id === userId),
  )
}
