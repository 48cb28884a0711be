import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import type { Item, Query, ZenmlServer } from './types.ts'

const SIZE = 100
/** Ten thousand pages are a million entities: nobody's server, but what a broken one may claim. */
const MOST_PAGES = 10_000

const pageSchema = z.looseObject({
  index: z.int(),
  total_pages: z.int(),
  total: z.int().min(0),
  items: z.array(z.looseObject({ id: z.string() })),
})

/**
 * Reads all pages, each item once by id. Throws Stop('unexpected-answer') for pages that do not go
 * on.
 */
export async function readPages<S extends z.ZodType<Item>>(
  get: ZenmlServer['get'],
  path: string,
  schema: S,
  query: Query,
): Promise<z.output<S>[]> {
  const page = pageSchema.extend({ items: z.array(schema) })
  const found = new Map<string, z.output<S>>()
  for (let number = 1; ; number += 1) {
    // The order must not change between two pages, and servers differ in their default.
    const {
      index,
      total_pages: pages,
      items,
    } = await get(path, page, { sort_by: 'asc:created', size: SIZE, ...query, page: number })
    const before = found.size
    for (const item of items) found.set(item.id, item)
    const asked = index === number
    if (asked && (number >= pages || items.length === 0)) return [...found.values()]
    if (!asked || found.size === before || pages > MOST_PAGES) {
      throw new Stop(
        'unexpected-answer',
        `The list ${path} does not go on after page ${number} of ${pages}.`,
        { next: 'Look whether a gateway in front of the server drops query parameters.' },
      )
    }
  }
}

/** The total of a list from its smallest page. */
export async function readTotal(
  get: ZenmlServer['get'],
  path: string,
  query: Query,
): Promise<number> {
  const { total } = await get(path, pageSchema, { ...query, page: 1, size: 1 })
  return total
}

const FIRST_SIZE = 500
const FIRST_PAGES = 2

/**
 * Reads the total of a list and, of up to a thousand entities, the entities: at most two requests.
 * `items` is undefined for a longer list.
 */
export async function readFirst<S extends z.ZodType<Item>>(
  get: ZenmlServer['get'],
  path: string,
  schema: S,
  query: Query,
): Promise<{ total: number; items: z.output<S>[] | undefined }> {
  const page = pageSchema.extend({ items: z.array(schema) })
  const found = new Map<string, z.output<S>>()
  for (let number = 1; ; number += 1) {
    const asked = { sort_by: 'asc:created', size: FIRST_SIZE, ...query, page: number }
    const { total, items } = await get(path, page, asked)
    for (const item of items) found.set(item.id, item)
    if (total > FIRST_SIZE * FIRST_PAGES) return { total, items: undefined }
    if (found.size >= total || number >= FIRST_PAGES || items.length === 0)
      return { total, items: found.size >= total ? [...found.values()] : undefined }
  }
}
