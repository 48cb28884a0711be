import * as z from 'zod'
import type { Machine } from '../runtime/runtime.ts'
import { Stop } from '../core/stop.ts'
import { ApiError } from '../zenml/api-error.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { endOf, type RunEnd } from './status.ts'

export interface WaitOptions {
  readonly timeoutSeconds: number
  readonly machine: Machine
  /** Called with every new status, the first included. */
  readonly onProgress?: (status: string) => void
}

export interface WaitOutcome {
  /** The last status that the server told. */
  readonly status: string
  /**
   * `timeout`: not finished when the time was over; a `paused` run waits for a person and ends so
   * too.
   */
  readonly end: RunEnd | 'timeout'
  readonly seconds: number
}

const FIRST_PAUSE_SECONDS = 1
const LONGEST_PAUSE_SECONDS = 10
/**
 * How long a status may stand before the server is told to ask the orchestrator, and how often from
 * then on.
 */
const REFRESH_SECONDS = 60
/** How long the server itself may be away, in seconds. */
const AWAY_SECONDS = 120

/**
 * Waits until a run has ended or the time is over. Throws what `ZenmlServer` throws, ApiError 404
 * for a run that was deleted.
 */
export async function waitForRun(
  server: ZenmlServer,
  runId: string,
  { timeoutSeconds, machine, onProgress }: WaitOptions,
): Promise<WaitOutcome> {
  const start = machine.monotonic()
  const elapsed = () => machine.monotonic() - start
  let status: string | undefined
  let refreshAt = REFRESH_SECONDS
  let pause = FIRST_PAUSE_SECONDS
  for (;;) {
    const told = await server.get(
      `/runs/${runId}/status`,
      z.string(),
      {},
      { deadlineSeconds: Math.min(Math.max(timeoutSeconds - elapsed(), 0), AWAY_SECONDS) },
    )
    if (told !== status) {
      status = told
      refreshAt = elapsed() + REFRESH_SECONDS
      onProgress?.(told)
    }
    const end = endOf(told)
    const left = timeoutSeconds - elapsed()
    if (end !== undefined || left <= 0)
      return { status: told, end: end ?? 'timeout', seconds: elapsed() }
    if (elapsed() >= refreshAt) {
      refreshAt = elapsed() + REFRESH_SECONDS
      await refresh(server, runId)
    }
    const next = Math.min(pause, left)
    await machine.sleep(next)
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_SECONDS)
  }
}

/**
 * Makes the server ask the orchestrator, for a run that died without a word. Not every orchestrator
 * can be asked.
 */
async function refresh(server: ZenmlServer, runId: string): Promise<void> {
  try {
    await server.post(`/runs/${runId}/refresh`, z.unknown(), undefined, {}, { deadlineSeconds: 0 })
  } catch (error) {
    // The next poll tells whether the server is there; that the orchestrator cannot be asked
    // changes nothing.
    if (
      !(error instanceof ApiError) &&
      !(error instanceof Stop && error.code === 'server-unreachable')
    )
      throw error
  }
}

/**
 * Asks the server to stop a run; also after the command itself was stopped. `why` says why it would
 * not. Never throws for a server that refuses or is away.
 */
export async function stopRun(
  server: ZenmlServer,
  runId: string,
): Promise<{ readonly stopped: boolean; readonly why?: string }> {
  try {
    await server.post(
      `/runs/${runId}/stop`,
      z.unknown(),
      undefined,
      { graceful: false },
      { ignoreAbort: true, deadlineSeconds: 0 },
    )
    return { stopped: true }
  } catch (error) {
    if (error instanceof ApiError) return { stopped: false, why: error.detail }
    if (error instanceof Stop) return { stopped: false, why: error.message }
    throw error
  }
}

/** The same, as a sentence that names the run. */
export async function stopAndTell(
  server: ZenmlServer,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<string> {
  const { stopped, why } = await stopRun(server, id)
  return stopped
    ? `${name} (${id}) was told to stop`
    : `${name} (${id}) may still run, the server would not stop it: ${why ?? 'no reason given'}`
}
