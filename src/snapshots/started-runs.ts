import * as z from 'zod'
import type { Machine } from '../runtime/runtime.ts'
import { Stop } from '../core/stop.ts'
import { startSnapshotRun, type StartOptions, type StartOutcome } from '../runs/start.ts'
import { stopAndTell } from '../runs/wait.ts'
import type { JsonObject } from '../zenml-client/protocol.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import type { DiscoveredSnapshot } from './discovered.ts'

const foundRuns = z.looseObject({
  items: z.array(z.looseObject({ id: z.string(), name: z.string() })),
})

/** A runner of GitHub ends what is stopped within ten seconds. */
const FIND_SECONDS = 5

/**
 * The runs that this command started and that have not ended: what must be stopped or named when it
 * ends early.
 */
export class StartedRuns {
  readonly #server: ZenmlServer
  /** By id, or for runs from source by their unique name until the id is known. */
  readonly #open = new Map<string, { id?: string; name: string; project: string }>()
  /** Requests to start a run whose answer has not come yet. */
  readonly #starting = new Set<Promise<unknown>>()
  #stopping = false

  constructor(server: ZenmlServer) {
    this.#server = server
  }

  /** Starts a snapshot on the server, see {@link startSnapshotRun}. */
  async startOnServer(
    { id, projectId }: Pick<DiscoveredSnapshot, 'id' | 'projectId'>,
    configuration: JsonObject,
    options: StartOptions,
  ): Promise<StartOutcome> {
    const onBusy = () => {
      if (this.#stopping) throw new Error('nothing is started any more')
      options.onBusy?.()
    }
    const starting = startSnapshotRun(this.#server, id, configuration, { ...options, onBusy }).then(
      (outcome) => {
        if (outcome.kind === 'started')
          this.started({ id: outcome.run.id, name: outcome.run.name, project: projectId })
        return outcome
      },
    )
    this.#starting.add(starting)
    try {
      return await starting
    } finally {
      this.#starting.delete(starting)
    }
  }

  started(run: { id?: string; name: string; project: string }): void {
    this.#open.set(run.name, run)
  }

  ended(name: string): void {
    this.#open.delete(name)
  }

  /**
   * Id of a run that was started from source under this name; undefined when it never reached the
   * server.
   */
  async find(name: string): Promise<string | undefined> {
    const run = this.#open.get(name)
    if (run === undefined || run.id !== undefined) return run?.id
    const page = await this.#server.get(
      '/runs',
      foundRuns,
      { project: run.project, name: `equals:${name}`, size: 1, page: 1 },
      { ignoreAbort: true, timeoutSeconds: FIND_SECONDS },
    )
    return page.items[0]?.id
  }

  /** Stops one run; says how that went. */
  async stop(name: string): Promise<string> {
    const id = await this.find(name)
    this.ended(name)
    if (id === undefined) return `${name} did not reach the server`
    return stopAndTell(this.#server, { id, name })
  }

  /** Stops one run that has not ended; says how that went, also where the server cannot be asked. */
  async stopIfOpen(name: string): Promise<string | undefined> {
    if (!this.#open.has(name)) return undefined
    try {
      return await this.stop(name)
    } catch (error) {
      return `${name} may still run: ${error instanceof Error ? error.message : 'the server cannot be asked'}`
    }
  }

  /**
   * Stops all that is open, and what is being started, and gives back the error to throw: of a
   * stopped command it names every run.
   */
  async stopAll(error: unknown, machine: Machine): Promise<unknown> {
    this.#stopping = true
    await Promise.allSettled(this.#starting)
    const ends = await Promise.all([...this.#open.keys()].map((name) => this.stopIfOpen(name)))
    const told = ends.filter((end) => end !== undefined)
    if (told.length === 0) return error
    if (machine.signal.aborted)
      return new Stop('cancelled', `Stopped while snapshots ran: ${told.join('; ')}.`, {
        next: 'Run the command again.',
        cause: error,
      })
    for (const sentence of told) machine.log.warn(sentence)
    return error
  }
}
