import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import type { Task } from './tasks.ts'

/** One time axis with the tasks on it; positions are shares of the axis from 0 to 1. */
export interface Chart {
  /** Milliseconds since 1970. */
  readonly start: number
  readonly end: number
  readonly ticks: readonly Tick[]
  readonly groups: readonly Group[]
}

interface Tick {
  readonly at: number
  /** Time of day in UTC, or the day where ticks are days apart. */
  readonly label: string
}

interface Group {
  readonly environment: Environment | null
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly task: Task
  readonly at: number
  readonly width: number
}

/** A pause of less does not start a new axis: jobs wait for runners, and people approve. */
const SHORTEST_PAUSE = 15 * 60_000
/** As much of the axis as is still seen on a telephone. */
const NARROWEST_BAR = 0.008
const MOST_TICKS = 4
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14].map((days) => days * DAY),
]

/**
 * Lays tasks out on as few time axes as possible: where the work rested for longer than it took,
 * such as for days between staging and production, the bars after the pause have an axis of their
 * own.
 * @param tasks In the order of their start.
 */
export function chartsOf(tasks: readonly Task[]): Chart[] {
  return stretchesOf(tasks).map(chart)
}

function stretchesOf(tasks: readonly Task[]): (readonly Task[])[] {
  if (tasks.length === 0) return []
  const busy = tasks.reduce((sum, { seconds }) => sum + seconds * SECOND, 0)
  const pause = tasks.findIndex(
    (task, index) =>
      index > 0 && startOf(task) - endOf(tasks.slice(0, index)) > Math.max(busy, SHORTEST_PAUSE),
  )
  return pause < 0
    ? [tasks]
    : [...stretchesOf(tasks.slice(0, pause)), ...stretchesOf(tasks.slice(pause))]
}

const startOf = ({ start }: Task) => Date.parse(start)
const endOf = (tasks: readonly Task[]) =>
  tasks.reduce((end, task) => Math.max(end, startOf(task) + task.seconds * SECOND), 0)

function chart(tasks: readonly Task[]): Chart {
  const start = Math.min(...tasks.map(startOf))
  // An axis of no length has no positions.
  const end = Math.max(endOf(tasks), start + 1)
  const share = (time: number) => (time - start) / (end - start)
  return {
    start,
    end,
    ticks: ticksOf(start, end).map(({ time, label }) => ({ at: share(time), label })),
    groups: [...ENVIRONMENTS, null].flatMap((environment) => {
      const own = tasks.filter((task) => task.environment === environment)
      const bars = own.map((task) => {
        const width = Math.max((task.seconds * SECOND) / (end - start), NARROWEST_BAR)
        return { task, at: Math.min(share(startOf(task)), 1 - width), width }
      })
      return bars.length === 0 ? [] : [{ environment, bars }]
    }),
  }
}

/** Round times of the axis, at most {@link MOST_TICKS} steps apart from each other. */
function ticksOf(start: number, end: number): { time: number; label: string }[] {
  const step =
    STEPS.find((candidate) => (end - start) / candidate <= MOST_TICKS) ??
    Math.ceil((end - start) / MOST_TICKS / DAY) * DAY
  const first = Math.ceil(start / step)
  return Array.from({ length: Math.floor(end / step) - first + 1 }, (_, index) => {
    const time = (first + index) * step
    return { time, label: label(time, step) }
  })
}

function label(time: number, step: number): string {
  const iso = new Date(time).toISOString()
  if (step >= DAY) return iso.slice(5, 10)
  if (step >= MINUTE) return iso.slice(11, 16)
  return step >= SECOND ? iso.slice(11, 19) : iso.slice(11, 21)
}
