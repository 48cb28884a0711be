import type * as z from 'zod'
import type { Item, ProjectList, Query, ZenmlServer } from '../zenml/types.ts'

/** Ids in the address of one request: proxies refuse addresses of more than some 4,000 characters. */
const IDS_IN_ONE_REQUEST = 80

/**
 * Reads entities of one project by their ids, with at most one request for every 500 entities of the
 * list. A list may be far longer than what is asked for, so that the cheaper of two ways is taken.
 * What the key may not see is missing.
 */
export async function readByIds<S extends z.ZodType<Item>>(
  server: ZenmlServer,
  { path, schema, query }: { path: ProjectList; schema: S; query: Query & { project: string } },
  ids: readonly string[],
): Promise<z.output<S>[]> {
  const requests = Math.ceil(ids.length / IDS_IN_ONE_REQUEST)
  if (requests > 1) {
    const { items } = await server.first(path, schema, query, requests)
    const wanted = new Set(ids)
    if (items !== undefined) return items.filter(({ id }) => wanted.has(id))
  }
  const found: z.output<S>[] = []
  for (let start = 0; start < ids.length; start += IDS_IN_ONE_REQUEST) {
    const some = JSON.stringify(ids.slice(start, start + IDS_IN_ONE_REQUEST))
    found.push(...(await server.list(path, schema, { ...query, id: `oneof:${some}` })))
  }
  return found
}
