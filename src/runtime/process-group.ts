import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface ProcessOptions {
  /** Program and arguments; never through a shell, so text from outside stays an argument. */
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly timeoutSeconds: number
  /** Ends what the program leaves running in its group; left out, that goes on. */
  readonly endsLeftovers?: true
  readonly signal?: AbortSignal
}

export interface ProcessEnd {
  /** null when it was ended by a signal or never started. */
  readonly exitCode: number | null
  readonly timedOut: boolean
  /** Set when the program could not be started at all, such as ENOENT. */
  readonly startError: Error | undefined
  /**
   * True when something that the program left running keeps its output open; what that prints is no
   * part of the result.
   */
  readonly leftRunning: boolean
  /** Until the program itself ended. */
  readonly seconds: number
}

/** A program in a process group of its own, so that all that it starts can be ended with it. */
export interface ProcessGroup {
  readonly child: ChildProcessWithoutNullStreams
  /** Resolves when the program itself has ended or could not be started. Never rejects. */
  readonly exited: Promise<Pick<ProcessEnd, 'exitCode' | 'startError' | 'seconds'>>
  /**
   * Resolves when, after that, its output is closed, or stays open for longer than what it printed
   * takes to read. Never rejects.
   */
  readonly closed: Promise<Pick<ProcessEnd, 'leftRunning'>>
}

/** Between SIGTERM and SIGKILL. */
const GRACE_SECONDS = 10

/**
 * How long the output of a program that has ended may stay open. What it printed is read within
 * milliseconds; who holds it open longer is a process that goes on, such as a server that was
 * started in the background.
 */
const OUTPUT_GRACE_SECONDS = 5

/** Starts a program. Never throws; that it could not be started is in `exited`. */
export function startGroup({ argv, env, cwd }: ProcessOptions): ProcessGroup {
  const started = performance.now()
  const [program, ...args] = argv
  const child = spawn(program, args, {
    env: definedOnly(env),
    cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const exited: ProcessGroup['exited'] = new Promise((resolve) => {
    const finish = (exitCode: number | null, startError?: Error) => {
      resolve({ exitCode, startError, seconds: (performance.now() - started) / 1000 })
    }
    child.on('error', (error) => {
      finish(null, error)
    })
    child.on('exit', (code) => {
      finish(code)
    })
  })
  // A process that left the group cannot be ended with it, and would be waited for without an end.
  const closed = closesWithin(child, OUTPUT_GRACE_SECONDS, exited)
  return { child, exited, closed: closed.then((isClosed) => ({ leftRunning: !isClosed })) }
}

/**
 * Waits for the end of the output of a program that is ending, so many seconds after its end, and
 * returns whether it came. Call it at the latest in the handler of `exit`.
 */
export async function closesWithin(
  child: ChildProcess,
  seconds: number,
  exited: Promise<unknown> = Promise.resolve(),
): Promise<boolean> {
  const closed = new Promise((resolve) => child.once('close', resolve)).then(() => true)
  await exited
  // Counted in turns of the event loop, so that a loop that was blocked reads first. A reader that
  // is behind, such as a slow disk, gets the time that it needs.
  const step = 0.1
  for (let waited = 0; ; waited += step) {
    const isClosed = await Promise.race([closed, delay(step * 1000, false, { ref: false })])
    if (isClosed) return true
    const isBehind = [child.stdout, child.stderr].some((stream) => stream?.readableLength)
    if (waited > seconds && !isBehind) return false
  }
}

/**
 * Reads on what a process that was left running prints, and drops it: the process would end at its
 * next output if no one did. Our own process can end all the same.
 */
export function dropOutput({ stdout, stderr }: ChildProcessWithoutNullStreams): void {
  for (const stream of [stdout, stderr]) {
    stream.removeAllListeners('data').resume()
    if (stream instanceof Socket) stream.unref()
  }
}

/** Waits for the end of a program, and ends its group at the time-out or an abort. */
export async function untilEnd(
  { child, exited, closed }: ProcessGroup,
  { timeoutSeconds, endsLeftovers, signal }: ProcessOptions,
): Promise<ProcessEnd> {
  let timedOut = false
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= endGroup(child)
  }
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutSeconds * 1000)
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const end = await exited
  clearTimeout(timer)
  if (endsLeftovers === true) stop()
  const { leftRunning } = await closed
  signal?.removeEventListener('abort', stop)
  await stopped
  return { ...end, leftRunning, timedOut }
}

/** SIGTERM to the whole group, SIGKILL after ten seconds to what is left of it. */
export async function endGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined || (await endsBy(pid, 'SIGTERM', GRACE_SECONDS))) return
  // A killed process is gone within milliseconds; one that no one reaps remains as a zombie.
  await endsBy(pid, 'SIGKILL', 1)
}

/** Whether a group is gone within so many seconds after a signal. */
async function endsBy(pid: number, signal: NodeJS.Signals, seconds: number): Promise<boolean> {
  signalGroup(pid, signal)
  const step = 0.1
  for (let waited = 0; waited < seconds; waited += step) {
    if (!signalGroup(pid, 0)) return true
    await delay(step * 1000)
  }
  return false
}

/** Sends a signal to a group, 0 to ask only. Returns whether there was anyone to take it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch (error) {
    // Gone already, or another user's (a command that is nothing but `sudo …`): nothing more can be
    // done from here.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return false
  }
}

export function definedOnly(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
