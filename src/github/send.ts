import type { Endpoints } from '@octokit/types'
import type { Machine } from '../runtime/runtime.ts'
import { registerSecret } from '../runtime/secrets.ts'
import { growingPauses, retry } from '../http/backoff.ts'
import { fetchBy } from '../http/fetch.ts'
import type { Urls } from './context.ts'
import { GithubError } from './errors.ts'
import { judge } from './judge.ts'

export type Route = keyof Endpoints
export type Parameters<R extends Route> = Omit<Endpoints[R]['parameters'], 'headers'>
export type Answer<R extends Route> = Endpoints[R]['response']

export interface CallOptions {
  /** Lets clean-up through after the command was stopped; it is then tried once. */
  readonly evenWhenStopped?: boolean
}

export interface Sender {
  /** @throws GithubError */
  send<R extends Route>(
    route: R,
    parameters: Parameters<R>,
    options?: CallOptions,
  ): Promise<Answer<R>>
  /** Requests sent so far, each repetition counted. */
  requests(): number
}

const TIMEOUT_SECONDS = 30
/** For one request, all pauses together. A longer pause that GitHub asks for is not waited for. */
const PAUSES = { deadlineSeconds: 180, firstSeconds: 1, longestSeconds: 180, tries: 4 }

/**
 * Sends requests with one token. Octokit is loaded here, so that a command without GitHub does not
 * pay for it. Octokit's own plugins for retries are not used: they send a POST again whose answer
 * was lost, and wait by a clock that nobody can stop.
 */
export async function sender({
  urls,
  token,
  machine,
}: {
  readonly urls: Urls
  readonly token: string
  readonly machine: Machine
}): Promise<Sender> {
  registerSecret(token)
  const api = new URL(urls.api)
  const request = await requester(urls.api, token, machine)
  let sent = 0
  return {
    async send<R extends Route>(
      route: R,
      parameters: Parameters<R>,
      { evenWhenStopped = false }: CallOptions = {},
    ) {
      return retry(machine, growingPauses(machine, PAUSES), async () => {
        try {
          sent += 1
          return { done: (await request(route, parameters, evenWhenStopped)) as Answer<R> }
        } catch (error) {
          if (!evenWhenStopped) machine.signal.throwIfAborted()
          return afterFailure(error, route, api, machine)
        }
      })
    },
    requests: () => sent,
  }
}

/** Loads Octokit. Returns a function that sends a request once and refuses what is not JSON. */
async function requester(baseUrl: string, token: string, machine: Machine) {
  const { request } = await import('@octokit/request')
  const octokit = request.defaults({
    baseUrl,
    headers: {
      authorization: `Bearer ${token}`,
      'user-agent': `zenml-upgrade/${__VERSION__}`,
      'x-github-api-version': '2022-11-28',
    },
    request: { fetch: fetchBy(machine) },
  })
  return async (route: string, parameters: object, evenWhenStopped: boolean): Promise<unknown> => {
    const timeout = AbortSignal.timeout(TIMEOUT_SECONDS * 1000)
    const signal = evenWhenStopped ? timeout : AbortSignal.any([machine.signal, timeout])
    return assertJson((await octokit(route, { ...parameters, request: { signal } })) as RawAnswer)
  }
}

interface RawAnswer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly data: unknown
}

/** Refuses what is no answer of the API: a proxy's login page, or a renamed repository's redirect. */
function assertJson(answer: RawAnswer): RawAnswer {
  const elsewhere =
    answer.status >= 300
      ? { message: 'the address leads elsewhere; was the repository renamed?' }
      : undefined
  if (elsewhere === undefined && (typeof answer.data !== 'string' || answer.data === ''))
    return answer
  throw Object.assign(new Error('no JSON'), {
    response: { ...answer, data: elsewhere ?? answer.data },
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

/**
 * Whether a list goes on.
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export function hasNextPage({ link }: { readonly link?: string | undefined }): boolean {
  return /;\s*rel="?next"?/.test(link ?? '')
}
