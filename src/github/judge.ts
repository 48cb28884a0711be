import * as z from 'zod'
import type { Machine } from '../runtime/runtime.ts'
import { answeredAt, retryAfterSeconds, type PauseRequest } from '../http/backoff.ts'
import { proxyFor } from '../http/proxy.ts'
import { transportProblem } from '../http/transport-errors.ts'
import type { GithubErrorFacts, GithubProblem } from './errors.ts'
import { permissionFor } from './permissions.ts'

export interface Judgement {
  readonly facts: GithubErrorFacts
  /** The pause before another attempt; undefined when another attempt cannot help. */
  readonly again: PauseRequest | undefined
}

/** What Octokit throws: the answer where there was one, else the cause. */
const thrownSchema = z.object({
  message: z.string(),
  response: z
    .object({ status: z.int(), headers: z.record(z.string(), z.unknown()), data: z.unknown() })
    .optional(),
  cause: z.unknown().optional(),
})
const messageSchema = z.looseObject({
  message: z.string(),
  errors: z.array(z.unknown()).optional(),
})

/** GitHub asks to wait so long when it names no time of its own. */
const UNNAMED_WAIT_SECONDS = 60

/** Judges what came instead of a good answer. `url` is the address of the API. */
export function judge(error: unknown, route: string, url: URL, machine: Machine): Judgement {
  const thrown = thrownSchema.safeParse(error).data
  return thrown?.response === undefined
    ? withoutAnswer(thrown?.cause ?? error, route, url, machine, error)
    : answered(thrown.response, route, machine, error)
}

function withoutAnswer(
  cause: unknown,
  route: string,
  url: URL,
  machine: Machine,
  error: unknown,
): Judgement {
  const problem = transportProblem(cause, url, proxyFor(url, machine.env), machine.env)
  const repeatable = problem.neverSent || isRepeatable(route)
  return {
    facts: {
      problem: 'unreachable',
      status: undefined,
      route,
      detail: problem.what,
      permission: undefined,
      mayBeDone: !problem.neverSent,
      next: problem.next,
      cause: error,
    },
    again: problem.passing && repeatable ? {} : undefined,
  }
}

function answered(
  {
    status,
    headers,
    data,
  }: { status: number; headers: Readonly<Record<string, unknown>>; data: unknown },
  route: string,
  machine: Machine,
  cause: unknown,
): Judgement {
  const header = (name: string) => {
    const value = headers[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const detail = detailOf(data)
  const limit = limitedFor(status, header, detail, answeredAt(header('date'), machine))
  const problem: GithubProblem =
    limit !== undefined
      ? 'rate-limited'
      : status >= 500
        ? 'server-error'
        : (PROBLEMS[status] ?? 'unexpected')
  const permission =
    problem === 'forbidden' || problem === 'not-found'
      ? permissionFor(route, header('x-accepted-github-permissions'))
      : undefined
  const mayBeDone = problem === 'server-error' || problem === 'unexpected'
  return {
    facts: {
      problem,
      status,
      route,
      detail,
      permission,
      mayBeDone,
      next: nextFor(problem, permission, limit),
      cause,
    },
    // A limited request was not begun, so that any may be sent again; after a failure only one that
    // does no harm twice.
    again:
      limit !== undefined
        ? limit
        : problem === 'server-error' && isRepeatable(route)
          ? {}
          : undefined,
  }
}

const PROBLEMS: Readonly<Record<number, GithubProblem>> = {
  401: 'token-refused',
  403: 'forbidden',
  404: 'not-found',
  405: 'conflict',
  409: 'conflict',
  410: 'gone',
  422: 'refused',
  451: 'forbidden',
}

/** Everything but POST leaves the same behind when it is done twice. */
function isRepeatable(route: string): boolean {
  return !route.startsWith('POST ')
}

/**
 * How long to wait, when the answer is one of the rate limits:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
function limitedFor(
  status: number,
  header: (name: string) => string | undefined,
  detail: string,
  now: Date,
): PauseRequest | undefined {
  if (status !== 429 && status !== 403) return undefined
  const after = header('retry-after')
  if (after !== undefined)
    return { askedSeconds: Math.max(retryAfterSeconds(after, now) ?? UNNAMED_WAIT_SECONDS, 1) }
  const reset = Number(header('x-ratelimit-reset') ?? Number.NaN)
  if (header('x-ratelimit-remaining') === '0' && Number.isFinite(reset))
    return { askedSeconds: Math.max(reset - now.getTime() / 1000, 1) }
  return status === 429 || /secondary rate limit|abuse detection/i.test(detail)
    ? { leastSeconds: UNNAMED_WAIT_SECONDS }
    : undefined
}

function detailOf(data: unknown): string {
  const parsed = messageSchema.safeParse(data).data
  if (parsed === undefined)
    return typeof data === 'string' && data.trim() !== '' && !data.trimStart().startsWith('<')
      ? data.trim()
      : 'no reason is given'
  const errors = (parsed.errors ?? []).map(
    (each) =>
      messageSchema.safeParse(each).data?.message ??
      (typeof each === 'string' ? each : JSON.stringify(each)),
  )
  return [parsed.message, ...errors].join('; ')
}

function nextFor(
  problem: GithubProblem,
  permission: string | undefined,
  limit: PauseRequest | undefined,
): string {
  switch (problem) {
    case 'token-refused':
      return 'Hand in a token that is still valid: ${{ github.token }} of this job, or one of a GitHub App.'
    case 'forbidden':
    case 'not-found':
      return permission === undefined
        ? 'Look whether the token may see this repository.'
        : `Give the job the permission "${permission}" (a run for a pull request of a fork cannot have it).`
    case 'rate-limited':
      return limit?.askedSeconds === undefined
        ? 'Run this again later.'
        : `Run this again in ${Math.ceil(limit.askedSeconds / 60)} minutes.`
    case 'server-error':
    case 'unreachable':
      return 'Look at https://www.githubstatus.com, or at the log of your own server, and run this again.'
    case 'conflict':
    case 'gone':
    case 'refused':
    case 'unexpected':
      return 'Read what GitHub says, and run this again.'
  }
}
