import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listed } from '../core/text.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import type { Log } from '../runtime/log.ts'
import { signalGroup } from '../runtime/process-group.ts'
import { redactForeign } from '../runtime/secrets.ts'
import { readJobResult } from './job-result.ts'
import type { JobResult } from './job-values.ts'
import type { Job, ServerEvent } from './protocol.ts'

/** How one process of the fork server got on with a job. */
export type Attempt =
  | {
      readonly kind: 'done'
      readonly result: JobResult
      /** False when another job ran at the same time, if only for a while. */
      readonly alone: boolean
    }
  | {
      /** The process ended before the job did. */
      readonly kind: 'lost'
      /** `SIGKILL`, `exit code 1`. */
      readonly how: string
      /** False when the job waited for its turn. */
      readonly ran: boolean
      /** The jobs that ran when the process ended, by the source of their pipelines. */
      readonly running: readonly string[]
    }

interface Pending {
  readonly job: Job
  readonly onStarted: ((pid: number) => void) | undefined
  readonly resolve: (attempt: Attempt) => void
  readonly reject: (reason: Error) => void
  pid: number | undefined
  alone: boolean
}

/** The jobs of one process, from their submission to their end. */
export class JobsInProcess {
  readonly #work: string
  readonly #log: Log
  readonly #write: (line: string) => void
  /** Jobs by the number under which they were sent. */
  readonly #pending = new Map<number, Pending>()
  #nextId = 0
  /** Why jobs are rejected; undefined while they are not. */
  #refused: Error | undefined
  #lost: string | undefined
  #reason: string | undefined

  constructor(work: string, log: Log, write: (line: string) => void) {
    this.#work = work
    this.#log = log
    this.#write = write
  }

  /** How the process ended; undefined while it is there. */
  get lost(): string | undefined {
    return this.#lost
  }

  submit(job: Job, onStarted?: (pid: number) => void): Promise<Attempt> {
    return new Promise((resolve, reject) => {
      if (this.#refused !== undefined) {
        reject(this.#refused)
        return
      }
      if (this.#lost !== undefined) {
        resolve({ kind: 'lost', how: this.#lost, ran: false, running: [] })
        return
      }
      const id = this.#nextId++
      this.#pending.set(id, { job, onStarted, resolve, reject, pid: undefined, alone: true })
      // What a pipeline prints may hold secrets: it gets to its place, which may be uploaded, only
      // without the known ones.
      this.#write(`${JSON.stringify({ id, job: { ...job, logPath: this.#rawLog(id) } })}\n`)
    })
  }

  async settle(event: ServerEvent): Promise<void> {
    const waiting = event.event === 'ready' ? undefined : this.#pending.get(event.id)
    if (waiting === undefined) return
    if (event.event === 'started') this.#started(waiting, event.pid)
    if (event.event !== 'done') return
    this.#pending.delete(event.id)
    await this.#saveLog(event.id, waiting.job)
    const result = readJobResult(waiting.job.op, event)
    waiting.resolve({ kind: 'done', result, alone: waiting.alone })
  }

  /**
   * Rejects what runs, when the process has ended, and what comes. The first reason counts; none
   * does after the process ended by itself, because its jobs can be tried again.
   */
  refuse(reason: Error): void {
    if (this.#lost === undefined) this.#refused ??= reason
  }

  /** Says why the process will be ended, which is reported instead of how it ended. */
  endedBecause(reason: string): void {
    this.#reason ??= reason
  }

  /** Ends every job after the process has ended. */
  async lose(how: string): Promise<void> {
    this.#lost ??= this.#reason ?? how
    const pending = [...this.#pending]
    this.#pending.clear()
    const ran = pending.filter(([, { pid }]) => pid !== undefined)
    // The children have sessions of their own and could go on.
    for (const [, { pid }] of ran) if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    for (const [id, { job }] of ran) await this.#saveLog(id, job)
    const running = ran.map(([, { job }]) => job.pipelineSource)
    if (this.#refused === undefined && running.length > 0)
      this.#log.warn(
        `The process that runs ZenML ended (${this.#lost}) while ${listed(running)} ran. It is started again.`,
      )
    for (const [, { pid, resolve, reject }] of pending) {
      if (this.#refused !== undefined) reject(this.#refused)
      else resolve({ kind: 'lost', how: this.#lost, ran: pid !== undefined, running })
    }
  }

  #started(waiting: Pending, pid: number): void {
    waiting.pid = pid
    const others = [...this.#pending.values()].filter(
      (one) => one !== waiting && one.pid !== undefined,
    )
    for (const one of others) one.alone = false
    waiting.alone = others.length === 0
    waiting.onStarted?.(pid)
  }

  #rawLog(id: number): string {
    return join(this.#work, `job-${id}.log`)
  }

  /** A log that cannot be written, as on a full disk, does not change what the job came to. */
  async #saveLog(id: number, { logPath }: Job): Promise<void> {
    try {
      const text = await readFile(this.#rawLog(id), 'utf8').catch(() => '')
      await writeFileAtomic(logPath, redactForeign(text))
    } catch (error) {
      this.#log.warn(
        `The log ${logPath} could not be written: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
}
