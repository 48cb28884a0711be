import { ApiError } from '../zenml/api-error.ts'
import { runSchema, type Run } from '../zenml/run-entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'

export type StartOutcome =
  | { readonly kind: 'started'; readonly run: Run }
  /** This server cannot run this snapshot; the way round is to run its pipeline from source. */
  | { readonly kind: 'unsupported'; readonly why: string }

export interface StartOptions {
  /**
   * For how long to wait for a free slot (429), in seconds; left out, an hour. A server starts two
   * snapshots at a time unless ZENML_SERVER_MAX_CONCURRENT_SNAPSHOT_RUNS says otherwise.
   */
  readonly deadlineSeconds?: number
  /** Called whenever the server has no free slot. */
  readonly onBusy?: () => void
}

/** Others may hold the slots: how long they take says nothing about the snapshot that waits. */
const SLOT_SECONDS = 3600
/** How long the server itself may be away, and the longest that one call waits for a slot. */
const AWAY_SECONDS = 60
/**
 * A gateway in front of the server may need long to answer: the server prepares the run before it
 * does.
 */
const TIMEOUT_SECONDS = 120

/**
 * Starts a snapshot on the server. `runConfiguration` is ZenML's PipelineRunConfiguration; for
 * static pipelines parameters go under `steps.<name>.parameters`. Throws ApiError for what the
 * server refuses otherwise: 404 for a snapshot that is gone, 400 and 422 for a configuration it
 * does not take or a stack that changed, 429 after the deadline. A stop of the command does not
 * abort a request that is on its way: the run would exist, and its id would be unknown.
 */
export async function startSnapshotRun(
  server: ZenmlServer,
  snapshotId: string,
  runConfiguration: Readonly<Record<string, unknown>>,
  { deadlineSeconds = SLOT_SECONDS, onBusy }: StartOptions = {},
): Promise<StartOutcome> {
  const start = () =>
    server.post(
      `/pipeline_snapshots/${snapshotId}/runs`,
      runSchema,
      { run_configuration: runConfiguration },
      {},
      {
        deadlineSeconds: Math.min(deadlineSeconds, AWAY_SECONDS),
        timeoutSeconds: TIMEOUT_SECONDS,
        ignoreAbort: true,
        ...(onBusy === undefined ? {} : { onBusy }),
      },
    )
  for (let waited = AWAY_SECONDS; ; waited += AWAY_SECONDS) {
    try {
      return { kind: 'started', run: await start() }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 429 && waited < deadlineSeconds) continue
      const why = unsupported(error)
      if (why === undefined) throw error
      return { kind: 'unsupported', why }
    }
  }
}

/** What the server says about a snapshot that it cannot run, whatever the configuration. */
const CANNOT = /local stack components|custom stack component|can ?not be run via the server/i

/**
 * Why this server will never run this snapshot, or undefined when the refusal means something else.
 */
export function unsupported(
  error: Pick<ApiError, 'status' | 'className' | 'detail'>,
): string | undefined {
  // Without a workload manager the route does not exist (405; 404 without an entity's exception
  // class) or says so (501).
  if (
    error.status === 405 ||
    error.status === 501 ||
    (error.status === 404 && error.className === undefined)
  ) {
    return 'the server has no workload manager, as open-source servers have none'
  }
  if (error.status === 402) return `the plan of this workspace does not include it: ${error.detail}`
  return error.status === 400 && CANNOT.test(error.detail) ? error.detail : undefined
}
