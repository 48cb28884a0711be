import type { Machine } from './runtime.ts'

/** A moment of this process by both clocks: one to write down, one to measure from. */
export interface Instant {
  readonly at: Date
  /** By {@link Machine.monotonic}. */
  readonly monotonic: number
}

export function instant(machine: Machine): Instant {
  return { at: machine.now(), monotonic: machine.monotonic() }
}

/** Returns the seconds from one moment of this process to a later one. */
export function secondsBetween(from: Instant, to: Instant): number {
  return to.monotonic - from.monotonic
}
