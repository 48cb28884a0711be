/**
 * `2026-11-30 06:00 UTC`: the first full minute that is not before `at`, so that nobody comes too
 * early.
 */
export function utc(at: Date): string {
  const minute = new Date(Math.ceil(at.getTime() / 60_000) * 60_000)
  return `${minute.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
