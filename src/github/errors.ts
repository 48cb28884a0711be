import { Stop } from '../core/stop.ts'
import { short } from '../core/text.ts'
import { redactForeign } from '../runtime/secrets.ts'
import type { Log } from '../runtime/log.ts'

export type GithubProblem =
  | 'token-refused'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'gone'
  | 'refused'
  | 'rate-limited'
  | 'server-error'
  | 'unreachable'
  | 'unexpected'

export interface GithubErrorFacts {
  readonly problem: GithubProblem
  /** Undefined when no answer came. */
  readonly status: number | undefined
  /** Such as `POST /repos/{owner}/{repo}/deployments`. */
  readonly route: string
  /** What GitHub says, in words. */
  readonly detail: string
  /** Such as `deployments: write`; what is missing when the token is. */
  readonly permission: string | undefined
  /** Whether the request may have been carried out although no good answer came. */
  readonly mayBeDone: boolean
  readonly next: string
  readonly cause: unknown
}

/**
 * GitHub did not do what was asked. Unjudged it ends the command as `github-unreachable`; see
 * {@link warningOf} for what is no reason to end it.
 */
export class GithubError extends Stop {
  readonly problem: GithubProblem
  /**
   * Undefined when no answer came. Not named `status`, because Octokit's `paginate` takes an error
   * with the status 409 for an empty list.
   */
  readonly httpStatus: number | undefined
  readonly route: string
  readonly detail: string
  readonly permission: string | undefined
  readonly mayBeDone: boolean

  constructor({
    problem,
    status,
    route,
    detail,
    permission,
    mayBeDone,
    next,
    cause,
  }: GithubErrorFacts) {
    super(
      'github-unreachable',
      `GitHub ${SAYS[problem]}${status === undefined ? '' : ` (${status})`} for ${route}: ${short(redactForeign(detail), DETAIL_SHOWN)}`,
      { next, cause },
    )
    this.name = 'GithubError'
    this.problem = problem
    this.httpStatus = status
    this.route = route
    this.detail = detail
    this.permission = permission
    this.mayBeDone = mayBeDone
  }
}

/** What is shown of GitHub's own words, in characters. It is cut after the secrets in it were found. */
const DETAIL_SHOWN = 500

const SAYS: Readonly<Record<GithubProblem, string>> = {
  'token-refused': 'refused the token',
  forbidden: 'refused',
  'not-found': 'found nothing',
  conflict: 'reported a conflict',
  gone: 'has it no more',
  refused: 'did not accept what was sent',
  'rate-limited': 'took no more requests',
  'server-error': 'failed',
  unreachable: 'could not be reached',
  unexpected: 'answered in a way this tool does not understand',
}

/**
 * What could not be told to GitHub: for the log and the summary, and never a reason for another
 * outcome.
 */
export interface GithubWarning {
  readonly message: string
  readonly next: string
}

/**
 * `what` is the thing that was not done, such as "the comment on pull request #7 was not written".
 */
export function warningOf(what: string, error: GithubError): GithubWarning {
  return { message: `${what}: ${error.message}`, next: error.next ?? 'Run this again.' }
}

/** Logs a warning with what to do about it; nothing where there is none. */
export function logWarning(log: Log, warning: GithubWarning | undefined): void {
  if (warning !== undefined) log.warn(`${warning.message} → ${warning.next}`)
}

/** Runs `work`; what GitHub refuses becomes a warning, anything else is thrown on. */
export async function orWarning<T>(
  what: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly warning: GithubWarning }> {
  try {
    return { value: await work() }
  } catch (error) {
    if (error instanceof GithubError) return { warning: warningOf(what, error) }
    throw error
  }
}
