import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { startForkServerProcess, type ForkServerOptions } from './fork-server-process.ts'
import { crashed } from './job-result.ts'
import type { Attempt } from './jobs-in-process.ts'
import type { JobResult } from './job-values.ts'
import type { Job } from './protocol.ts'
import { RestartedProcess } from './restarted-process.ts'

interface RunOptions<J extends Job = Job> {
  /** Called when the job's process runs; before that it waits for a free place. */
  readonly onStarted?: (pid: number) => void
  /**
   * Gives the job to run when this one has to be tried again, such as a run under a new name.
   * Without it a `run` is not tried again, because the first run may go on.
   */
  readonly again?: () => Promise<J>
}

export interface ForkServer {
  readonly zenmlVersion: string
  /** `X.Y`. */
  readonly pythonVersion: string
  /** Seconds that the one import of ZenML took. */
  readonly importSeconds: number
  /**
   * Resolves for every end of the job, also a failed one, and also when a job ended the server;
   * rejects only when the command is stopped or the server was closed.
   */
  run<J extends Job>(job: J, options?: RunOptions<J>): Promise<JobResult<J['op']>>
  /** Ends the jobs that still run, and the server. Can be called twice. */
  close(): Promise<void>
}

/** Of both processes together; each restart costs the import of ZenML. */
const MOST_RESTARTS = 20

/**
 * Starts a Python process that has imported ZenML once and forks a child for each job. Throws
 * Stop('preflight-failed') when ZenML cannot be imported.
 */
export async function startForkServer(options: ForkServerOptions): Promise<ForkServer> {
  const first = await startForkServerProcess(options)
  let restarts = 0
  const start = (parallel: number) => {
    restarts += 1
    if (restarts > MOST_RESTARTS) throw restartedTooOften()
    return startForkServerProcess({ ...options, parallel })
  }
  const supervisor = new Supervisor(
    options.machine,
    new RestartedProcess(async () => start(options.parallel), first),
    new RestartedProcess(async () => start(1)),
  )
  return {
    zenmlVersion: first.ready.zenmlVersion,
    pythonVersion: first.ready.pythonVersion,
    importSeconds: first.ready.importSeconds,
    // The result of a job has its own operation's value: it was read with that schema.
    run: <J extends Job>(job: J, given: RunOptions<J> = {}) =>
      supervisor.run(job, given) as Promise<JobResult<J['op']>>,
    close: () => supervisor.close(),
  }
}

/**
 * Finds out whose fault it is when the process of the fork server ends: code of a job may end it,
 * because it runs as the same user. A job that ran alone is at fault. Jobs that ran together are
 * tried once more, one after the other, in a second process.
 */
class Supervisor {
  readonly #machine: Machine
  readonly #main: RestartedProcess
  readonly #second: RestartedProcess
  /** Resolves when nothing runs in the second process. */
  #free: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(machine: Machine, main: RestartedProcess, second: RestartedProcess) {
    this.#machine = machine
    this.#main = main
    this.#second = second
  }

  async run(job: Job, options: RunOptions): Promise<JobResult> {
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1000
    try {
      const attempt = await this.#attempt(job, options)
      const again = options.again ?? (job.op === 'run' ? undefined : () => Promise.resolve(job))
      if (again === undefined || !mayBeAnothersFault(attempt)) return resultOf(attempt, seconds())
      return resultOf(await this.#attemptAlone(await again(), options), seconds())
    } catch (error) {
      this.#machine.signal.throwIfAborted()
      if (this.#closed || !(error instanceof Error)) throw error
      // The process could not be started again; what ran before keeps its result.
      const next = error instanceof Stop ? error.next : undefined
      return crashed(seconds(), { error: error.message, next: next ?? null })
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([this.#main.close(), this.#second.close()])
  }

  /** A job that only waited when the process ended goes to the next process. */
  async #attempt(job: Job, { onStarted }: RunOptions): Promise<Attempt> {
    for (;;) {
      const process = await this.#main.get()
      const attempt = await process.submit(job, onStarted)
      if (attempt.kind === 'done' || attempt.ran) return attempt
    }
  }

  #attemptAlone(job: Job, { onStarted }: RunOptions): Promise<Attempt> {
    const attempt = this.#free.then(async () => {
      const process = await this.#second.get()
      return process.submit(job, onStarted)
    })
    this.#free = attempt.catch(() => undefined)
    return attempt
  }
}

/**
 * What another job at the same time may have caused: it used up the disk, the memory, or the
 * processes of the machine.
 */
const USED_UP =
  /No space left on device|database or disk is full|Disk quota exceeded|Cannot allocate memory|MemoryError|Resource temporarily unavailable|ended by SIGKILL/

function mayBeAnothersFault(attempt: Attempt): boolean {
  if (attempt.kind === 'lost') return attempt.running.length > 1
  const { result, alone } = attempt
  return !result.ok && !alone && result.kind !== 'timeout' && USED_UP.test(result.error)
}

function resultOf(attempt: Attempt, seconds: number): JobResult {
  if (attempt.kind === 'done') return attempt.result
  const others = attempt.running.length - 1
  return crashed(seconds, {
    error:
      others < 1
        ? `The process that runs ZenML ended (${attempt.how}) while only this code ran in it.`
        : `The process that runs ZenML ended (${attempt.how}) while this and ${others} more ran in it; a run is not started twice.`,
    next: 'Look for code that ends other processes. If the machine ran out of memory, give it more or lower `max-parallel`.',
  })
}

function restartedTooOften(): Stop {
  return new Stop(
    'internal-error',
    `The process that runs ZenML ended ${MOST_RESTARTS + 1} times. This code was not tried again.`,
    { next: 'Fix or exclude the snapshots that ended it, and run the command again.' },
  )
}
