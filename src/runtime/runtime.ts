import type { Log } from './log.ts'

/** The machine a command runs on, handed to every room that needs it. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** Aborted when the command is stopped from outside (SIGINT, SIGTERM, the `timeout` input). */
  readonly signal: AbortSignal
  now(): Date
  /**
   * Resolves after so many seconds; rejects with the signal's reason when the command is stopped.
   */
  sleep(seconds: number): Promise<void>
}
