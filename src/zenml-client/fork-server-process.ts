import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { Stop } from '../core/stop.ts'
import { tail } from '../runtime/process.ts'
import { definedOnly, signalGroup } from '../runtime/process-group.ts'
import type { Machine } from '../runtime/runtime.ts'
import { variablesFor } from '../runtime/secret-variables.ts'
import type { ClientEnvironment } from './environment.ts'
import type { Job, JobResult } from './protocol.ts'

export interface ForkServerOptions {
  readonly machine: Machine
  readonly environment: ClientEnvironment
  /** `__main__.py` of zenml_upgrade_fork_server; the package is beside the bundle when shipped. */
  readonly forkServerPath: string
  /** Jobs at the same time. */
  readonly parallel: number
}

export interface RunOptions {
  /** Called when the job's process runs; before that it waits for a free place. */
  readonly onStarted?: (pid: number) => void
}

interface Pending {
  readonly job: Job
  readonly options: RunOptions
  readonly resolve: (result: JobResult) => void
  readonly reject: (reason: Error) => void
  pid: number | undefined
}

export type Python = ChildProcessByStdio<Writable, Readable, Readable>

/** The process and everything that is known of it. */
export interface Running {
  readonly python: Python
  /** Its directory, for the logs of jobs; removed at the end. */
  readonly work: string
  /** Jobs by the number under which they were sent. */
  readonly pending: Map<number, Pending>
  nextId: number
  /** The end of its standard error, in at most {@link KEPT} characters. */
  errors: string
  /** Why it takes no more jobs; undefined while it does. */
  gone: Error | undefined
}

const CLOSE_SECONDS = 15
/** Kept of standard error, in characters. */
const KEPT = 20_000

export async function launch(options: ForkServerOptions): Promise<Running> {
  const { machine, environment, forkServerPath, parallel } = options
  const work = await mkdtemp(join(tmpdir(), 'zenml-upgrade-client-'))
  const python = spawn(environment.python, [forkServerPath, String(parallel), work], {
    env: pythonEnvironment(machine, environment),
    cwd: work,
    // A group of its own: an interrupt of the terminal reaches us, and we end the jobs in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const running: Running = {
    python,
    work,
    pending: new Map(),
    nextId: 0,
    errors: '',
    gone: undefined,
  }
  python.stderr.on('data', (chunk: Buffer) => {
    running.errors = (running.errors + chunk.toString()).slice(-KEPT)
  })
  // A write after its end fails; why it ended is in `gone`.
  python.stdin.on('error', () => undefined)
  return running
}

/** Resolves when the process is gone, after every job that waited for it was rejected. */
export function untilEnd(running: Running): Promise<void> {
  return new Promise((resolve) => {
    const finish = (reason: Error) => {
      running.gone ??= reason
      for (const { pid, reject } of running.pending.values()) {
        // Its children have sessions of their own and would go on.
        if (pid !== undefined) signalGroup(pid, 'SIGKILL')
        reject(running.gone)
      }
      running.pending.clear()
      resolve()
    }
    running.python.on('error', finish)
    running.python.on('close', (code, signal) => {
      finish(endedUnasked(running, signal ?? `exit code ${String(code)}`))
    })
  })
}

function endedUnasked({ errors }: Running, how: string): Stop {
  return new Stop(
    'internal-error',
    `The Python process that runs ZenML ended (${how}):\n${tail(errors, 15).join('\n')}`,
    {
      next: 'Run it again; when it is ended by SIGKILL, give the machine more memory or lower `max-parallel`.',
    },
  )
}

/** Lets the process end its jobs and itself, and kills it when that takes too long. */
export async function end(running: Running, ended: Promise<void>): Promise<void> {
  running.gone ??= new Error('the fork server is closed')
  running.python.stdin.end()
  const timer = setTimeout(() => {
    kill(running)
  }, CLOSE_SECONDS * 1000)
  await ended
  clearTimeout(timer)
}

export function kill({ python }: Running): void {
  if (python.pid !== undefined) signalGroup(python.pid, 'SIGKILL')
}

export function rawLog(work: string, id: number): string {
  return join(work, `job-${id}.log`)
}

function pythonEnvironment(
  machine: Machine,
  environment: ClientEnvironment,
): Record<string, string> {
  return definedOnly({
    ...variablesFor('pipelines', machine.env),
    ...environment.env,
    PYTHONUNBUFFERED: '1',
    PYTHONIOENCODING: 'utf-8',
    // macOS ends a forked child that touches its frameworks; ZenML's own orchestrators set this
    // too.
    OBJC_DISABLE_INITIALIZE_FORK_SAFETY: 'YES',
  })
}
