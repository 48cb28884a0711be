import * as z from 'zod'

const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const
const DURATION = /^(\d+)(s|m|h)$/

/** `30s`, `10m`, `4h` as seconds, or undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const [, amount, unit] = match
  return Number(amount) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS]
}

/** A duration of the file, parsed to seconds. */
export const duration = z
  .string()
  .regex(DURATION, 'must be a duration such as 30s, 10m or 4h')
  .transform((text) => parseDuration(text) ?? 0)
