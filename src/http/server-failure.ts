import type { ReasonCode } from '../core/reasons.ts'
import { Stop, type StopDetails } from '../core/stop.ts'

/**
 * What came of a question that a server should have answered. What it says about the server is
 * decided by who asked.
 */
export type FailureKind =
  /** The server's own address refuses the connection, seen without a proxy in between. */
  | 'refused'
  /** 502, 503 or 504 that no proxy of ours can have said. */
  | 'no-backend'
  /** 500 in the shape of ZenML's own errors. */
  | 'server-error'
  /** Our own proxy answered, or refused, or may have. */
  | 'own-proxy'
  | 'no-connection'
  | 'timed-out'
  | 'reset'
  | 'dns'
  | 'tls'
  | 'redirect'
  /** 401: ZenML asks for no login where these questions are asked. */
  | 'login'
  | 'forbidden'
  | 'not-found'
  | 'rate-limited'
  /** A success with a web page, or with JSON that is not ZenML's. */
  | 'other-content'
  /** An answer that is longer than we read. */
  | 'too-large'
  | 'other-status'
  | 'other-error'

interface Details extends StopDetails {
  /** The pause that the answer asks for. */
  readonly retryAfterSeconds?: number | undefined
}

export class ServerFailure extends Stop {
  readonly kind: FailureKind
  readonly retryAfterSeconds: number | undefined

  constructor(
    kind: FailureKind,
    code: ReasonCode,
    message: string,
    { retryAfterSeconds, ...details }: Details = {},
  ) {
    super(code, message, details)
    this.name = 'ServerFailure'
    this.kind = kind
    this.retryAfterSeconds = retryAfterSeconds
  }
}
