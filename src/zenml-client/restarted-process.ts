import type { ForkServerProcess } from './fork-server-process.ts'

/** A process of the fork server that is started when it is needed, and again after it was lost. */
export class RestartedProcess {
  readonly #start: () => Promise<ForkServerProcess>
  #process: Promise<ForkServerProcess> | undefined
  /** What `#process` resolved with. */
  #running: ForkServerProcess | undefined
  #closed = false

  constructor(start: () => Promise<ForkServerProcess>, first?: ForkServerProcess) {
    this.#start = start
    this.#running = first
    this.#process = first === undefined ? undefined : Promise.resolve(first)
  }

  /** Rejects when the process cannot be started; the next call tries again. */
  get(): Promise<ForkServerProcess> {
    if (this.#closed) return Promise.reject(new Error('the fork server is closed'))
    if (this.#process !== undefined && this.#running?.isLost() !== true) return this.#process
    const lost = this.#running
    this.#running = undefined
    const next = (lost?.close() ?? Promise.resolve()).then(() => this.#start())
    this.#process = next
    next.then(
      (running) => {
        this.#running = running
      },
      () => {
        this.#process = undefined
      },
    )
    return next
  }

  async close(): Promise<void> {
    this.#closed = true
    const running = await this.#process?.catch(() => undefined)
    await running?.close()
  }
}
