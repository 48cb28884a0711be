import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import { ServerFailure } from '../http/server-failure.ts'
import { ApiError } from './api-error.ts'
import type { Item, Query, ZenmlServer } from './types.ts'

/** ZenML gives out up to 10,000 entities a page, unless it is configured otherwise. */
const SIZE = 500
const SMALL_SIZE = 50
/** Ten thousand pages are a million entities: nobody's server, but what a broken one may claim. */
const MOST_PAGES = 10_000

const pageSchema = z.looseObject({
  index: z.int(),
  total_pages: z.int(),
  total: z.int().min(0),
  items: z.array(z.looseObject({ id: z.string() })),
})

/** A reader of one list: gives the page of a number, at most so many items of it. */
type GetPage<S extends z.ZodType<Item>> = (
  number: number,
  size: number | undefined,
) => Promise<{ index: number; total_pages: number; total: number; items: z.output<S>[] }>

function pagesOf<S extends z.ZodType<Item>>(
  get: ZenmlServer['get'],
  path: string,
  schema: S,
  query: Query,
): GetPage<S> {
  const page = pageSchema.extend({ items: z.array(schema) })
  // The order must not change between two pages, and servers differ in their default.
  return (number, size) => get(path, page, { sort_by: 'asc:created', size, ...query, page: number })
}

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
  const getPage = pagesOf(get, path, schema, query)
  for (const size of [SIZE, SMALL_SIZE]) {
    try {
      return await readAll(path, getPage, size)
    } catch (error) {
      if (!isTooMuch(error)) throw error
    }
  }
  return readAll(path, getPage, undefined)
}

/**
 * Tells whether a smaller page may do: the entities are so large that a page is too much for one
 * answer, or the server's own limit (ZENML_PAGINATION_DEFAULT_LIMIT) is lower, which it answers
 * with 422.
 */
function isTooMuch(error: unknown): boolean {
  return error instanceof ServerFailure
    ? error.kind === 'too-large' || error.kind === 'timed-out'
    : error instanceof ApiError && error.status === 422
}

async function readAll<S extends z.ZodType<Item>>(
  path: string,
  getPage: GetPage<S>,
  size: number | undefined,
): Promise<z.output<S>[]> {
  const found = new Map<string, z.output<S>>()
  for (let number = 1; ; number += 1) {
    const { index, total_pages: pages, items } = await getPage(number, size)
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

const FIRST_PAGES = 2

/**
 * Reads the total of a list and, where it has at most `pages` pages of 500, the entities: at most so
 * many requests, except where the server gives out smaller pages only. `items` is undefined for a
 * longer list, which costs one request.
 */
export async function readFirst<S extends z.ZodType<Item>>(
  get: ZenmlServer['get'],
  path: string,
  schema: S,
  query: Query,
  pages = FIRST_PAGES,
): Promise<{ total: number; items: z.output<S>[] | undefined }> {
  const most = SIZE * pages
  const getPage = pagesOf(get, path, schema, query)
  try {
    return await readUpTo(most, getPage)
  } catch (error) {
    if (!isTooMuch(error)) throw error
    const total = await readTotal(get, path, query)
    return { total, items: total > most ? undefined : await readPages(get, path, schema, query) }
  }
}

async function readUpTo<S extends z.ZodType<Item>>(
  most: number,
  getPage: GetPage<S>,
): Promise<{ total: number; items: z.output<S>[] | undefined }> {
  const found = new Map<string, z.output<S>>()
  for (let number = 1; ; number += 1) {
    const { total, items } = await getPage(number, SIZE)
    for (const item of items) found.set(item.id, item)
    if (total > most) return { total, items: undefined }
    if (found.size >= total || number * SIZE >= most || items.length === 0)
      return { total, items: found.size >= total ? [...found.values()] : undefined }
  }
}
