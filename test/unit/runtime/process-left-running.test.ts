import { afterEach, describe, expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { runPiped } from '../../../src/runtime/piped-process.ts'
import { run, type ProcessSpec } from '../../../src/runtime/process.ts'

const left: number[] = []
afterEach(() => {
  for (const pid of left.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
})

/** Runs a script of bash. A line `left <pid>` of its output names a process to end afterwards. */
async function bash(script: string, spec: Partial<ProcessSpec> = {}) {
  const lines: string[] = []
  const started = performance.now()
  const result = await run({
    argv: ['bash', '--norc', '-c', script],
    env: process.env,
    timeoutSeconds: 60,
    onLine: (line) => {
      lines.push(line)
    },
    ...spec,
  })
  for (const [, pid] of result.stdout.matchAll(/^left (\d+)$/gm)) left.push(Number(pid))
  return { ...result, lines, waited: (performance.now() - started) / 1000 }
}

/** The letter of a process's state: a killed one is a zombie until its parent notices. */
async function stateOf(pid: number | undefined): Promise<string> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => 'State: gone')
  return /^State:\s+(\w+)/m.exec(status)?.[1] ?? ''
}

/** The pipes that keep the event loop alive. */
const openPipes = () =>
  process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length

describe('a process that was left running with the output open', () => {
  it('does not hold up a program that has ended well', async () => {
    const end = await bash('setsid sleep 600 & echo left $!; echo started')
    expect(end).toMatchObject({ exitCode: 0, timedOut: false, leftRunning: true })
    expect(end.lines).toContain('started')
    expect(end.waited).toBeLessThan(10)
    expect(end.seconds).toBeLessThan(3)
  })

  it('does not hold up a program that has ended well when it prints without a pause', async () => {
    const end = await bash(
      'setsid bash -c "while true; do echo tick; sleep 0.05; done" & echo left $!',
    )
    expect(end).toMatchObject({ exitCode: 0, timedOut: false, leftRunning: true })
    expect(end.waited).toBeLessThan(10)
  })

  it('goes on printing, which is not read and does not keep our process alive', async () => {
    const before = openPipes()
    const end = await bash('setsid bash -c "while echo tick; do sleep 0.05; done" & echo left $!')
    const lines = end.lines.length
    await delay(2000)
    expect(end.leftRunning).toBe(true)
    expect(await stateOf(left[0])).toMatch(/^[RS]$/)
    expect(end.lines).toHaveLength(lines)
    expect(openPipes()).toBe(before)
  })

  it('does not outlast a time-out when it left the process group', async () => {
    const end = await bash('setsid sleep 600 & echo left $!; sleep 600', { timeoutSeconds: 1 })
    expect(end).toMatchObject({ exitCode: null, timedOut: true, leftRunning: true })
    expect(end.waited).toBeLessThan(10)
  })

  it('is killed at a time-out when it is in the group and ignores SIGTERM', async () => {
    const end = await bash(
      `bash -c 'trap "" TERM; echo left $$; while true; do sleep 0.1; done' & sleep 600`,
      { timeoutSeconds: 1 },
    )
    expect(end).toMatchObject({ timedOut: true })
    expect(end.waited).toBeLessThan(20)
    expect(await stateOf(left[0])).toMatch(/^(gone|Z)$/)
  })

  it('is reported when its output is data, which may not be whole', async () => {
    const read = async (stdout: Readable) => {
      for await (const chunk of stdout)
        left.push(
          ...Buffer.from(chunk as Buffer)
            .toString()
            .split(/\s/)
            .map(Number)
            .filter(Boolean),
        )
    }
    const end = await runPiped({
      argv: ['bash', '--norc', '-c', 'setsid sleep 600 & echo $!'],
      env: process.env,
      timeoutSeconds: 60,
      sink: read,
    })
    expect(end).toMatchObject({ exitCode: 0, leftRunning: true })
    expect(end.pipeError?.message).toBe('a process that it left running keeps its output open')
  })
})
