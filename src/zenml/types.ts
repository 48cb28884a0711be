import type * as z from 'zod'
import type { ServerInfo } from './info.ts'

export interface Item {
  readonly id: string
}

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
  // Without the project of the run, the server looks in the caller's default project and lists none.
  | `/runs/${string}/steps`

/** Lists of what belongs to the server as a whole. */
export type ServerList =
  | '/projects'
  | '/stacks'
  | '/components'
  | '/flavors'
  | '/users'
  | '/service_connectors'
  | '/secrets'
  | '/tags'

type ProjectQuery = Query & { readonly project: string }

export interface CallOptions {
  /**
   * For how long to try again when the server restarts (refused, reset, 502, 503, 504) or is busy
   * (429), in seconds. Default 20; 0 is one attempt.
   */
  readonly deadlineSeconds?: number
  /** For one attempt, in seconds. Default 30. */
  readonly timeoutSeconds?: number
  /** Called before each pause because the server is busy (429). */
  readonly onBusy?: () => void
  /**
   * For clean-up after the command was stopped from outside: one attempt, which the stop does not
   * abort.
   */
  readonly ignoreAbort?: boolean
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
  /**
   * How many there are and, of up to `pages` pages of 500 (default two), the items: at most so many
   * requests. `items` is undefined for a longer list.
   */
  first<S extends z.ZodType<Item>>(
    path: ProjectList,
    schema: S,
    query: ProjectQuery,
    pages?: number,
  ): Promise<{ total: number; items: z.output<S>[] | undefined }>
  first<S extends z.ZodType<Item>>(
    path: ServerList,
    schema: S,
    query?: Query,
  ): Promise<{ total: number; items: z.output<S>[] | undefined }>
  /** How many there are, without reading them. */
  total(path: ProjectList, query: ProjectQuery): Promise<number>
  total(path: ServerList, query?: Query): Promise<number>
}
