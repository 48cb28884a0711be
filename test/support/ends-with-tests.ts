import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll } from '@jest/globals'

// A test that times out leaves its process and its loops behind. Each of them keeps the worker of
// Jest from ending, until Jest ends it by force.

const running = new Set<ChildProcess>()

afterAll(async () => {
  await Promise.all(
    [...running].map(async (child) => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    }),
  )
})

/** Ends a process with the tests of its file, if it has not ended before. */
export function endWithTests(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

/** Waits for a condition while a process runs. @throws when it ended first */
export async function until(condition: () => boolean, ended: Promise<unknown>): Promise<void> {
  const process = { over: false }
  const note = () => {
    process.over = true
  }
  void ended.then(note, note)
  while (!condition()) {
    if (process.over) throw new Error('the process ended before what the test waits for')
    await sleep(10)
  }
}
