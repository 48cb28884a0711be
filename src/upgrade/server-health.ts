import { Stop } from '../core/stop.ts'
import { ServerFailure, type FailureKind } from '../http/server-failure.ts'
import type { ServerInfo } from '../zenml/info.ts'
import type { ZenmlServer } from '../zenml/types.ts'

/** What one question to the server says about it. */
export type Standing =
  | { readonly kind: 'up'; readonly info: ServerInfo }
  /** It does not run, or nothing leads to it from its own gateway. */
  | { readonly kind: 'down'; readonly message: string }
  /** It runs, and reports an error of its own. */
  | { readonly kind: 'failing'; readonly message: string }
  /** Nothing: another server, something in between, or our own network answered. */
  | { readonly kind: 'unknown'; readonly stop: Stop }

/**
 * What each failure says about the server. Only `down` and `failing` may lead to a rollback, so
 * everything that something else than the server can cause is `unknown`.
 */
const MEANING: Readonly<Record<FailureKind, 'down' | 'failing' | 'unknown'>> = {
  refused: 'down',
  'no-backend': 'down',
  'server-error': 'failing',
  'own-proxy': 'unknown',
  'no-connection': 'unknown',
  'timed-out': 'unknown',
  reset: 'unknown',
  dns: 'unknown',
  tls: 'unknown',
  redirect: 'unknown',
  login: 'unknown',
  forbidden: 'unknown',
  'not-found': 'unknown',
  'rate-limited': 'unknown',
  'other-content': 'unknown',
  'too-large': 'unknown',
  'other-status': 'unknown',
  'other-error': 'unknown',
}

/**
 * Asks once. With `serverId`, a ZenML server with another id is `unknown`: what it says is about
 * itself. A stop from outside is thrown on.
 */
export async function standingOf(server: ZenmlServer, serverId?: string): Promise<Standing> {
  try {
    const info = await server.info({ deadlineSeconds: 0, timeoutSeconds: 10 })
    return serverId === undefined || info.id === serverId
      ? { kind: 'up', info }
      : { kind: 'unknown', stop: otherServer(server.url, info.id, serverId) }
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    const kind = error instanceof ServerFailure ? MEANING[error.kind] : 'unknown'
    return kind === 'unknown' ? { kind, stop: error } : { kind, message: error.message }
  }
}

function otherServer(url: string, id: string, wanted: string): Stop {
  return new Stop(
    'unexpected-answer',
    `${url} answers as another server (its id is ${id}, before it was ${wanted}): it leads elsewhere, or the server uses another or an empty database`,
    {
      next: 'Find out what answers at this address and which database it uses; correct it, then run this again.',
    },
  )
}
