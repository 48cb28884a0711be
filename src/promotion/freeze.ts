import { Temporal } from 'temporal-polyfill'
import { parseFreezeWindow, type WeeklyTime } from '../config/freeze.ts'

export interface Freeze {
  /** The windows that hold now, as the file has them. */
  readonly windows: readonly string[]
  /** When no window holds any more; null when they follow each other without a gap. */
  readonly until: Date | null
}

/** A week has every gap that there is; the second is for the hour that a clock is changed by. */
const LONGEST_MS = 14 * 24 * 3600 * 1000

/** What freezes production now, or undefined. `windows` are those of the file. */
export function freezeAt(now: Date, windows: readonly string[]): Freeze | undefined {
  const holding = windows.filter((window) => endOf(window, now) !== undefined)
  return holding.length === 0 ? undefined : { windows: holding, until: firstThaw(now, windows) }
}

/** The first moment from `now` on in which no window holds; null when there is none. */
export function firstThaw(now: Date, windows: readonly string[]): Date | null {
  let at = now
  for (;;) {
    const moment = at
    const ends = windows.flatMap((window) => endOf(window, moment)?.getTime() ?? [])
    if (ends.length === 0) return at
    at = new Date(Math.max(...ends))
    if (at.getTime() - now.getTime() > LONGEST_MS) return null
  }
}

/** When the occurrence of the window that holds at this moment ends; undefined when none does. */
function endOf(window: string, at: Date): Date | undefined {
  const { from, until, zone } = parseFreezeWindow(window)
  const today = Temporal.Instant.fromEpochMilliseconds(at.getTime())
    .toZonedDateTimeISO(zone)
    .toPlainDate()
  const days = (until.day - from.day + 7) % 7
  const length = days === 0 && until.minutes <= from.minutes ? 7 : days
  for (let back = 0; back <= 7; back += 1) {
    const day = today.subtract({ days: back })
    // Where the clock is changed, a time may come twice or never: the freeze then begins early and
    // ends late.
    if (day.dayOfWeek !== from.day || moment(day, from, zone, 'earlier') > at) continue
    const end = moment(day.add({ days: length }), until, zone, 'later')
    return end > at ? end : undefined
  }
  return undefined
}

function moment(
  day: Temporal.PlainDate,
  { minutes }: WeeklyTime,
  zone: string,
  disambiguation: 'earlier' | 'later',
): Date {
  const time = new Temporal.PlainTime(Math.floor(minutes / 60), minutes % 60)
  return new Date(
    day.toPlainDateTime(time).toZonedDateTime(zone, { disambiguation }).epochMilliseconds,
  )
}
