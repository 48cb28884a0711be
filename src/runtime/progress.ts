import { took } from '../core/text.ts'

// Users are promised a line within 5 s, then every 10 s in a terminal and every 15 s elsewhere.
// Each limit is half a second less, because timers are late.
const FIRST_SECONDS = 4.5
const TERMINAL_SECONDS = 9.5
const ELSEWHERE_SECONDS = 14.5

/** Work that is going on. Times are seconds of one monotonic clock. */
export interface Work {
  readonly what: string
  readonly began: number
  /** How far it is, such as `3 of 20`; empty where that is not known. */
  readonly state: () => string
}

/** Says how far a piece of work is, such as `3 of 20`, whenever a line is printed. */
export type Show = (state: () => string) => void

/** When the next line is due if nothing is printed until then; undefined while nothing is done. */
export function nextLineAt(
  works: readonly Work[],
  lastLine: number,
  interval: number,
): number | undefined {
  if (works.length === 0) return undefined
  return Math.min(
    ...works.map(({ began }) => (lastLine > began ? lastLine + interval : began + FIRST_SECONDS)),
  )
}

/**
 * The line of the work that began last; of none that has taken less than the first line waits, for
 * it may be done at once. Undefined when that leaves nothing.
 */
export function progressLine(works: readonly Work[], now: number): string | undefined {
  const work = works.findLast(({ began }) => now - began >= FIRST_SECONDS)
  if (work === undefined) return undefined
  const state = work.state()
  const time = took(Math.round(now - work.began))
  return `… ${[work.what, ...(state === '' ? [] : [state]), time].join(' · ')}`
}

export interface Progress {
  /** Runs work that may last, and prints what it is doing while nothing else is printed. */
  readonly run: <T>(what: string, work: (show: Show) => Promise<T>) => Promise<T>
  /** Prints nothing meanwhile: a person is asked, or another process prints its own progress. */
  readonly quiet: <T>(work: () => Promise<T>) => Promise<T>
  /** Must be called after each line that something else printed. */
  readonly printed: () => void
}

interface ProgressOptions {
  readonly print: (line: string) => void
  readonly terminal: boolean
  /** Seconds; never goes back. */
  readonly clock: () => number
}

/** The one place with a timer for progress; the timer does not keep the process running. */
export function createProgress({ print, terminal, clock }: ProgressOptions): Progress {
  const interval = terminal ? TERMINAL_SECONDS : ELSEWHERE_SECONDS
  const works: Work[] = []
  let lastLine = -Infinity
  let silenced = 0
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    clearTimeout(timer)
    const at = silenced > 0 ? undefined : nextLineAt(works, lastLine, interval)
    if (at !== undefined) timer = setTimeout(tick, Math.ceil((at - clock()) * 1000)).unref()
  }
  const tick = () => {
    const due = nextLineAt(works, lastLine, interval) ?? Infinity
    try {
      const line = clock() < due ? undefined : progressLine(works, clock())
      if (line !== undefined) {
        print(line)
        lastLine = clock()
      }
    } catch {
      // The line is left out: an error in a timer would end the process, and with it the work.
      lastLine = clock()
    }
    schedule()
  }
  return {
    async run(what, work) {
      let state = () => ''
      const entry: Work = { what, began: clock(), state: () => state() }
      works.push(entry)
      schedule()
      try {
        return await work((current) => {
          state = current
        })
      } finally {
        works.splice(works.indexOf(entry), 1)
        schedule()
      }
    },
    async quiet(work) {
      silenced += 1
      schedule()
      try {
        return await work()
      } finally {
        silenced -= 1
        lastLine = clock()
        schedule()
      }
    },
    printed: () => {
      lastLine = clock()
    },
  }
}
