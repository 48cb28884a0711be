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
import { definedOnly, signalGroup, tail } from '../runtime/process.ts'
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

const IMPORT_SECONDS = 180
const CLOSE_SECONDS = 15
/** Kept of standard error, in characters. */
const KEPT = 20_000
/**
 * Starts a Python process that has imported ZenML once and forks a child for each job. Throws
 * Stop('preflight-failed') when ZenML cannot be imported.
 */
export async function startForkServer({
  machine,
  environment,
  forkServerPath,
  parallel,
}: ForkServerOptions): Promise<ForkServer> {
  machine.signal.throwIfAborted()
  const work = await mkdtemp(join(tmpdir(), 'zenml-upgrade-client-'))
  const python = spawn(environment.python, [forkServerPath, String(parallel), work], {
    env: pythonEnvironment(machine, environment),
    cwd: work,
    // A group of its own: an interrupt of the terminal reaches us, and we end the jobs in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const pending = new Map<number, Pending>()
  const state = { errors: '', gone: undefined as Error | undefined, next: 0 }
  python.stderr.on('data', (chunk: Buffer) => {
    state.errors = (state.errors + chunk.toString()).slice(-KEPT)
  })
  python.stdin.on('error', () => undefined) // its end tells why
  const ended = new Promise<void>((resolve) => {
    const end = (reason: Error) => {
      state.gone ??= reason
      for (const waiting of pending.values()) {
        // Its children have sessions of their own and would go on.
        if (waiting.pid !== undefined) signalGroup(waiting.pid, 'SIGKILL')
        waiting.reject(state.gone)
      }
      pending.clear()
      resolve()
    }
    python.on('error', end)
    python.on('close', (code, signal) => {
      const lines = tail(state.errors, 15).join('\n')
      end(
        new Stop(
          'internal-error',
          `The Python process that runs ZenML ended (${signal ?? `exit code ${String(code)}`}):\n${lines}`,
          {
            next: 'Run it again; when it is ended by SIGKILL, give the machine more memory or lower `max-parallel`.',
          },
        ),
      )
    })
  })

  const close = async () => {
    state.gone ??= new Error('the fork server is closed')
    python.stdin.end()
    const timer = setTimeout(() => {
      if (python.pid !== undefined) signalGroup(python.pid, 'SIGKILL')
    }, CLOSE_SECONDS * 1000)
    await ended
    clearTimeout(timer)
    machine.signal.removeEventListener('abort', onAbort)
    await rm(work, { recursive: true, force: true })
  }
  const onAbort = () => {
    state.gone ??= abortReason(machine)
    void close()
  }
  machine.signal.addEventListener('abort', onAbort, { once: true })

  const ready = eventsOf(
    python,
    (event) => {
      void settle(pending, event, work)
    },
    (reason) => {
      state.gone ??= reason
      if (python.pid !== undefined) signalGroup(python.pid, 'SIGKILL')
    },
  )
  const timer = new AbortController()
  const first = await Promise.race([
    ready,
    ended,
    delay(IMPORT_SECONDS * 1000, undefined, { signal: timer.signal }).catch(() => undefined),
  ])
  timer.abort()
  if (first === undefined) {
    const timedOut = state.gone === undefined
    if (timedOut && python.pid !== undefined) signalGroup(python.pid, 'SIGKILL')
    await close()
    machine.signal.throwIfAborted()
    throw new Stop(
      'preflight-failed',
      timedOut
        ? `Importing ZenML ${environment.zenmlVersion} took more than ${IMPORT_SECONDS} s.`
        : `ZenML ${environment.zenmlVersion} cannot be imported in ${environment.python}: ${tail(state.errors, 5).join('\n')}`,
      { next: 'Check that the requirements of the source fit this ZenML.', cause: state.gone },
    )
  }

  return {
    zenmlVersion: first.zenmlVersion,
    pythonVersion: first.pythonVersion,
    importSeconds: first.importSeconds,
    close,
    run<J extends Job>(job: J, options: RunOptions = {}) {
      return new Promise<JobResult<J['op']>>((resolve, reject) => {
        if (state.gone !== undefined) {
          reject(state.gone)
          return
        }
        const id = state.next++
        // The events of a job carry its own operation's value; `settle` has checked it against that
        // operation's schema.
        pending.set(id, {
          job,
          options,
          resolve: resolve as (result: JobResult) => void,
          reject,
          pid: undefined,
        })
        // What a pipeline prints may hold secrets: it gets to its place, which may be uploaded,
        // only without the known ones.
        python.stdin.write(
          `${JSON.stringify({ id, job: { ...job, logPath: rawLog(work, id) } })}\n`,
        )
      })
    },
  }
}

/** Reads events; resolves with `ready`, hands on the others, and tells of a line that is none. */
function eventsOf(
  python: ChildProcessByStdio<Writable, Readable, Readable>,
  onEvent: (event: ServerEvent) => void,
  onNonsense: (reason: Error) => void,
): Promise<Extract<ServerEvent, { event: 'ready' }>> {
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

async function settle(
  pending: Map<number, Pending>,
  event: ServerEvent,
  work: string,
): Promise<void> {
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
