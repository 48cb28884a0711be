import { Stop } from '../core/stop.ts'

/** What one question during a wait came to; `at` in seconds since the wait began. */
export type Poll =
  /** The server reports what is waited for. */
  | { readonly kind: 'right'; readonly at: number }
  /** Measured, and not what is waited for: down, an error of its own, another version. */
  | {
      readonly kind: 'wrong'
      readonly at: number
      readonly message: string
      /** The other version that the server reports. */
      readonly version?: string
    }
  | { readonly kind: 'unmeasured'; readonly at: number; readonly stop: Stop }

export type Late =
  | { readonly kind: 'late'; readonly message: string }
  | { readonly kind: 'unmeasured'; readonly stop: Stop }

/**
 * So many seconds before the deadline count. What answered earlier says nothing about the end: every
 * server that restarts refuses connections for a while.
 */
const CLOSING_SECONDS = 60
/** One lost packet among clear answers changes nothing. */
const WRONG_SHARE = 3 / 4
/** One clear answer proves nothing. */
const LEAST_WRONG = 3

/** Leaves out the polls that no verdict needs any more. */
export function closingPolls(polls: readonly Poll[]): Poll[] {
  const end = polls.at(-1)?.at ?? 0
  return polls.filter(({ at }) => at >= end - CLOSING_SECONDS)
}

/**
 * Whether a wait goes on although its time is up: the server may just be coming up, or has been
 * asked too seldom to be judged.
 */
export function isUndecided(polls: readonly Poll[]): boolean {
  const closing = closingPolls(polls)
  const last = closing.at(-1)
  if (last?.kind === 'right') return true
  const wrong = closing.filter(({ kind }) => kind === 'wrong').length
  return last?.kind === 'wrong' && wrong < LEAST_WRONG
}

/**
 * Judges a wait whose time is up: `late` only where three quarters of the answers of the last minute
 * say that the server is wrong, and the driver does not see it serve. Everything else was not measured.
 */
export function judgeLate(
  polls: readonly Poll[],
  { missing, servesHere }: { readonly missing: string; readonly servesHere: boolean },
): Late {
  const closing = closingPolls(polls)
  const wrong = closing.filter((poll) => poll.kind === 'wrong')
  const unmeasured = closing.filter((poll) => poll.kind === 'unmeasured')
  const last = wrong.at(-1)
  // Servers of two versions behind one address are no server at the target.
  const right = wrong.some(({ version }) => version !== undefined)
    ? 0
    : closing.length - wrong.length - unmeasured.length
  const share = wrong.length / (wrong.length + unmeasured.length + right)
  if (servesHere) return { kind: 'unmeasured', stop: notReached(missing, closing) }
  if (last !== undefined && share >= WRONG_SHARE)
    return { kind: 'late', message: `${missing}; last: ${last.message}` }
  const stop = unmeasured.at(-1)?.stop
  return {
    kind: 'unmeasured',
    stop:
      stop === undefined
        ? new Stop('server-unreachable', missing)
        : new Stop(
            stop.code,
            `${missing}, and what answered says nothing about the server: ${stop.message}`,
            { ...(stop.next === undefined ? {} : { next: stop.next }), cause: stop },
          ),
  }
}

/** The server itself is well; what is wrong is between its address and it. */
function notReached(missing: string, polls: readonly Poll[]): Stop {
  const words = polls.map((poll) =>
    poll.kind === 'wrong' ? poll.message : poll.kind === 'unmeasured' ? poll.stop.message : '',
  )
  return new Stop(
    'server-unreachable',
    `${missing}, though the server itself answers on this machine: its address does not lead to it (${words.findLast((text) => text !== '') ?? 'no answer'})`,
    { next: 'Repair what is between the address and the server, then run this again.' },
  )
}
