import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { redact } from './secrets.ts'

export interface ProcessSpec {
  /** Program and arguments; never through a shell, so text from outside stays an argument. */
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /**
   * Standard input, written whole and closed. Secrets go this way, or by `env`; never by `argv`.
   */
  readonly input?: string
  readonly timeoutSeconds: number
  readonly signal?: AbortSignal
  /**
   * How much of the output is given back; left out, the last {@link KEPT} characters, which explain
   * a failure.
   */
  readonly keep?: 'all'
  /** Every line of standard output and error, redacted, as it comes. */
  readonly onLine?: (line: string) => void
  /** Called with the process id once it runs, before anything is awaited: for journals. */
  readonly onStart?: (pid: number) => void | Promise<void>
}

export interface ProcessResult {
  /** null when it was ended by a signal or never started. */
  readonly exitCode: number | null
  readonly timedOut: boolean
  /** Set when the program could not be started at all, such as ENOENT. */
  readonly startError: Error | undefined
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
}

const GRACE_SECONDS = 10
/** Kept of each stream, in characters. */
const KEPT = 4_000_000

/**
 * Runs a program to its end in a process group of its own, so that a time-out or an abort ends all
 * that it started. Never throws for a failing program.
 */
export async function run(spec: ProcessSpec): Promise<ProcessResult> {
  const started = performance.now()
  const [program, ...args] = spec.argv
  const child = spawn(program, args, {
    env: definedOnly(spec.env),
    cwd: spec.cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let startError: Error | undefined
  const closed = new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      startError = error
      resolve(null)
    })
    child.on('close', (code) => {
      resolve(code)
    })
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) => {
      output[name] =
        spec.keep === 'all' ? `${output[name]}${line}\n` : `${output[name]}${line}\n`.slice(-KEPT)
      spec.onLine?.(redact(line))
    })
  }
  // the program may end without reading; its exit code tells
  child.stdin.on('error', () => undefined)
  child.stdin.end(spec.input ?? '')
  if (child.pid !== undefined) await spec.onStart?.(child.pid)

  let timedOut = false
  const stop = () => {
    void endGroup(child)
  }
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, spec.timeoutSeconds * 1000)
  if (spec.signal?.aborted === true) stop()
  spec.signal?.addEventListener('abort', stop, { once: true })
  const exitCode = await closed
  clearTimeout(timer)
  spec.signal?.removeEventListener('abort', stop)
  return {
    exitCode,
    timedOut,
    startError,
    ...output,
    seconds: (performance.now() - started) / 1000,
  }
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

/** The last lines of a text, for a message. */
export function tail(text: string, lines = 20): string[] {
  return redact(text).trimEnd().split('\n').slice(-lines)
}
