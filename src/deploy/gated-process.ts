import { spawn } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { identify, type ProcessIdentity } from '../runtime/process-identity.ts'

/**
 * A process that outlives ours and does nothing before `go`. Between its start and `go` its
 * identity is written down; when we die in that moment it ends by itself, because its standard
 * input ends.
 */
export interface HeldProcess {
  readonly identity: ProcessIdentity
  go(): void
  /** Ends it if it was not told to go; else nothing. */
  abandon(): void
  /** How it ended, or undefined while it runs. */
  ended(): string | undefined
}

export interface HeldSpec {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Takes standard output and error: a pipe to us would break when we die. */
  readonly log: string
}

/**
 * Starts a program in a process group of its own. Throws the system's error when it cannot be
 * started.
 */
export async function hold({ argv, env, cwd, log }: HeldSpec): Promise<HeldProcess> {
  await mkdir(dirname(log), { recursive: true, mode: 0o700 })
  const file = await open(log, 'a', 0o600)
  const [program, ...args] = argv
  const child = spawn(program, args, {
    env: { ...env },
    cwd,
    detached: true,
    stdio: ['pipe', file.fd, file.fd],
  })
  // Listened to before anything is awaited: the event comes once, at the next turn.
  const spawned = new Promise((resolve, reject) =>
    child.once('spawn', resolve).once('error', reject),
  )
  await file.close()
  await spawned
  const { pid, stdin } = child
  if (pid === undefined || stdin === null)
    throw new Error(`${program} has no process id or no standard input`)
  stdin.on('error', () => undefined) // it may have ended already; `ended` tells
  // It may also have ended before it could be looked at; then its identity matches no living
  // process, which is the truth.
  const identity = (await identify(pid)) ?? { pid, started: 'ended' }
  child.unref()
  return {
    identity,
    go: () => {
      stdin.end('go\n')
    },
    abandon: () => {
      if (!stdin.writableEnded) stdin.end()
    },
    ended: () => {
      if (child.exitCode !== null) return `exit code ${child.exitCode}`
      return child.signalCode === null ? undefined : `signal ${child.signalCode}`
    },
  }
}

/**
 * How a process ended that is gone already: the system tells the end a moment before Node has the
 * exit code.
 */
export async function howItEnded(held: HeldProcess): Promise<string> {
  for (let tries = 0; held.ended() === undefined && tries < 100; tries += 1) await setTimeout(50)
  return held.ended() ?? 'unknown exit code'
}
