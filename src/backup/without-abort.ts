import type { Machine } from '../runtime/runtime.ts'

/**
 * For a restore: one that is broken off leaves no database at all, so it goes on when the command
 * is stopped from outside.
 */
export function unstoppable(machine: Machine): Machine {
  return {
    env: machine.env,
    log: machine.log,
    signal: new AbortController().signal,
    now: () => machine.now(),
    monotonic: () => machine.monotonic(),
    sleep: (seconds) => machine.sleep(seconds),
  }
}
