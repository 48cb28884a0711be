import type { Fault, State } from './state.ts'

const DOCS =
  'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api'

/**
 * The next fault that fits a request; counts it down.
 * @param route The route in GitHub's description, null when the fake has none.
 */
export function takeFault(
  state: State,
  request: { readonly method: string; readonly route: string | null; readonly body: string },
): Fault | undefined {
  for (const fault of state.faults) {
    if (fault.times === 0 || !fits(fault, request)) continue
    if ((fault.skip ?? 0) > 0) {
      fault.skip = (fault.skip ?? 0) - 1
      continue
    }
    if (fault.times !== null) fault.times = (fault.times ?? 1) - 1
    return fault
  }
  return undefined
}

function fits(
  { method, route, bodyHas }: Fault,
  request: { readonly method: string; readonly route: string | null; readonly body: string },
): boolean {
  return (
    (method === undefined || method === request.method) &&
    (route === undefined || route === request.route) &&
    (bodyHas === undefined || request.body.includes(bodyHas))
  )
}

/**
 * GitHub's answer to too many requests in a short time. @param retryAfter Seconds; left out: the
 * header is missing.
 */
export function secondaryRateLimit({
  status = 403,
  retryAfter,
}: { readonly status?: 403 | 429; readonly retryAfter?: number } = {}): NonNullable<
  Fault['answer']
> {
  return {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    body: {
      message:
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.',
      documentation_url: `${DOCS}#about-secondary-rate-limits`,
    },
  }
}

/** An answer of one of GitHub's front ends, which is a page and not JSON. */
export function serverError(status: 500 | 502 | 503 | 504): NonNullable<Fault['answer']> {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!DOCTYPE html><title>Unicorn! &middot; GitHub</title>',
  }
}

export function primaryRateLimitBody(): Record<string, string> {
  return { message: 'API rate limit exceeded for installation.', documentation_url: DOCS }
}
