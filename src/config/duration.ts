import * as z from 'zod'
import { DURATION, parseDuration } from '../core/duration.ts'

/** Timers of Node.js end near 596 hours; a longer one would fire at once. */
const LONGEST_HOURS = 500

const SHAPE = 'must be a duration such as 30s, 10m or 4h'

const written = z
  .string(SHAPE)
  .regex(DURATION, SHAPE)
  .refine((text) => (parseDuration(text) ?? 0) <= LONGEST_HOURS * 3600, {
    error: `must be at most ${LONGEST_HOURS}h`,
    abort: true,
  })

/** A duration of the file, parsed to seconds; 0 is allowed. */
export const duration = written.transform((text) => parseDuration(text) ?? 0)

/** A duration after which something is given up, parsed to seconds; never 0. */
export const timeout = written
  .refine((text) => parseDuration(text) !== 0, 'must be longer than 0')
  .transform((text) => parseDuration(text) ?? 0)
