const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const
// Six digits: more is a slip of the hand, and would not be exact any more.
export const DURATION = /^(\d{1,6})(s|m|h)$/

/** `30s`, `10m`, `4h` as seconds, or undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const [, amount, unit] = match
  return Number(amount) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS]
}
