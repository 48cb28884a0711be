import { parseJson } from '../core/json.ts'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { Stop } from '../core/stop.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { tail } from '../runtime/process.ts'
import { definedOnly, signalGroup } from '../runtime/process-group.ts'
import { variablesFor } from '../runtime/secret-variables.ts'
import { redact } from '../runtime/secrets.ts'
import type { ClientEnvironment } from './environment.ts'
import {
  eventSchema,
  RESULT_VALUES,
  type Job,
  type JobResult,
  type Operation,
  type ServerEvent,
} from './protocol.ts'

export interface ForkServerOptions {
  readonly machine: Machine
  readonly environment: ClientEnvironment
  /** `__main__.py` of zenml_upgrade_fork_server; the package is beside the bundle when shipped. */
  readonly forkServerPath: string
  /** Jobs at the same time. */
  readonly parallel: number
}

interface RunOptions {
  /** Called when the job's process runs; before that it waits for a free place. */
  readonly onStarted?: (pid: number) => void
}

export interface ForkServer {
  readonly zenmlVersion: string
  /** `X.Y`. */
  readonly pythonVersion: string
  /** Seconds that the one import of ZenML took. */
  readonly importSeconds: number
  /**
   * Resolves for every end of the job, also a failed one; rejects only when the server itself is
   * gone or the command is stopped.
   */
  run<J extends Job>(job: J, options?: RunOptions): Promise<JobResult<J['op']>>
  /** Ends the jobs that still run, and the server. Can be called twice. */
  close(): Promise<void>
}

interface Pending {
  readonly job: Job
  readonly options: RunOptions
  readonly resolve: (result: JobResult) => void
  readonly reject: (reason: Error) => void
  pid: number | undefined
}

type Python = ChildProcessByStdio<Writable, Readable, Readable>

/** The process and everything that is known of it. */
interface Running {
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

type Ready = Extract<ServerEvent, { event: 'ready' }>

const IMPORT_SECONDS = 180
const CLOSE_SECONDS = 15
/** Kept of standard error, in characters. */
const KEPT = 20_000

/**
 * Starts a Python process that has imported ZenML once and forks a child for each job. Throws
 * Stop('preflight-failed') when ZenML cannot be imported.
 */
export async function startForkServer(options: ForkServerOptions): Promise<ForkServer> {
  const { machine, environment } = options
  machine.signal.throwIfAborted()
  const running = await launch(options)
  const ended = untilEnd(running)
  const onAbort = () => {
    running.gone ??= abortReason(machine)
    void close()
  }
  const close = async () => {
    await end(running, ended)
    machine.signal.removeEventListener('abort', onAbort)
    await rm(running.work, { recursive: true, force: true })
  }
  machine.signal.addEventListener('abort', onAbort, { once: true })

  const ready = await untilReady(running, ended)
  if (ready === undefined) {
    const timedOut = running.gone === undefined
    if (timedOut) kill(running)
    await close()
    machine.signal.throwIfAborted()
    throw notImported(running, environment, timedOut)
  }
  const { zenmlVersion, pythonVersion, importSeconds } = ready
  return {
    zenmlVersion,
    pythonVersion,
    importSeconds,
    close,
    run: (job, runOptions = {}) => submit(running, job, runOptions),
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
function untilEnd(running: Running): Promise<void> {
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

/** Resolves with what the process says when ZenML is imported; undefined when it does not say it. */
async function untilReady(running: Running, ended: Promise<void>): Promise<Ready | undefined> {
  const ready = eventsOf(
    running.python,
    (event) => {
      void settle(running, event)
    },
    (reason) => {
      running.gone ??= reason
      kill(running)
    },
  )
  const timer = new AbortController()
  const deadline = delay(IMPORT_SECONDS * 1000, undefined, { signal: timer.signal })
  const first = await Promise.race([ready, ended, deadline.catch(() => undefined)])
  timer.abort()
  return first ?? undefined
}

function notImported(running: Running, environment: ClientEnvironment, timedOut: boolean): Stop {
  const { zenmlVersion, python } = environment
  return new Stop(
    'preflight-failed',
    timedOut
      ? `Importing ZenML ${zenmlVersion} took more than ${IMPORT_SECONDS} s.`
      : `ZenML ${zenmlVersion} cannot be imported in ${python}: ${tail(running.errors, 5).join('\n')}`,
    { next: 'Check that the requirements of the source fit this ZenML.', cause: running.gone },
  )
}

/** Lets the process end its jobs and itself, and kills it when that takes too long. */
async function end(running: Running, ended: Promise<void>): Promise<void> {
  running.gone ??= new Error('the fork server is closed')
  running.python.stdin.end()
  const timer = setTimeout(() => {
    kill(running)
  }, CLOSE_SECONDS * 1000)
  await ended
  clearTimeout(timer)
}

function kill({ python }: Running): void {
  if (python.pid !== undefined) signalGroup(python.pid, 'SIGKILL')
}

function submit<J extends Job>(
  running: Running,
  job: J,
  options: RunOptions,
): Promise<JobResult<J['op']>> {
  const { python, pending, work } = running
  return new Promise<JobResult<J['op']>>((resolve, reject) => {
    if (running.gone !== undefined) {
      reject(running.gone)
      return
    }
    const id = running.nextId++
    // The events of a job carry its own operation's value; `settle` has checked it against that
    // operation's schema.
    const settled = resolve as (result: JobResult) => void
    pending.set(id, { job, options, resolve: settled, reject, pid: undefined })
    // What a pipeline prints may hold secrets: it gets to its place, which may be uploaded, only
    // without the known ones.
    python.stdin.write(`${JSON.stringify({ id, job: { ...job, logPath: rawLog(work, id) } })}\n`)
  })
}

/** Reads events; resolves with `ready`, hands on the others, and reports a line that is none. */
function eventsOf(
  python: Python,
  onEvent: (event: ServerEvent) => void,
  onNonsense: (reason: Error) => void,
): Promise<Ready> {
  return new Promise((resolve) => {
    createInterface({ input: python.stdout }).on('line', (line) => {
      const parsed = eventSchema.safeParse(parseJson(line))
      if (!parsed.success)
        onNonsense(
          new Error(`not an event of the fork server: ${redact(line).slice(0, 200)}`, {
            cause: parsed.error,
          }),
        )
      else if (parsed.data.event === 'ready') resolve(parsed.data)
      else onEvent(parsed.data)
    })
  })
}

async function settle({ pending, work }: Running, event: ServerEvent): Promise<void> {
  const waiting = event.event === 'ready' ? undefined : pending.get(event.id)
  if (waiting === undefined) return
  if (event.event === 'started') {
    waiting.pid = event.pid
    waiting.options.onStarted?.(event.pid)
  }
  if (event.event !== 'done') return
  pending.delete(event.id)
  try {
    await writeFileAtomic(
      waiting.job.logPath,
      redact(await readFile(rawLog(work, event.id), 'utf8').catch(() => '')),
    )
    waiting.resolve({ ...resultOf(waiting.job.op, event.result), seconds: event.seconds })
  } catch (error) {
    waiting.reject(error as Error)
  }
}

type DoneResult = Extract<ServerEvent, { event: 'done' }>['result']

function resultOf(op: Operation, result: DoneResult) {
  if (result.ok) return { ok: true as const, value: RESULT_VALUES[op].parse(result.value) }
  return { ...result, error: redact(result.error), traceback: redact(result.traceback) }
}

function rawLog(work: string, id: number): string {
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

function abortReason({ signal }: Machine): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new Error('stopped', { cause: signal.reason })
}
