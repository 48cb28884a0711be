import type { Machine } from '../runtime/runtime.ts'
import { requestBy } from './dispatchers.ts'
import { proxyFor } from './proxy.ts'

interface FetchInit {
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Text only. */
  readonly body?: string | null | undefined
  readonly signal?: AbortSignal | null | undefined
}
export type Fetch = (url: string, init?: FetchInit) => Promise<Response>

/** Statuses whose answer has no body, not even an empty one. */
const BODILESS = new Set([204, 205, 304])

/**
 * A `fetch` for the clients of other services, so that proxies and private authorities hold for
 * them as for a ZenML server. It follows no redirect, for that would carry the secret along.
 * Rejects with undici's own errors.
 */
export function fetchBy(machine: Machine): Fetch {
  return async (target, { method = 'GET', headers, body, signal } = {}) => {
    const url = new URL(target)
    const answer = await requestBy(proxyFor(url, machine.env), url, {
      method: method as 'GET',
      body: body ?? null,
      ...(headers === undefined ? {} : { headers }),
      ...(signal === undefined || signal === null ? {} : { signal }),
    })
    const text = await answer.body.text()
    const pairs = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    )
    const response = new Response(BODILESS.has(answer.statusCode) ? null : text, {
      status: answer.statusCode,
      headers: pairs,
    })
    // A response that is made by hand has no address, and Octokit's pages parse it.
    return Object.defineProperty(response, 'url', { value: url.href })
  }
}
