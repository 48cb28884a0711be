import type { Actor } from './actor.ts'
import { Refusal } from './refusal.ts'
import type { Shape, View } from './shapes/view.ts'
import type { Level, PermissionName, Repository, State, Token } from './state.ts'

/** One request, understood. */
export interface Call {
  readonly state: State
  readonly view: View
  /** Full address of the request, for links to other pages. */
  readonly url: URL
  readonly params: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  readonly accept: string
  readonly actor: Actor
  readonly token: Token | null
  /** Slug of the app whose JSON web token was sent. */
  readonly app: string | null
}

/** A call to a route below `/repos/{owner}/{repo}`. */
export interface RepositoryCall extends Call {
  readonly repository: Repository
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Need = `${PermissionName}:${Level}`

export type Route =
  | {
      readonly method: string
      readonly route: `/repos/{owner}/{repo}${string}`
      readonly needs: readonly Need[]
      readonly handle: (call: RepositoryCall) => Answer
    }
  | {
      readonly method: string
      readonly route: '/user' | '/rate_limit'
      readonly needs: 'token'
      readonly handle: (call: Call) => Answer
    }
  | {
      readonly method: string
      readonly route: string
      readonly needs: 'app'
      readonly handle: (call: Call) => Answer
    }

/** @param needs Permissions of which one is enough. */
export function route(
  method: string,
  path: `/repos/{owner}/{repo}${string}`,
  needs: readonly Need[],
  handle: (call: RepositoryCall) => Answer,
): Route {
  return { method, route: path, needs, handle }
}

export function ok(body: unknown): Answer {
  return { status: 200, body }
}

export function created(body: unknown): Answer {
  return { status: 201, body }
}

export const NO_CONTENT: Answer = { status: 204 }

/** One page of a list, with the `Link` header to the others. */
export function page<T>(
  call: Call,
  items: readonly T[],
  shape: (item: T) => unknown,
  wrap: (rows: unknown[]) => unknown = (rows) => rows,
): Answer {
  const size = Math.min(100, Math.max(1, whole(call.url.searchParams.get('per_page'), 30)))
  const number = Math.max(1, whole(call.url.searchParams.get('page'), 1))
  const last = Math.max(1, Math.ceil(items.length / size))
  const others = [
    ...(number > 1
      ? ([
          ['prev', Math.min(number - 1, last)],
          ['first', 1],
        ] as const)
      : []),
    ...(number < last
      ? ([
          ['next', number + 1],
          ['last', last],
        ] as const)
      : []),
  ]
  const link = others.map(([rel, to]) => {
    const url = new URL(call.url)
    url.searchParams.set('page', String(to))
    return `<${url.href}>; rel="${rel}"`
  })
  const rows = items.slice((number - 1) * size, number * size).map((item) => shape(item))
  return {
    status: 200,
    body: wrap(rows),
    headers: link.length === 0 ? {} : { link: link.join(', ') },
  }
}

function whole(text: string | null, otherwise: number): number {
  return text !== null && /^\d+$/.test(text) ? Number(text) : otherwise
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? ''
}

/** A number in the path; what is no number names nothing. */
export function numberParam(call: Call, name: string): number {
  return whole(call.params[name] ?? null, -1)
}

/** A text the body must have. @throws Refusal 422. */
export function text(call: Call, name: string): string {
  const value = call.body[name]
  if (typeof value === 'string') return value
  throw new Refusal(
    422,
    value === undefined
      ? `Invalid request.\n\n"${name}" wasn't supplied.`
      : `Invalid request.\n\nFor 'properties/${name}', ${JSON.stringify(value)} is not a string.`,
  )
}

/** A text the body may have. */
export function textOr<T>(call: Call, name: string, otherwise: T): string | T {
  return call.body[name] === undefined || call.body[name] === null ? otherwise : text(call, name)
}

export function oneOf<T extends string>(call: Call, name: string, allowed: readonly T[]): T {
  const value = text(call, name)
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined)
    throw new Refusal(
      422,
      `Invalid request.\n\nFor 'properties/${name}', ${value} is not a member of ${JSON.stringify(allowed)}.`,
    )
  return found
}

export function flag(call: Call, name: string): boolean | undefined {
  const value = call.body[name]
  return typeof value === 'boolean' ? value : undefined
}

export function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
