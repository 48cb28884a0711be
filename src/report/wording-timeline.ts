import { environmentName, type Environment } from '../core/environments.ts'
import { capitalised, minute, oneLine, took } from '../core/text.ts'
import type { Task } from './tasks.ts'

/** The tasks of one environment; null: of no single one. */
export function groupWords(environment: Environment | null): string {
  return environment === null ? 'Both' : environmentName(environment)
}

/** `2026-11-23 10:00 to 10:31 UTC`, of times in milliseconds since 1970. */
export function periodWords({
  start,
  end,
}: {
  readonly start: number
  readonly end: number
}): string {
  const from = minute(new Date(start).toISOString())
  const to = minute(new Date(end).toISOString())
  if (from === to) return from
  return `${from.replace(' UTC', '')} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to}`
}

/** What a bar shows, for those who do not see it. */
export function taskWords({ environment, name, start, seconds, failed }: Task): string {
  const where = environment === null ? '' : `${environment}: `
  const end = failed ? `, failed after ${took(seconds)}.` : `, took ${took(seconds)}.`
  return capitalised(`${where}${oneLine(name)}, began ${start.slice(11, 19)}${end}`)
}

export function chartTitle(period: string): string {
  return `Timeline, ${period}`
}

/** Beside the name of a task that failed: its colour alone is not seen by everyone. */
export const FAILED_TASK = '✗ failed'
