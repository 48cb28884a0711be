import type { Machine } from '../../src/runtime/runtime.ts'

export interface TestMachine extends Machine {
  /** Everything that was slept, in seconds. */
  readonly slept: number[]
  readonly lines: string[]
  /** Sets the wall clock forward or, by a negative number, back, in seconds. */
  setWallClockBy(seconds: number): void
  /** Stops the command, as a signal from outside does. */
  stop(reason: Error): void
}

/** A machine whose clocks move only by sleeping, so that no test waits. */
export function testMachine(env: Readonly<Record<string, string | undefined>> = {}): TestMachine {
  const controller = new AbortController()
  const lines: string[] = []
  const slept: number[] = []
  let elapsed = 0
  let wallStart = Date.parse('2026-11-23T12:00:00Z')
  const log = (line: string) => {
    lines.push(line)
  }
  return {
    env,
    lines,
    slept,
    signal: controller.signal,
    log: {
      info: log,
      pass: log,
      debug: () => undefined,
      fail: log,
      warn: log,
      chapter: (title, work) => {
        log(title)
        return work()
      },
      progress: (_what, work) => work(() => undefined),
      quiet: (work) => work(),
    },
    now: () => new Date(wallStart + elapsed * 1000),
    monotonic: () => elapsed,
    // Through the event loop, so that servers of the test get their turn.
    sleep: (seconds) =>
      new Promise((resolve, reject) => {
        slept.push(seconds)
        elapsed += seconds
        setImmediate(() => {
          if (controller.signal.aborted) reject(controller.signal.reason as Error)
          else resolve()
        })
      }),
    setWallClockBy: (seconds) => {
      wallStart += seconds * 1000
    },
    stop: (reason) => {
      controller.abort(reason)
    },
  }
}
