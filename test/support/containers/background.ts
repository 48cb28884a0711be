import { spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '../../../src/runtime/process-identity.ts'

/** A program that serves until it is stopped. */
export interface Background {
  log(): Promise<string>
  /** Ends the process and waits for it. Can be called twice. */
  stop(): Promise<void>
}

interface BackgroundOptions {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Of the run; the log and the identity of the process are written below it. */
  readonly directory: string
  readonly name: string
  /** Whether it serves now. */
  readonly ready: () => Promise<boolean>
  /** Default: 30. */
  readonly secondsToEnd?: number
}

/** Where the identities of processes are, so that a later run can end those of a killed one. */
export function processesOf(directory: string): string {
  return join(directory, 'processes')
}

/** Starts a program and waits until it serves. @throws with the end of its log when it ends first */
export async function startInBackground(options: BackgroundOptions): Promise<Background> {
  const { argv, env, directory, name } = options
  const [program = '', ...args] = argv
  const logPath = join(directory, `${name}.log`)
  const log = await open(logPath, 'a')
  const child = spawn(program, args, {
    cwd: directory,
    env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  await log.close()
  const ended = event(child, 'exit')
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  if (child.pid === undefined) throw new Error(`${program} cannot be started`)
  const record = join(processesOf(directory), `${name}.json`)
  await mkdir(processesOf(directory), { recursive: true })
  await writeFile(record, JSON.stringify(await identify(child.pid)))
  const kill = (signal: NodeJS.Signals) => {
    if (!isOver()) child.kill(signal)
  }
  const endWithTests = () => {
    kill('SIGTERM')
  }
  process.on('exit', endWithTests)
  const stop = async () => {
    process.off('exit', endWithTests)
    kill('SIGTERM')
    await Promise.race([
      ended,
      sleep((options.secondsToEnd ?? 30) * 1000, undefined, { ref: false }),
    ])
    kill('SIGKILL')
    await ended
    await rm(record, { force: true })
  }
  const background = { log: () => readFile(logPath, 'utf8'), stop }
  for (let waited = 0; !(await options.ready()); waited += 0.1) {
    if (isOver() || waited > 60) {
      await stop()
      const text = await background.log()
      throw new Error(`${name} does not serve:\n${text.slice(-3000)}`)
    }
    await sleep(100)
  }
  return background
}
