import * as z from 'zod'
import { didYouMean } from '../core/did-you-mean.ts'
import { quoted } from './problem.ts'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const DAY = `(?:${DAYS.join('|')})`
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d'
const WINDOW = new RegExp(`^(${DAY} ${TIME}) ?[–-] ?(${DAY} ${TIME}) (\\S+)$`)
const SHAPE = 'must be a weekly window such as "Fri 15:00 – Mon 07:00 Europe/Berlin"'

/**
 * A weekly window: days count from 1 (Monday) to 7, times are minutes since midnight, both as a
 * clock in `zone` shows them.
 */
export interface FreezeWindow {
  readonly from: WeeklyTime
  readonly until: WeeklyTime
  readonly zone: string
}
export interface WeeklyTime {
  readonly day: number
  readonly minutes: number
}

/** Reads a window that the schema accepted. Throws TypeError for another text. */
export function parseFreezeWindow(text: string): FreezeWindow {
  const [, from, until, zone] = WINDOW.exec(text) ?? []
  if (from === undefined || until === undefined || zone === undefined)
    throw new TypeError(`${quoted(text)} ${SHAPE}`)
  return { from: weeklyTime(from), until: weeklyTime(until), zone }
}

function weeklyTime(text: string): WeeklyTime {
  const [hours, minutes] = [Number(text.slice(4, 6)), Number(text.slice(7, 9))]
  return { day: DAYS.indexOf(text.slice(0, 3)) + 1, minutes: hours * 60 + minutes }
}

/** What is wrong with a freeze window, or undefined. */
export function freezeProblem(text: string): string | undefined {
  const [, from, until, zone] = WINDOW.exec(text) ?? []
  if (from === undefined || until === undefined || zone === undefined) return SHAPE
  if (from === until) return `begins and ends at ${from}; a window needs a length`
  if (!isTimeZone(zone)) {
    return `must end with a time zone of the IANA list, not ${quoted(zone)}${didYouMean(zone, Intl.supportedValuesOf('timeZone'))}`
  }
  return undefined
}

// Intl also takes offsets such as +01:00; with those a window would move by an hour in summer.
function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

export const freezeWindow = z
  .string()
  .regex(WINDOW, { error: SHAPE, abort: true })
  .superRefine((text, context) => {
    const problem = freezeProblem(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
