import * as z from 'zod'

const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const
// Six digits: more is a slip of the hand, and would not be exact any more.
const DURATION = /^(\d{1,6})(s|m|h)$/
/** Timers of Node.js end near 596 hours; a longer one would fire at once. */
const LONGEST_HOURS = 500

/** `30s`, `10m`, `4h` as seconds, or undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const [, amount, unit] = match
  return Number(amount) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS]
}

const SHAPE = 'must be a duration such as 30s, 10m or 4h'

const written = z
  .string(SHAPE)
  .regex(DURATION, SHAPE)
  .refine((text) => (parseDuration(text) ?? 0) <= LONGEST_HOURS * 3600, { error: `must be at most ${LONGEST_HOURS}h`, abort: true })

/** A duration of the file, parsed to seconds; 0 is allowed. */
export const duration = written.transform((text) => parseDuration(text) ?? 0)

/** A duration after which something is given up, parsed to seconds; never 0. */
export const timeout = written
  .refine((text) => parseDuration(text) !== 0, 'must be longer than 0')
  .transform((text) => parseDuration(text) ?? 0)
