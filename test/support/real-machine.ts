import { setTimeout } from 'node:timers/promises'
import type { Machine } from '../../src/runtime/runtime.ts'

/** A machine with the real clock, whose log is kept. */
export function realMachine(
  env: Readonly<Record<string, string | undefined>> = process.env,
  signal = new AbortController().signal,
): Machine & { readonly lines: string[] } {
  const lines: string[] = []
  const log = (line: string) => {
    lines.push(line)
  }
  return {
    env,
    lines,
    signal,
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
    now: () => new Date(),
    monotonic: () => performance.now() / 1000,
    async sleep(seconds) {
      await setTimeout(seconds * 1000, undefined, { signal }).catch(() => {
        throw signal.reason as Error
      })
    },
  }
}
