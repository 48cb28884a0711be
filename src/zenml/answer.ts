import { parseJson } from '../core/json.ts'
import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import { ServerFailure } from '../http/server-failure.ts'
import { redact } from '../runtime/secrets.ts'
import { isProDashboard, movedTo } from './address.ts'
import { ApiError } from './api-error.ts'
import type { HttpReply } from '../http/http.ts'

/** The request that an answer belongs to, for messages. */
export interface Asked {
  readonly base: string
  readonly method: string
  readonly url: URL
  /**
   * False for what needs no credentials, where only something in front of the server can ask for
   * them.
   */
  readonly authenticated: boolean
  /** Where the key came from; left out, {@link KEY_VARIABLE}. */
  readonly keyName?: string | undefined
}

/** The environment variable that a service-account key commonly comes from. */
export const KEY_VARIABLE = 'ZENML_STORE_API_KEY'

const checkKey = ({ keyName = KEY_VARIABLE }: Asked): string =>
  `Check ${keyName}: the key must be active, belong to this very server, and its service account must have the rights.`

/** The checked value of an answer. Throws what `ZenmlServer` says about errors. */
export function readAnswer<S extends z.ZodType>(
  reply: HttpReply,
  schema: S,
  asked: Asked,
): z.output<S> {
  const where = `${asked.method} ${asked.url.origin}${asked.url.pathname}`
  if (reply.status >= 300 && reply.status < 400) throw redirected(reply, asked)
  const body = bodyOf(reply)
  if (
    reply.status === 401 ||
    (reply.status === 403 && (!asked.authenticated || body === undefined))
  )
    throw refused(reply.status, body, where, asked)
  if ([502, 503, 504].includes(reply.status)) throw noBackend(reply, asked, body)
  if (reply.status === 429 && (!asked.authenticated || !isZenmlProblem(body)))
    throw rateLimited(reply, asked, body)
  if (body === undefined) throw notJson(reply, where, asked)
  if (reply.status >= 400) {
    const problem = readProblem(body)
    const detail = problem.detail === '' ? `status ${reply.status}` : problem.detail
    const id = problem.requestId === undefined ? '' : ` (request ${problem.requestId})`
    throw new ApiError(
      `${where} answered ${reply.status}: ${detail}${id}.`,
      { ...problem, detail, status: reply.status },
      hint(reply.status, asked),
    )
  }
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Stop(
    'unexpected-answer',
    `${where} answered in a way this tool does not know: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
    {
      next: 'Check that this ZenML version is supported by this version of zenml-upgrade.',
      cause: parsed.error,
    },
  )
}

function hint(status: number, asked: Asked): { next?: string } {
  if (status === 403) return { next: checkKey(asked) }
  return status >= 500 ? { next: 'Look at the log of the ZenML server.' } : {}
}

/** Returns the JSON of a body, null for an empty one, undefined for anything else. */
function bodyOf({ text }: HttpReply): unknown {
  return text.trim() === '' ? null : parseJson(text)
}

const objectProblem = z.looseObject({ detail: z.unknown(), request_id: z.string().optional() })
const fastApiProblem = z
  .array(
    z.looseObject({ msg: z.string(), loc: z.array(z.union([z.string(), z.number()])).optional() }),
  )
  .min(1)

/**
 * Every shape of an error seen with ZenML: `detail` as [class, message], as text or as FastAPI's
 * list of objects; the pair at the top without `detail`; a text with `request_id`.
 */
export function readProblem(body: unknown): {
  className: string | undefined
  detail: string
  requestId: string | undefined
} {
  const outer = objectProblem.safeParse(body)
  const requestId = outer.success ? outer.data.request_id : undefined
  const detail = outer.success ? outer.data.detail : body
  const fields = fastApiProblem.safeParse(detail)
  if (fields.success)
    return {
      className: 'ValidationError',
      detail: clean(
        fields.data
          .map((each) => [each.loc?.join('.'), each.msg].filter(Boolean).join(': '))
          .join('; '),
      ),
      requestId,
    }
  if (
    Array.isArray(detail) &&
    detail.length > 1 &&
    detail.every((part) => typeof part === 'string')
  ) {
    const [className, ...message] = detail
    return { className, detail: clean(message.join(' ')), requestId }
  }
  return {
    className: undefined,
    detail: clean(
      typeof detail === 'string'
        ? detail
        : detail === undefined || detail === null
          ? ''
          : JSON.stringify(detail),
    ),
    requestId,
  }
}

/** Tells whether an answer has one of the shapes in which a ZenML server reports its errors. */
function isZenmlProblem(body: unknown): boolean {
  return Array.isArray(body)
    ? body.length > 1 && body.every((part) => typeof part === 'string')
    : typeof body === 'object' && body !== null && 'detail' in body
}

/** One line, without secrets, of bearable length: it goes into messages. */
function clean(text: string): string {
  const line = redact(text).replace(/\s+/g, ' ').trim()
  return line.length > 500 ? `${line.slice(0, 500)}…` : line
}

/** Tells whether a failed answer is the server's own, and not that of something in front of it. */
export function isProblemOfZenml(reply: HttpReply): boolean {
  return isZenmlProblem(bodyOf(reply))
}

export function isJson(reply: HttpReply): boolean {
  return bodyOf(reply) !== undefined
}

/** What the server says about its refusal, ready to follow a status; empty when it says nothing. */
export function problemText(reply: HttpReply): string {
  return suffix(bodyOf(reply))
}

function suffix(body: unknown): string {
  const { detail } = readProblem(body)
  return detail === '' ? '' : `: ${detail}`
}

function refused(status: number, body: unknown, where: string, asked: Asked): Stop {
  if (!asked.authenticated) {
    return new Stop(
      'credentials-refused',
      `${where} answered ${status}, though ZenML asks for no login there: something in front of the server does.`,
      {
        next: 'Let this machine through the gateway in front of the server, or run inside its network.',
      },
    )
  }
  return new Stop(
    'credentials-refused',
    `${asked.base} refused the credentials: ${where} answered ${status}${suffix(body)}.`,
    { next: checkKey(asked) },
  )
}

function noBackend({ status, perhapsOfProxy }: HttpReply, { base }: Asked, body: unknown): Stop {
  return new ServerFailure(
    perhapsOfProxy ? 'own-proxy' : 'no-backend',
    'server-unreachable',
    `${base} could not be reached: ${perhapsOfProxy ? 'the proxy, ' : ''}a gateway or the server answered ${status}${suffix(body)}.`,
    { next: 'Look whether the server runs and is ready, and run again.' },
  )
}

function rateLimited({ retryAfterSeconds }: HttpReply, { base }: Asked, body: unknown): Stop {
  const pause =
    retryAfterSeconds === undefined ? '' : `; it asks to wait ${Math.ceil(retryAfterSeconds)} s`
  return new ServerFailure(
    'rate-limited',
    'server-unreachable',
    `${base}, or a gateway in front of it, limits the rate of requests (429${isZenmlProblem(body) ? suffix(body) : ''})${pause}.`,
    {
      next: 'Run this again later, or raise the limit for this machine at the gateway.',
      retryAfterSeconds,
    },
  )
}

function redirected(reply: HttpReply, asked: Asked): Stop {
  const target = movedTo(asked.url, asked.base, reply.location)
  const answered = `${asked.base} answers with a redirect (${reply.status})`
  if (target === undefined) {
    const host =
      reply.location !== undefined && URL.canParse(reply.location, asked.url.href)
        ? new URL(reply.location, asked.url.href).host
        : 'nowhere'
    return new Stop(
      'not-a-zenml-server',
      `${answered} to ${host}, perhaps a login page. Redirects are not followed, because the key would go along.`,
      { next: 'Use the address where the ZenML API answers directly.' },
    )
  }
  const encrypted = asked.url.protocol === 'http:' && target.startsWith('https:')
  return new Stop(
    'not-a-zenml-server',
    `${answered}${encrypted ? ' from http to https' : ''}. Redirects are not followed, because the key would go along.`,
    { next: `Use ${target} as the address of the server.` },
  )
}

function notJson(reply: HttpReply, where: string, asked: Asked): Stop {
  const html = reply.type === 'text/html' || reply.text.trimStart().startsWith('<')
  if (reply.status >= 500)
    return new Stop(
      'unexpected-answer',
      `${where} answered ${reply.status} with ${html ? 'a web page, as a gateway does,' : 'a text'} instead of JSON.`,
      { next: 'Look at the logs of the ZenML server and of the gateway in front of it.' },
    )
  const seen = html
    ? `a web page (${reply.status}): this looks like a dashboard or a gateway, not like the API`
    : `${reply.status} without JSON`
  return new Stop('not-a-zenml-server', `${where} answered with ${seen}.`, {
    next: whereTheServerIs(asked.base),
  })
}

/** What to do about an address that is not a ZenML server's. */
export function whereTheServerIs(base: string): string {
  return isProDashboard(base)
    ? 'This is the dashboard of ZenML Pro. Use the server URL of the workspace: open the workspace there, and take the URL from its settings (it looks like https://…-zenml.….zenml.io).'
    : `Use the address of the ZenML server itself: the one under which /api/v1/info answers with JSON. ${base} is not it.`
}
