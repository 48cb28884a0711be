// A ZenML server that has only lists, and answers them as the real one does: pages of at most `size`
// entities (0.98.0 sql_zen_store.py, `filter_and_paginate`), `id=oneof:[…]` (models/v2/base/filter.py,
// `GenericFilterOps.ONEOF`), no `metadata` without `hydrate`, `deployed` (models/v2/core/pipeline_snapshot.py).
import { httpServer, type HttpTestServer, type Reply, type SeenRequest } from './http-server.ts'

export interface ListedEntity {
  readonly id: string
  readonly name?: string | null
  readonly body?: Readonly<Record<string, unknown>>
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly resources?: Readonly<Record<string, unknown>>
}

export interface ZenmlLists {
  readonly version: string
  /** By their path, such as `/pipeline_builds`; a path that is missing answers 404. */
  readonly lists: Readonly<Record<string, readonly ListedEntity[]>>
  /** Paths of lists that the key may not read: 403. */
  readonly forbidden?: readonly string[]
}

const PROJECT = { id: 'p', name: 'default' }

/** Starts such a server, with the one project `default`, whose id is `p`. */
export function zenmlLists({
  version,
  lists,
  forbidden = [],
}: ZenmlLists): Promise<HttpTestServer> {
  const all: Partial<ZenmlLists['lists']> = { '/projects': [PROJECT], ...lists }
  return httpServer((request) => {
    const path = request.path.replace('/api/v1', '')
    if (path === '/login')
      return { json: { access_token: 'token', token_type: 'bearer', expires_in: null } }
    if (path === '/info') return { json: { id: 'server-1', version } }
    if (forbidden.some((hidden) => path.startsWith(hidden)))
      return {
        status: 403,
        json: { detail: ['IllegalOperationError', 'Insufficient permissions'] },
      }
    const list = all[path]
    if (list !== undefined) return page(list, request)
    const entity = all[path.slice(0, path.lastIndexOf('/'))]?.find(({ id }) =>
      path.endsWith(`/${id}`),
    )
    return entity === undefined ? { status: 404, json: { detail: 'Not Found' } } : { json: entity }
  })
}

function page(list: readonly ListedEntity[], { query }: SeenRequest): Reply {
  const [number, size] = [Number(query.get('page') ?? 1), Number(query.get('size') ?? 20)]
  const ids = query.get('id')?.replace(/^oneof:/, '')
  const wanted = ids === undefined ? undefined : (JSON.parse(ids) as string[])
  const found = list
    .filter(({ id }) => wanted === undefined || wanted.includes(id))
    .filter(({ name }) => query.get('named_only') !== 'true' || Boolean(name))
    .filter(({ body }) => query.get('deployed') !== 'true' || body?.['deployed'] === true)
  return {
    json: {
      index: number,
      max_size: size,
      total_pages: Math.ceil(found.length / size),
      total: found.length,
      items: found
        .slice((number - 1) * size, number * size)
        .map((entity) =>
          query.get('hydrate') === 'true' ? entity : { ...entity, metadata: undefined },
        ),
    },
  }
}

/** How often each path was asked, with `{id}` for one entity. */
export function requestsOf({ seen }: Pick<HttpTestServer, 'seen'>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { path } of seen) {
    const [list = '', one] = path.replace('/api/v1/', '').split('/')
    const key = one === undefined ? `/${list}` : `/${list}/{id}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
