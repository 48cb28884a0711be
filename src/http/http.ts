import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { answeredAt, growingPauses, retry, retryAfterSeconds, type Attempted } from './backoff.ts'
import { requestBy } from './dispatchers.ts'
import { proxyFor } from './proxy.ts'
import { ServerFailure } from './server-failure.ts'
import { proxyWantsLogin, transportProblem, unreachable } from './transport-errors.ts'

export { closeHttp } from './dispatchers.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly token?: string | undefined
  /** Media types that are understood; left out, JSON. */
  readonly accept?: string
  /** At most one of the two bodies. */
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  /** For one attempt, in seconds. */
  readonly timeoutSeconds?: number | undefined
  /**
   * For how long to try again after what a restart or a busy server causes, in seconds; 0 is one
   * attempt.
   */
  readonly deadlineSeconds?: number | undefined
  /**
   * Whether the request may reach the server twice. Reading may, writing only where the caller says
   * so.
   */
  readonly repeatable?: boolean
  /** Called before each pause because the server is busy (429). */
  readonly onBusy?: (() => void) | undefined
  /** Lets clean-up through after the command was stopped. */
  readonly ignoreAbort?: boolean | undefined
}

export interface HttpReply {
  readonly status: number
  /** Media type without its parameters, in lower case. */
  readonly type: string
  readonly location: string | undefined
  /** The pause that the answer asks for. */
  readonly retryAfterSeconds: number | undefined
  /**
   * The request went through a proxy without a tunnel: the answer may be the proxy's own, and says
   * nothing about the server then.
   */
  readonly perhapsOfProxy: boolean
  readonly text: string
}

const TIMEOUT_SECONDS = 30
const BODY_LIMIT = 64 * 1024 * 1024
const FIRST_PAUSE_SECONDS = 0.5
const LONGEST_PAUSE_SECONDS = 10
/**
 * At least so long between two questions to a busy server: ZenML 0.94.1 leaves an anonymous
 * snapshot behind for every run it turns away.
 */
const BUSY_PAUSE_SECONDS = 5
/** What a gateway says while the server behind it restarts. */
const RESTARTING = new Set([502, 503, 504])

/**
 * Sends a request and returns whatever status comes back; redirects are never followed, for they
 * would carry the secret along. Throws Stop('server-unreachable') when no answer came, and the
 * abort reason when the command was stopped.
 */
export async function send(call: HttpRequest, machine: Machine): Promise<HttpReply> {
  const backoff = growingPauses(machine, {
    deadlineSeconds: call.deadlineSeconds ?? 0,
    firstSeconds: FIRST_PAUSE_SECONDS,
    longestSeconds: LONGEST_PAUSE_SECONDS,
  })
  return retry(machine, backoff, () => attempt(call, machine))
}

async function attempt(call: HttpRequest, machine: Machine): Promise<Attempted<HttpReply>> {
  const repeatable = call.repeatable ?? call.method === 'GET'
  let reply: HttpReply
  try {
    reply = await exchange(call, machine)
  } catch (error) {
    if (error instanceof Stop) throw error
    if (call.ignoreAbort !== true) machine.signal.throwIfAborted()
    const problem = transportProblem(error, call.url, proxyFor(call.url, machine.env), machine.env)
    const giveUp = () => {
      throw unreachable(call.url.origin, problem, error)
    }
    return problem.passing && (problem.neverSent || repeatable) ? { again: {}, giveUp } : giveUp()
  }
  if (reply.status === 407) {
    const problem = proxyWantsLogin(call.url, proxyFor(call.url, machine.env), machine.env)
    throw unreachable(call.url.origin, problem, undefined)
  }
  // A busy server (429) has not begun the work, so that any request may be sent again.
  const busy = reply.status === 429
  if (!busy && !(RESTARTING.has(reply.status) && repeatable)) return { done: reply }
  const again = {
    leastSeconds: busy ? BUSY_PAUSE_SECONDS : 0,
    askedSeconds: reply.retryAfterSeconds,
  }
  return { again, giveUp: () => reply, ...(busy ? { onPause: () => call.onBusy?.() } : {}) }
}

async function exchange(call: HttpRequest, machine: Machine): Promise<HttpReply> {
  const timeout = AbortSignal.timeout((call.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000)
  const signal = call.ignoreAbort === true ? timeout : AbortSignal.any([machine.signal, timeout])
  const { body, type } = encode(call)
  const proxy = proxyFor(call.url, machine.env)
  const {
    statusCode,
    headers,
    body: stream,
  } = await requestBy(proxy, call.url, {
    method: call.method,
    signal,
    body,
    headers: {
      accept: call.accept ?? 'application/json',
      'user-agent': `zenml-upgrade/${__VERSION__}`,
      ...(type !== undefined && { 'content-type': type }),
      ...authorization(call),
    },
  })
  const one = (name: string) => [headers[name]].flat()[0]
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT)
      throw new ServerFailure(
        'too-large',
        'unexpected-answer',
        `${call.url.origin}${call.url.pathname} answered with more than ${BODY_LIMIT / 1024 / 1024} MiB.`,
      )
    chunks.push(chunk)
  }
  return {
    status: statusCode,
    type: (one('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    location: one('location'),
    retryAfterSeconds: retryAfterSeconds(one('retry-after'), answeredAt(one('date'), machine)),
    perhapsOfProxy: proxy !== undefined && call.url.protocol === 'http:',
    text: Buffer.concat(chunks).toString('utf8'),
  }
}

/** A token, else what stands in the address, as that of a private package index. */
function authorization({ token, url: { username, password } }: HttpRequest): {
  authorization?: string
} {
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  return username === '' && password === ''
    ? {}
    : {
        authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`,
      }
}

function encode(call: HttpRequest): { body: string | null; type: string | undefined } {
  if (call.form !== undefined)
    return {
      body: new URLSearchParams(call.form).toString(),
      type: 'application/x-www-form-urlencoded',
    }
  return call.json === undefined
    ? { body: null, type: undefined }
    : { body: JSON.stringify(call.json), type: 'application/json' }
}
