import * as z from 'zod'
import type { Machine } from '../runtime/runtime.ts'
import { Stop } from '../core/stop.ts'
import { stopAndTell } from '../runs/wait.ts'
import type { ZenmlServer } from '../zenml/types.ts'

const foundRuns = z.looseObject({
  items: z.array(z.looseObject({ id: z.string(), name: z.string() })),
})

/**
 * The runs that this command started and that have not ended: what must be stopped or named when it
 * ends early.
 */
export class StartedRuns {
  readonly #server: ZenmlServer
  /** By id, or for runs from source by their unique name until the id is known. */
  readonly #open = new Map<string, { id?: string; name: string; project: string }>()

  constructor(server: ZenmlServer) {
    this.#server = server
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
      { ignoreAbort: true },
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

  /**
   * Stops all that is open and gives back the error to throw: of a stopped command it names every
   * run.
   */
  async stopAll(error: unknown, machine: Machine): Promise<unknown> {
    const told: string[] = []
    for (const name of [...this.#open.keys()]) {
      told.push(
        await this.stop(name).catch(
          (cause: unknown) =>
            `${name} may still run: ${cause instanceof Error ? cause.message : 'the server cannot be asked'}`,
        ),
      )
    }
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
