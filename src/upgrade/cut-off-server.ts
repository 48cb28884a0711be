import type { Attempt } from '../state/attempt.ts'
import { Stop } from '../core/stop.ts'
import { ServerFailure, type FailureKind } from '../http/server-failure.ts'
import type { ServerInfo } from '../zenml/info.ts'
import { standingOf, type Standing } from './server-health.ts'
import { lastPhase, whereCutOff } from './start.ts'
import type { UpgradeTools } from './work.ts'

/** What something between us and the server says, also in the place of a stopped server. */
const IN_FRONT: readonly FailureKind[] = [
  'other-content',
  'not-found',
  'forbidden',
  'login',
  'redirect',
  'other-status',
]

/**
 * Asks the server once, and where that says nothing about it, the driver that sees the server
 * itself. Another server at the address stays `unknown`.
 */
export async function standingBehind(
  { server, driver }: Pick<UpgradeTools, 'server' | 'driver'>,
  serverId: string,
): Promise<Standing> {
  const standing = await standingOf(server, serverId)
  if (standing.kind !== 'unknown' || !(standing.stop instanceof ServerFailure)) return standing
  if (driver.serves === undefined) return standing
  const seen = await driver.serves()
  if (seen === undefined) return { kind: 'down', message: 'it does not run on this machine' }
  return seen.id === serverId ? { kind: 'up', info: seen } : standing
}

/**
 * Asks what runs where an attempt was cut off; undefined where the server does not answer: the
 * attempt may have left it stopped.
 * @throws Stop when that cannot be known, and the attempt would not merely deploy forward
 */
export async function infoOfCutOff(
  tools: Pick<UpgradeTools, 'server' | 'driver'>,
  attempt: Attempt,
): Promise<ServerInfo | undefined> {
  const standing = await standingBehind(tools, attempt['server-id'])
  if (standing.kind === 'up') return standing.info
  if (standing.kind !== 'unknown') return undefined
  if (isInFront(standing.stop) && whereCutOff(attempt, undefined) === 'deploy') return undefined
  throw notKnown(attempt, standing.stop)
}

function isInFront(stop: Stop): boolean {
  return stop instanceof ServerFailure && IN_FRONT.includes(stop.kind)
}

/** Ends a run that would have to know whether the server runs. */
export function notKnown(attempt: Attempt, cause: Stop): Stop {
  return new Stop(
    cause.code,
    `attempt ${attempt.id} to ZenML ${attempt['target-version']} is open at its step "${lastPhase(attempt)}", and whether the server runs cannot be known from here: ${cause.message}`,
    { ...(cause.next === undefined ? {} : { next: cause.next }), cause },
  )
}
