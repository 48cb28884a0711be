import { parseJson } from '../core/json.ts'
import { readFile, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Stop } from '../core/stop.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { tail } from '../runtime/process.ts'
import { redactForeign } from '../runtime/secrets.ts'
import type { ClientEnvironment } from './environment.ts'
import {
  end,
  kill,
  launch,
  rawLog,
  untilEnd,
  type ForkServerOptions,
  type Python,
  type RunOptions,
  type Running,
} from './fork-server-process.ts'
import {
  eventSchema,
  RESULT_VALUES,
  type Job,
  type JobResult,
  type Operation,
  type ServerEvent,
} from './protocol.ts'

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

type Ready = Extract<ServerEvent, { event: 'ready' }>

const IMPORT_SECONDS = 180

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
          new Error(`not an event of the fork server: ${redactForeign(line).slice(0, 200)}`, {
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
      redactForeign(await readFile(rawLog(work, event.id), 'utf8').catch(() => '')),
    )
    waiting.resolve({ ...resultOf(waiting.job.op, event.result), seconds: event.seconds })
  } catch (error) {
    waiting.reject(error as Error)
  }
}

type DoneResult = Extract<ServerEvent, { event: 'done' }>['result']

function resultOf(op: Operation, result: DoneResult) {
  if (result.ok) return { ok: true as const, value: RESULT_VALUES[op].parse(result.value) }
  return {
    ...result,
    error: redactForeign(result.error),
    traceback: redactForeign(result.traceback),
  }
}

function abortReason({ signal }: Machine): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new Error('stopped', { cause: signal.reason })
}
