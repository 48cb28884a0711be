import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { normaliseAddress } from './address.ts'
import { KEY_VARIABLE, readAnswer, whereTheServerIs } from './answer.ts'
import { ApiError } from './api-error.ts'
import { send, type HttpRequest } from '../http/http.ts'
import { serverInfoSchema, type ServerInfo } from './info.ts'
import { readPages, readTotal, type Item } from './pages.ts'
import { createSession } from './session.ts'

export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>

/**
 * Lists of what belongs to a project. The server guesses a project when none is sent, so the type
 * demands it.
 */
export type ProjectList =
  | '/pipelines'
  | '/pipeline_snapshots'
  | '/pipeline_builds'
  | '/runs'
  | '/schedules'
  | '/triggers'
  | '/deployments'
  | '/artifacts'
  | '/artifact_versions'
  | '/models'
  | '/model_versions'
  | '/code_repositories'
  | '/run_templates'
/** Lists of what belongs to the server as a whole, or to the one entity in the path. */
export type ServerList =
  | '/projects'
  | '/stacks'
  | '/components'
  | '/flavors'
  | '/users'
  | '/service_connectors'
  | `/runs/${string}/steps`
export type ProjectQuery = Query & { readonly project: string }

export interface CallOptions {
  /**
   * For how long to try again when the server restarts (refused, reset, 502, 503, 504) or is busy
   * (429), in seconds. Default 20; 0 is one attempt.
   */
  readonly deadlineSeconds?: number
  /** For one attempt, in seconds. Default 30. */
  readonly timeoutSeconds?: number
  /**
   * For clean-up after the command was stopped from outside: one attempt, which the stop does not
   * abort.
   */
  readonly evenWhenStopped?: boolean
}

/**
 * One ZenML server over REST. Paths are relative to `/api/v1`.
 *
 * Errors of every call: `Stop` with `credentials-refused`, `server-unreachable`,
 * `not-a-zenml-server` or `unexpected-answer`; `ApiError` (a Stop too) for the statuses that the
 * caller may judge, such as 400, 402, 404, 405, 409, 422, 429, 500, 501.
 */
export interface ZenmlServer {
  /** Base address without a slash at its end and without `/api/v1`. */
  readonly url: string
  /**
   * What the server tells about itself; needs no credentials. One attempt unless told otherwise.
   */
  info(options?: CallOptions): Promise<ServerInfo>
  get<S extends z.ZodType>(
    path: string,
    schema: S,
    query?: Query,
    options?: CallOptions,
  ): Promise<z.output<S>>
  /** Tried again only when the server cannot have seen it. */
  post<S extends z.ZodType>(
    path: string,
    schema: S,
    body: unknown,
    query?: Query,
    options?: CallOptions,
  ): Promise<z.output<S>>
  put<S extends z.ZodType>(
    path: string,
    schema: S,
    body: unknown,
    query?: Query,
    options?: CallOptions,
  ): Promise<z.output<S>>
  delete(path: string, query?: Query, options?: CallOptions): Promise<void>
  /** Every item over all pages, oldest first unless `sort_by` says otherwise. */
  list<S extends z.ZodType<Item>>(
    path: ProjectList,
    schema: S,
    query: ProjectQuery,
  ): Promise<z.output<S>[]>
  list<S extends z.ZodType<Item>>(
    path: ServerList,
    schema: S,
    query?: Query,
  ): Promise<z.output<S>[]>
  /** How many there are, without reading them. */
  total(path: ProjectList, query: ProjectQuery): Promise<number>
  total(path: ServerList, query?: Query): Promise<number>
}

export interface ServerAccess {
  readonly url: string
  /** Service-account key; left out only for servers without authentication, and for `info`. */
  readonly apiKey?: string | undefined
  /**
   * The environment variable that the key came from, for messages; left out, ZENML_STORE_API_KEY.
   */
  readonly keyVariable?: string | undefined
  readonly machine: Machine
}

/**
 * A filter value that is taken as it stands: without it a name such as `in:house` would be read as
 * an operator.
 */
export function equals(value: string): string {
  return `equals:${value}`
}

/**
 * Contacts nothing yet: the key is exchanged for a token at the first call that needs one. Throws
 * Stop('invalid-input') for an address that cannot be one.
 */
export function connect({
  url,
  apiKey,
  keyVariable = KEY_VARIABLE,
  machine,
}: ServerAccess): ZenmlServer {
  const base = normaliseAddress(url)
  const key = apiKey?.trim() === '' ? undefined : apiKey?.trim()
  const session = createSession(base, { apiKey: key, variable: keyVariable }, machine)

  async function call<S extends z.ZodType>(
    method: HttpRequest['method'],
    path: string,
    schema: S,
    query: Query,
    options: CallOptions,
    json?: unknown,
  ): Promise<z.output<S>> {
    const address = apiUrl(base, path, query)
    const limits = { deadlineSeconds: DEADLINE_SECONDS, ...options }
    const ask = async (token: string | undefined) =>
      send({ ...limits, method, url: address, token, json }, machine)
    let token = await session.token(limits)
    let reply = await ask(token)
    if (reply.status === 401 && token !== undefined) {
      // A restarted server may have another signing key; the service-account key still holds.
      session.forget(token)
      token = await session.token(limits)
      reply = await ask(token)
    }
    if (reply.status === 401 && key === undefined)
      throw new Stop(
        'credentials-refused',
        `${base} asks for credentials, and there is no service-account key.`,
        { next: `Set ${keyVariable} to a service-account key of this server.` },
      )
    return readAnswer(reply, schema, {
      base,
      method,
      url: address,
      authenticated: true,
      keyVariable,
    })
  }

  const get: ZenmlServer['get'] = (path, schema, query = {}, options = {}) =>
    call('GET', path, schema, query, options)
  return {
    url: base,
    get,
    post: (path, schema, body, query = {}, options = {}) =>
      call('POST', path, schema, query, options, body),
    put: (path, schema, body, query = {}, options = {}) =>
      call('PUT', path, schema, query, options, body),
    async delete(path, query = {}, options = {}) {
      await call('DELETE', path, z.unknown(), query, options)
    },
    list: (path, schema, query = {}) => readPages(get, path, schema, query),
    total: (path, query = {}) => readTotal(get, path, query),
    async info(options = {}) {
      const address = apiUrl(base, '/info', {})
      const reply = await send({ ...options, method: 'GET', url: address }, machine)
      try {
        return readAnswer(reply, serverInfoSchema, {
          base,
          method: 'GET',
          url: address,
          authenticated: false,
        })
      } catch (error) {
        // JSON, but not of a ZenML server.
        if (
          error instanceof Stop &&
          error.code === 'unexpected-answer' &&
          !(error instanceof ApiError && error.status >= 500)
        )
          throw new Stop(
            'not-a-zenml-server',
            `${base} does not answer as a ZenML server: ${error.message}`,
            { next: whereTheServerIs(base), cause: error },
          )
        throw error
      }
    },
  }
}

const DEADLINE_SECONDS = 20

function apiUrl(base: string, path: string, query: Query): URL {
  const url = new URL(`${base}/api/v1${path}`)
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat())
      if (one !== undefined) url.searchParams.append(name, String(one))
  }
  return url
}
