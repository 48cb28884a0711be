import { authenticate, type Identity } from './authenticate.ts'
import { isShape, type Answer, type Call, type Route } from './call.ts'
import { primaryRateLimitBody } from './faults.ts'
import { authorize } from './permissions.ts'
import { notFound, Refusal } from './refusal.ts'
import { resetOf } from './routes/identity.ts'
import type { State } from './state.ts'

export interface Request {
  readonly method: string
  readonly path: string
  readonly url: URL
  readonly found:
    { readonly route: Route; readonly params: Readonly<Record<string, string>> } | undefined
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly api: string
}

/** Carries a request out. Nothing in here waits, so requests do not mix. */
export function answerOf(
  state: State,
  request: Request,
): { readonly answer: Answer; readonly login: string | null; readonly body: unknown } {
  let identity: Identity | undefined
  let body: unknown
  try {
    identity = authenticate(state, request.headers['authorization'])
    countRequest(state, identity)
    body = json(request.body)
    const answer = handle(state, request, identity, body)
    return { answer: withLimits(state, identity, answer), login: identity.actor.login, body }
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    const login =
      identity === undefined || identity.actor.login === '' ? null : identity.actor.login
    return {
      answer: withLimits(state, identity, { status: cause.status, body: cause.body }),
      login,
      body,
    }
  }
}

function handle(
  state: State,
  { found, url, headers, api }: Request,
  identity: Identity,
  body: unknown,
): Answer {
  if (found === undefined) throw notFound()
  const { route, params } = found
  const call: Call = {
    state,
    view: { state, api },
    url,
    params,
    body: isShape(body) ? body : {},
    accept: headers['accept'] ?? '',
    ...identity,
  }
  if (route.needs === 'app') {
    if (identity.app === null) throw new Refusal(401, 'A JSON web token could not be decoded')
    return route.handle(call)
  }
  if (route.needs === 'token') {
    if (identity.token === null) throw new Refusal(401, 'Requires authentication')
    return route.handle(call)
  }
  const repository = state.repositories[`${params['owner'] ?? ''}/${params['repo'] ?? ''}`]
  if (repository === undefined) throw notFound()
  authorize(repository, identity.token, route.needs)
  return route.handle({ ...call, repository })
}

function countRequest(state: State, { token }: Identity): void {
  if (token === null) return
  if (token.requests >= state.behaviour.rateLimit)
    throw new Refusal(403, primaryRateLimitBody()['message'] ?? '')
  token.requests += 1
}

/** Every answer tells how many requests are left. */
function withLimits(state: State, identity: Identity | undefined, answer: Answer): Answer {
  const { rateLimit: limit } = state.behaviour
  const used = identity?.token?.requests ?? 0
  const limits = {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(Math.max(0, limit - used)),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(resetOf({ state })),
    'x-ratelimit-resource': 'core',
    'x-github-request-id': 'FA4E:1',
    'x-github-media-type': 'github.v3; format=json',
  }
  return { ...answer, headers: { ...limits, ...answer.headers } }
}

function json(body: string): unknown {
  if (body === '') return undefined
  try {
    return JSON.parse(body) as unknown
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new Refusal(400, 'Problems parsing JSON')
  }
}
