import type { ReasonCode } from './reasons.ts'

export interface StopDetails {
  /** What to do next, as one imperative sentence. */
  readonly next?: string
  readonly cause?: unknown
}

/**
 * Ends a command with a reason code. `message` says what happened and to which thing; `next` what
 * to do about it.
 */
export class Stop extends Error {
  readonly code: ReasonCode
  readonly next: string | undefined

  constructor(code: ReasonCode, message: string, details: StopDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'Stop'
    this.code = code
    this.next = details.next
  }
}

/** Returns undefined for what ends with a Stop; throws on where the command itself was stopped. */
export async function ifReadable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof Stop && error.code !== 'cancelled') return undefined
    throw error
  }
}
