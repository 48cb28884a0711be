import type { Log } from './log.ts'

/** The machine a command runs on, handed to every room that needs it. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** Aborted when the command is stopped from outside (SIGINT, SIGTERM, the `timeout` input). */
  readonly signal: AbortSignal
  /** The wall clock, which can be set while we run: for what is written down. */
  now(): Date
  /**
   * Seconds since some moment of the past. Only differences within this process have a meaning, and
   * no correction of the wall clock changes them: for everything that measures a duration.
   */
  monotonic(): number
  /**
   * Resolves after so many seconds; rejects with the signal's reason when the command is stopped.
   */
  sleep(seconds: number): Promise<void>
}
