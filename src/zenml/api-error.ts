import { Stop, type StopDetails } from '../core/stop.ts'

export interface ApiProblem {
  readonly status: number
  /** Exception class on the server, such as `KeyError`; undefined when the answer names none. */
  readonly className: string | undefined
  /** What the server says, in words. */
  readonly detail: string
  readonly requestId: string | undefined
}

/**
 * The server understood and refused: a status that the caller may judge. Unjudged it ends the
 * command as `unexpected-answer`, or as `credentials-refused` for a 403, which ZenML says to
 * missing rights and to what cannot be done now alike.
 */
export class ApiError extends Stop {
  readonly status: number
  readonly className: string | undefined
  readonly detail: string
  readonly requestId: string | undefined

  constructor(message: string, problem: ApiProblem, details: StopDetails = {}) {
    super(problem.status === 403 ? 'credentials-refused' : 'unexpected-answer', message, details)
    this.name = 'ApiError'
    this.status = problem.status
    this.className = problem.className
    this.detail = problem.detail
    this.requestId = problem.requestId
  }
}
