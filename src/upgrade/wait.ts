import type { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { sameVersion } from '../core/versions.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { standingOf } from './server-health.ts'

/**
 * Answers in a row that count as "the server is at this version": pods that roll may still answer
 * with the old one.
 */
const IN_A_ROW = 3
const POLL_SECONDS = 1
const PROGRESS_SECONDS = 15

export type Arrival =
  | { readonly kind: 'arrived'; readonly seconds: number; readonly firstAnswer: Date }
  | { readonly kind: 'late'; readonly message: string }
  /** The time is up, and our own network is why nothing is known: no verdict about the server. */
  | { readonly kind: 'unmeasured'; readonly stop: Stop }
  | { readonly kind: 'other-server'; readonly message: string }
  | { readonly kind: 'died'; readonly message: string }

export interface WaitFor {
  readonly server: ZenmlServer
  readonly machine: Machine
  readonly version: string
  readonly serverId: string
  readonly timeoutSeconds: number
  /** What the driver knows about an early end of what it started; asked between polls. */
  readonly died?: (() => Promise<string | undefined>) | undefined
  /** What is being waited for, for the progress lines. */
  readonly waitingFor: string
}

/**
 * Asks the server until it reports the version three times in a row with the same id. Only what the
 * server says counts.
 */
export async function waitForVersion({
  server,
  machine,
  version,
  serverId,
  timeoutSeconds,
  died,
  waitingFor,
}: WaitFor): Promise<Arrival> {
  const started = machine.now().getTime()
  const elapsed = () => (machine.now().getTime() - started) / 1000
  let inARow = 0
  let firstAnswer: Date | undefined
  let last = 'no answer yet'
  let told = 0
  for (;;) {
    const standing = await standingOf(server)
    const info = standing.kind === 'up' ? standing.info : undefined
    if (info === undefined) {
      ;[inARow, firstAnswer, last] = [
        0,
        undefined,
        standing.kind === 'unknown'
          ? standing.stop.message
          : standing.kind === 'down'
            ? standing.message
            : last,
      ]
    } else if (!sameVersion(info.version, version)) {
      ;[inARow, firstAnswer, last] = [0, undefined, `it reports ZenML ${info.version}`]
    } else if (info.id !== serverId) {
      return {
        kind: 'other-server',
        message: `the server answers with another id (${info.id}, before: ${serverId}): it uses another or an empty database`,
      }
    } else {
      inARow += 1
      firstAnswer ??= machine.now()
      if (inARow >= IN_A_ROW) return { kind: 'arrived', seconds: elapsed(), firstAnswer }
    }
    const death = await died?.()
    if (death !== undefined) return { kind: 'died', message: death }
    if (elapsed() > timeoutSeconds && standing.kind === 'unknown')
      return { kind: 'unmeasured', stop: standing.stop }
    if (elapsed() > timeoutSeconds)
      return {
        kind: 'late',
        message: `${waitingFor}: not there after ${Math.round(timeoutSeconds)} s; last: ${last}`,
      }
    if (inARow === 0 && elapsed() - told >= PROGRESS_SECONDS) {
      told = elapsed()
      machine.log.info(
        `${waitingFor}: ${Math.round(elapsed())} s of at most ${Math.round(timeoutSeconds)} s; ${last}`,
      )
    }
    await machine.sleep(POLL_SECONDS)
  }
}
