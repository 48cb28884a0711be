import type { Octokit } from '@octokit/rest'
import type { createAppAuth } from '@octokit/auth-app'
import { growingPauses, retry } from '../http/backoff.ts'
import { fetchBy } from '../http/fetch.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { Urls } from './context.ts'
import { GithubError } from './errors.ts'
import { judge } from './judge.ts'

export type { Octokit, RestEndpointMethodTypes } from '@octokit/rest'

/** Given to a method of Octokit as `request`. */
export interface CallOptions {
  /** Lets clean-up through after the command was stopped; it is then tried once. */
  readonly ignoreAbort?: boolean
}

/** A token, or the key of a GitHub App. */
type Credentials =
  | { readonly auth: string }
  | {
      readonly authStrategy: typeof createAppAuth
      readonly auth: { readonly appId: string; readonly privateKey: string }
    }

interface OctokitSource {
  readonly urls: Urls
  readonly credentials: Credentials
  readonly machine: Machine
}

const TIMEOUT_SECONDS = 30
/** For one request, all pauses together. A longer pause that GitHub asks for is not waited for. */
const PAUSES = { deadlineSeconds: 180, firstSeconds: 1, longestSeconds: 180, tries: 4 }

/**
 * Opens Octokit; contacts nothing. Octokit is loaded here, so that a command without GitHub does
 * not pay for it. Its methods throw GithubError.
 */
export async function openOctokit({ urls, credentials, machine }: OctokitSource): Promise<Octokit> {
  const { Octokit } = await import('@octokit/rest')
  const log = logOf(machine)
  const octokit = new Octokit({
    ...credentials,
    baseUrl: urls.api,
    userAgent: `zenml-upgrade/${__VERSION__}`,
    log,
    request: { fetch: fetchBy(machine), log },
  })
  repeatSafely(octokit, new URL(urls.api), machine)
  return octokit
}

/** Octokit's own log prints every 404 to standard error. */
function logOf({ log }: Machine) {
  const debug = (line: string) => {
    log.debug(`GitHub: ${line}`)
  }
  // What Octokit calls debug is the whole request, with the token.
  return { debug: () => undefined, info: debug, warn: debug, error: debug }
}

/**
 * Repeats a request only where twice does no harm: see {@link judge}. Octokit's own plugins for
 * this are not used, because they send a POST again whose answer was lost, and because no abort
 * ends their pauses.
 */
function repeatSafely(octokit: Octokit, api: URL, machine: Machine): void {
  octokit.hook.wrap('request', (request, options) => {
    const route = routeOf(options, api)
    const ignoreAbort = options.request['ignoreAbort'] === true
    const headers = { ...options.headers, 'x-github-api-version': '2022-11-28' }
    return retry(machine, growingPauses(machine, PAUSES), async () => {
      const timeout = AbortSignal.timeout(TIMEOUT_SECONDS * 1000)
      const signal = ignoreAbort ? timeout : AbortSignal.any([machine.signal, timeout])
      try {
        // Changed in place, for Octokit gives its inner hooks this object, not what is passed on.
        Object.assign(options, { headers, request: { ...options.request, signal } })
        return { done: assertJson(await request(options)) }
      } catch (error) {
        if (!ignoreAbort) machine.signal.throwIfAborted()
        return afterFailure(error, route, api, machine)
      }
    })
  })
}

/**
 * Names what is asked, for messages. Pages of a list have their whole address, which GitHub gives.
 * @throws GithubError for a page on another host, which would get the token
 */
function routeOf(
  { method, url }: { readonly method: string; readonly url: string },
  api: URL,
): string {
  if (url.startsWith('/')) return `${method} ${url}`
  const { origin, pathname } = new URL(url)
  const base = api.pathname.replace(/\/$/, '')
  const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname
  const route = `${method} ${path}`
  if (origin === api.origin) return route
  throw new GithubError({
    problem: 'unexpected',
    status: undefined,
    route,
    detail: `the list continues on another host, ${origin}`,
    permission: undefined,
    mayBeDone: false,
    next: `Set GITHUB_API_URL to the address that GitHub itself uses, if it is not ${api.origin}.`,
    cause: undefined,
  })
}

interface RawAnswer {
  readonly status: number
  readonly headers: object
  readonly data: unknown
}

/**
 * Refuses what is no answer of the API: a proxy's login page, or a renamed repository's redirect.
 */
function assertJson<A extends RawAnswer>(answer: A): A {
  const redirect =
    answer.status >= 300
      ? { message: 'the address leads elsewhere; was the repository renamed?' }
      : undefined
  if (redirect === undefined && (typeof answer.data !== 'string' || answer.data === ''))
    return answer
  throw Object.assign(new Error('no JSON'), {
    response: { ...answer, data: redirect ?? answer.data },
  })
}

/** Says whether to try again after a failure. @throws GithubError when that cannot help */
function afterFailure(error: unknown, route: string, api: URL, machine: Machine) {
  const { facts, again } = judge(error, route, api, machine)
  const giveUp = () => {
    throw new GithubError(facts)
  }
  if (again === undefined || machine.signal.aborted) return giveUp()
  const onPause = (seconds: number) => {
    machine.log.info(`GitHub: ${facts.problem} for ${route}; once more in ${Math.ceil(seconds)} s`)
  }
  return { again, giveUp, onPause }
}
