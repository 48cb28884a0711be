import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { parseJson } from '../core/json.ts'
import { Stop } from '../core/stop.ts'
import { tail } from '../runtime/process.ts'
import { closesWithin, definedOnly, signalGroup } from '../runtime/process-group.ts'
import type { Machine } from '../runtime/runtime.ts'
import { variablesFor } from '../runtime/secret-variables.ts'
import { redactForeign } from '../runtime/secrets.ts'
import type { ClientEnvironment } from './environment.ts'
import { JobsInProcess, type Attempt } from './jobs-in-process.ts'
import { eventSchema, type Job, type ServerEvent } from './protocol.ts'

export interface ForkServerOptions {
  readonly machine: Machine
  readonly environment: ClientEnvironment
  /** `__main__.py` of zenml_upgrade_fork_server; the package is beside the bundle when shipped. */
  readonly forkServerPath: string
  /** Jobs at the same time. */
  readonly parallel: number
}

type Ready = Extract<ServerEvent, { event: 'ready' }>

/** One Python process that has imported ZenML. */
export interface ForkServerProcess {
  readonly ready: Ready
  /** True when it ended without being asked to: every job of it is lost, and it takes no more. */
  isLost(): boolean
  /** Rejects when the command is stopped or the process was closed. */
  submit(job: Job, onStarted?: (pid: number) => void): Promise<Attempt>
  /** Ends the jobs that still run, and the process. Can be called twice. */
  close(): Promise<void>
}

type Python = ChildProcessByStdio<Writable, Readable, Readable>

/** The process and everything that is known of it. */
interface Running {
  readonly python: Python
  /** Its directory, for the logs of jobs; removed at the end. */
  readonly work: string
  readonly jobs: JobsInProcess
  /** Resolves when the process is gone and every job has its end. */
  readonly ended: Promise<void>
  /** The end of its standard error. */
  errors(): string
}

const IMPORT_SECONDS = 180
const CLOSE_SECONDS = 15
/** How long something that the process left behind may hold its output open. */
const OUTPUT_SECONDS = 2
/** Code of a job may stop the process (SIGSTOP) and with it all other jobs. */
const WAKE_SECONDS = 2
/** Kept of standard error, in characters. */
const KEPT = 20_000

/**
 * Starts a Python process that imports ZenML once and forks a child for each job. Throws
 * Stop('preflight-failed') when ZenML cannot be imported.
 */
export async function startForkServerProcess(
  options: ForkServerOptions,
): Promise<ForkServerProcess> {
  const { machine, environment } = options
  machine.signal.throwIfAborted()
  const running = await launch(options)
  const { jobs, ended } = running
  const onAbort = () => {
    jobs.refuse(abortReason(machine))
    void close()
  }
  const close = async () => {
    jobs.refuse(new Error('the fork server is closed'))
    await end(running)
    machine.signal.removeEventListener('abort', onAbort)
    await removeDirectory(running.work, machine)
  }
  machine.signal.addEventListener('abort', onAbort, { once: true })

  const ready = await machine.log.progress(`import ZenML ${environment.zenmlVersion}`, () =>
    untilReady(running),
  )
  if (ready === undefined) {
    const timedOut = jobs.lost === undefined
    await close()
    machine.signal.throwIfAborted()
    throw notImported(environment, timedOut ? undefined : running.errors())
  }
  void ended.then(() => {
    machine.signal.removeEventListener('abort', onAbort)
  })
  return {
    ready,
    isLost: () => jobs.lost !== undefined,
    submit: (job, onStarted) => jobs.submit(job, onStarted),
    close,
  }
}

async function launch(options: ForkServerOptions): Promise<Running> {
  const { machine, environment, forkServerPath, parallel } = options
  const work = await mkdtemp(join(tmpdir(), 'zenml-upgrade-client-'))
  const python = spawn(environment.python, [forkServerPath, String(parallel), work], {
    env: pythonEnvironment(machine, environment),
    cwd: work,
    // A group of its own: an interrupt of the terminal reaches us, and we end the jobs in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let errors = ''
  python.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-KEPT)
  })
  // A write after its end fails; that it ended is known from its own event.
  python.stdin.on('error', () => undefined)
  const jobs = new JobsInProcess(work, machine.log, (line) => python.stdin.write(line))
  return { python, work, jobs, errors: () => errors, ended: untilEnd(python, jobs) }
}

function untilEnd(python: Python, jobs: JobsInProcess): Promise<void> {
  const wake = setInterval(() => {
    signal(python, 'SIGCONT')
  }, WAKE_SECONDS * 1000)
  wake.unref()
  return new Promise((resolve) => {
    const finish = (how: string) => {
      clearInterval(wake)
      void jobs.lose(how).then(resolve)
    }
    python.on('error', (error) => {
      finish(error.message)
    })
    python.on('exit', () => {
      void closesWithin(python, OUTPUT_SECONDS).then((isClosed) => {
        if (!isClosed) for (const stream of [python.stdout, python.stderr]) stream.destroy()
      })
    })
    python.on('close', (code, by) => {
      finish(by ?? `exit code ${String(code)}`)
    })
  })
}

/** Resolves with what the process says when ZenML is imported; undefined when it does not say it. */
async function untilReady(running: Running): Promise<Ready | undefined> {
  const { python, jobs, ended } = running
  const timer = new AbortController()
  const deadline = delay(IMPORT_SECONDS * 1000, undefined, { signal: timer.signal })
  const ready = eventsOf(running, (event) => {
    void jobs.settle(event)
  })
  const first = await Promise.race([ready, ended, deadline.catch(() => undefined)])
  timer.abort()
  if (first === undefined) signal(python, 'SIGKILL')
  return first ?? undefined
}

/**
 * Reads events; resolves with `ready` and hands on the others. A process that writes something else
 * is ended: what it writes next cannot be trusted.
 */
function eventsOf(
  { python, jobs }: Running,
  onEvent: (event: ServerEvent) => void,
): Promise<Ready> {
  return new Promise((resolve) => {
    createInterface({ input: python.stdout }).on('line', (line) => {
      const parsed = eventSchema.safeParse(parseJson(line))
      if (!parsed.success) {
        jobs.endedBecause(`it wrote no event: ${redactForeign(line.slice(0, 1000)).slice(0, 200)}`)
        signal(python, 'SIGKILL')
      } else if (parsed.data.event === 'ready') resolve(parsed.data)
      else onEvent(parsed.data)
    })
  })
}

/** Lets the process end its jobs and itself, and kills it when that takes too long. */
async function end({ python, ended }: Running): Promise<void> {
  python.stdin.end()
  const timer = setTimeout(() => {
    signal(python, 'SIGKILL')
  }, CLOSE_SECONDS * 1000)
  await ended
  clearTimeout(timer)
}

function signal({ pid }: Python, name: NodeJS.Signals): void {
  if (pid !== undefined) signalGroup(pid, name)
}

/** What code of a job left in the directory may not be removable; that is no failure of the job. */
async function removeDirectory(work: string, machine: Machine): Promise<void> {
  try {
    await rm(work, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    machine.log.warn(
      `The scratch directory ${work} could not be removed: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function notImported({ zenmlVersion, python }: ClientEnvironment, errors: string | undefined) {
  return new Stop(
    'preflight-failed',
    errors === undefined
      ? `Importing ZenML ${zenmlVersion} took more than ${IMPORT_SECONDS} s.`
      : `ZenML ${zenmlVersion} cannot be imported in ${python}: ${tail(errors, 5).join('\n')}`,
    { next: 'Check that the requirements of the source fit this ZenML.' },
  )
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

function abortReason({ signal }: Machine): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new Error('stopped', { cause: signal.reason })
}
