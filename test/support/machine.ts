import type { Machine } from '../../src/runtime/runtime.ts'

export interface TestMachine extends Machine {
  /** Everything that was slept, in seconds. */
  readonly slept: number[]
  readonly lines: string[]
  /** Stops the command, as a signal from outside does. */
  stop(reason: Error): void
}

/** A machine whose clock moves only by sleeping, so that no test waits. */
export function testMachine(env: Readonly<Record<string, string | undefined>> = {}): TestMachine {
  const controller = new AbortController()
  const lines: string[] = []
  const slept: number[] = []
  let now = Date.parse('2026-11-23T12:00:00Z')
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
    },
    now: () => new Date(now),
    // Through the event loop, so that servers of the test get their turn.
    sleep: (seconds) =>
      new Promise((resolve, reject) => {
        slept.push(seconds)
        now += seconds * 1000
        setImmediate(() => {
          if (controller.signal.aborted) reject(controller.signal.reason as Error)
          else resolve()
        })
      }),
    stop: (reason) => {
      controller.abort(reason)
    },
  }
}
