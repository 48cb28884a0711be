import type { Stop } from '../core/stop.ts'
import type { HttpReply } from '../http/http.ts'
import { ServerFailure, type FailureKind } from '../http/server-failure.ts'
import { isProblemOfZenml, whereTheServerIs } from './answer.ts'

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
}

/** Adds what kind of failure it is to the error of a question that every ZenML server answers. */
export function infoFailure(reply: HttpReply, base: string, error: Stop): ServerFailure {
  if (error instanceof ServerFailure) return error
  const next = error.next === undefined ? {} : { next: error.next }
  // JSON, but not of a ZenML server. A failed server may answer 500 in words that are not ZenML's.
  return error.code === 'unexpected-answer' && reply.status < 500
    ? new ServerFailure(
        kindOf(reply),
        'not-a-zenml-server',
        `${base} does not answer as a ZenML server: ${error.message}`,
        { next: whereTheServerIs(base), cause: error },
      )
    : new ServerFailure(kindOf(reply), error.code, error.message, { ...next, cause: error })
}

function kindOf(reply: HttpReply): FailureKind {
  const { status } = reply
  if (status < 300) return 'other-content'
  if (status < 400) return 'redirect'
  if (status === 500 && isProblemOfZenml(reply)) return 'server-error'
  return KINDS[status] ?? 'other-status'
}
