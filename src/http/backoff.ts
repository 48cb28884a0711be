import type { Machine } from '../runtime/runtime.ts'

/** What a failed attempt says about the pause before the next one, in seconds. */
export interface PauseRequest {
  /** The shortest pause that makes sense. */
  readonly leastSeconds?: number | undefined
  /** The pause that the server asked for; it is kept exactly. */
  readonly askedSeconds?: number | undefined
}

/** Returns the pause before the next attempt in seconds, or undefined when it is time to give up. */
export type Backoff = (request: PauseRequest) => number | undefined

/** What one attempt came to: its result, or a failure that another attempt may overcome. */
export type Attempted<T> =
  | { readonly done: T }
  | {
      readonly again: PauseRequest
      /** The end when there is no further attempt: returns a result or throws. */
      readonly giveUp: () => T
      /** Called before a pause, which it gets in seconds. */
      readonly onPause?: ((seconds: number) => void) | undefined
    }

/**
 * Runs `attempt` until it is done or `backoff` gives up. An abort ends a pause at once.
 * @throws what `attempt` and `giveUp` throw, and the abort reason.
 */
export async function retry<T>(
  machine: Machine,
  backoff: Backoff,
  attempt: () => Promise<Attempted<T>>,
): Promise<T> {
  for (;;) {
    const outcome = await attempt()
    if ('done' in outcome) return outcome.done
    const pause = backoff(outcome.again)
    if (pause === undefined) return outcome.giveUp()
    outcome.onPause?.(pause)
    await machine.sleep(pause)
  }
}

interface GrowingPauses {
  /** For how long to go on trying, in seconds; 0 is one attempt. */
  readonly deadlineSeconds: number
  readonly firstSeconds: number
  readonly longestSeconds: number
  /** The number of attempts, the first one included. */
  readonly tries?: number
}

/** Pauses that double until the deadline. A pause that the server asks for must fit into it. */
export function growingPauses(
  machine: Machine,
  { deadlineSeconds, firstSeconds, longestSeconds, tries = Infinity }: GrowingPauses,
): Backoff {
  const start = machine.monotonic()
  let slept = 0
  let tried = 0
  let growing = firstSeconds
  return ({ leastSeconds = 0, askedSeconds }) => {
    tried += 1
    // The pauses count too: the monotonic clock may stop while the machine is suspended.
    const left = deadlineSeconds - Math.max(slept, machine.monotonic() - start)
    growing = Math.max(growing, leastSeconds)
    const pause =
      askedSeconds === undefined ? Math.min(growing, left) : Math.max(askedSeconds, leastSeconds)
    if (left <= 0 || pause > left || tried >= tries) return undefined
    growing = Math.min(growing * 2, longestSeconds)
    slept += Math.max(pause, 0.01)
    return pause
  }
}

/** One pause after another, in seconds, whatever the server asks for. */
export function fixedPauses(seconds: readonly number[]): Backoff {
  const left = [...seconds]
  return () => left.shift()
}

/**
 * Returns when an answer was given, by the clock of who gave it: times in its other headers are of
 * that clock, and ours may be wrong by hours.
 */
export function answeredAt(dateHeader: string | undefined, machine: Machine): Date {
  const at = Date.parse(dateHeader ?? '')
  return Number.isNaN(at) ? machine.now() : new Date(at)
}

/** Reads a Retry-After header, which is a number or a date, as seconds from now. */
export function retryAfterSeconds(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined
  const seconds = /^\d+$/.test(value.trim())
    ? Number(value)
    : (Date.parse(value) - now.getTime()) / 1000
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : undefined
}
