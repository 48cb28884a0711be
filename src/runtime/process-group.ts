import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'

export interface ProcessOptions {
  /** Program and arguments; never through a shell, so text from outside stays an argument. */
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly timeoutSeconds: number
  readonly signal?: AbortSignal
}

export interface ProcessEnd {
  /** null when it was ended by a signal or never started. */
  readonly exitCode: number | null
  readonly timedOut: boolean
  /** Set when the program could not be started at all, such as ENOENT. */
  readonly startError: Error | undefined
  readonly seconds: number
}

/** A program in a process group of its own, so that all that it starts can be ended with it. */
export interface ProcessGroup {
  readonly child: ChildProcessWithoutNullStreams
  /** Resolves when the program has ended and its pipes are closed. Never rejects. */
  readonly closed: Promise<Pick<ProcessEnd, 'exitCode' | 'startError' | 'seconds'>>
}

const GRACE_SECONDS = 10

/** Starts a program. Never throws; that it could not be started is in `closed`. */
export function startGroup({ argv, env, cwd }: ProcessOptions): ProcessGroup {
  const started = performance.now()
  const [program, ...args] = argv
  const child = spawn(program, args, {
    env: definedOnly(env),
    cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const closed: ProcessGroup['closed'] = new Promise((resolve) => {
    const finish = (exitCode: number | null, startError?: Error) => {
      resolve({ exitCode, startError, seconds: (performance.now() - started) / 1000 })
    }
    child.on('error', (error) => {
      finish(null, error)
    })
    child.on('close', (code) => {
      finish(code)
    })
  })
  return { child, closed }
}

/** Waits for the end of a program, and ends its group at the time-out or an abort. */
export async function untilEnd(
  { child, closed }: ProcessGroup,
  { timeoutSeconds, signal }: ProcessOptions,
): Promise<ProcessEnd> {
  let timedOut = false
  const stop = () => {
    void endGroup(child)
  }
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutSeconds * 1000)
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const end = await closed
  clearTimeout(timer)
  signal?.removeEventListener('abort', stop)
  return { ...end, timedOut }
}

/** SIGTERM to the whole group, SIGKILL after ten seconds. */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || isClosed(child)) return
  signalGroup(child.pid, 'SIGTERM')
  const grace = setTimeout(() => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
  }, GRACE_SECONDS * 1000)
  await once(child, 'close')
  clearTimeout(grace)
}

/**
 * A child that has ended is not over while something that it left in the background holds its
 * output.
 */
function isClosed(child: ChildProcess): boolean {
  return (
    (child.exitCode !== null || child.signalCode !== null) &&
    child.stdio.every((stream) => stream == null || stream.destroyed)
  )
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // Gone already, or another user's (a command that is nothing but `sudo …`): nothing more can be
    // done from here.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

export function definedOnly(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
