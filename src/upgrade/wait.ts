import { took } from '../core/text.ts'
import { sameVersion } from '../core/versions.ts'
import type { Driver } from '../deploy/driver.ts'
import { ServerFailure } from '../http/server-failure.ts'
import { instant, type Instant } from '../runtime/instant.ts'
import type { Show } from '../runtime/progress.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { standingOf } from './server-health.ts'
import { closingPolls, isUndecided, judgeLate, type Late, type Poll } from './wait-verdict.ts'

/**
 * Answers in a row that count as "the server is at this version": pods that roll may still answer
 * with the old one.
 */
const IN_A_ROW = 3
const POLL_SECONDS = 1

export type Arrival =
  | { readonly kind: 'arrived'; readonly seconds: number; readonly firstAnswer: Instant }
  | { readonly kind: 'died'; readonly message: string }
  | Late

export interface WaitFor {
  readonly server: ZenmlServer
  readonly machine: Machine
  readonly version: string
  readonly serverId: string
  readonly timeoutSeconds: number
  /** Asked for what it sees of the server itself, past everything that is in front of it. */
  readonly driver: Pick<Driver, 'died' | 'serves'>
  /** What is being waited for, for the progress lines. */
  readonly waitingFor: string
}

/**
 * Asks the server until it reports the version three times in a row with the same id, by the
 * monotonic clock. Only what the server says, or its driver sees of it, counts.
 */
export function waitForVersion(wait: WaitFor): Promise<Arrival> {
  return wait.machine.log.progress(wait.waitingFor, (show) => pollUntilThere(wait, show))
}

async function pollUntilThere(wait: WaitFor, show: Show): Promise<Arrival> {
  const { machine, driver, timeoutSeconds, waitingFor } = wait
  const start = machine.monotonic()
  const elapsed = () => machine.monotonic() - start
  let polls: readonly Poll[] = []
  let inARow = 0
  let firstAnswer: Instant | undefined
  for (;;) {
    const poll = await ask(wait, elapsed)
    polls = closingPolls([...polls, poll])
    inARow = poll.kind === 'right' ? inARow + 1 : 0
    firstAnswer = poll.kind === 'right' ? (firstAnswer ?? instant(machine)) : undefined
    if (firstAnswer !== undefined && inARow >= IN_A_ROW)
      return { kind: 'arrived', seconds: elapsed(), firstAnswer }
    const death = await driver.died?.()
    if (death !== undefined) return { kind: 'died', message: death }
    const left = timeoutSeconds - elapsed()
    if (left < 0 && !isUndecided(polls)) {
      const missing = `${waitingFor}: not there after ${Math.round(timeoutSeconds)} s`
      return judgeLate(polls, { missing, servesHere: await serves(wait) })
    }
    show(() => `at most ${took(timeoutSeconds)}; ${seenOf(poll)}`)
    await machine.sleep(Math.max(POLL_SECONDS, Math.min(pauseAfter(poll), left)))
  }
}

function seenOf(poll: Poll): string {
  switch (poll.kind) {
    case 'right':
      return 'it answers'
    case 'wrong':
      return poll.message
    case 'unmeasured':
      return poll.stop.message
  }
}

async function ask({ server, serverId, version }: WaitFor, elapsed: () => number): Promise<Poll> {
  const standing = await standingOf(server, serverId)
  const at = elapsed()
  switch (standing.kind) {
    case 'up':
      return sameVersion(standing.info.version, version)
        ? { kind: 'right', at }
        : {
            kind: 'wrong',
            at,
            message: `it reports ZenML ${standing.info.version}`,
            version: standing.info.version,
          }
    case 'down':
    case 'failing':
      return { kind: 'wrong', at, message: standing.message }
    case 'unknown':
      return { kind: 'unmeasured', at, stop: standing.stop }
  }
}

/** The pause that a rate limit asks for, in seconds; 0 where none is asked for. */
function pauseAfter(poll: Poll): number {
  return poll.kind === 'unmeasured' && poll.stop instanceof ServerFailure
    ? (poll.stop.retryAfterSeconds ?? 0)
    : 0
}

/** Whether the driver sees, past every gateway, that the server is what is waited for. */
async function serves({ driver, version, serverId }: WaitFor): Promise<boolean> {
  const seen = await driver.serves?.()
  return seen !== undefined && seen.id === serverId && sameVersion(seen.version, version)
}
