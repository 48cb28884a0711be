import type { Machine } from '../runner/machine.ts'
import type { RunReport } from '../report/model.ts'
import type { Run } from '../zenml/run-entities.ts'
import type { ZenmlServer } from '../zenml/server.ts'

export type StartOutcome =
  | { readonly kind: 'started'; readonly run: Run }
  /** This server cannot run this snapshot; the way round is to run its pipeline from source. */
  | { readonly kind: 'unsupported'; readonly why: string }

/** Starts a snapshot on the server. Waits for a free slot (429) up to the deadline. `runConfiguration` is a PipelineRunConfiguration. */
export declare function startSnapshotRun(server: ZenmlServer, snapshotId: string, runConfiguration: Readonly<Record<string, unknown>>, options?: { deadlineSeconds?: number }): Promise<StartOutcome>

export interface WaitOptions {
  readonly timeoutSeconds: number
  readonly machine: Machine
  /** Called with every new status, the first included. */
  readonly onProgress?: (status: string) => void
}
export interface WaitOutcome {
  /** Last status the server told. */
  readonly status: string
  /** `timeout`: still not finished when the time was over. `paused` runs wait for a person and end as `timeout` too. */
  readonly end: 'succeeded' | 'failed' | 'stopped' | 'timeout'
  readonly seconds: number
}
export declare function waitForRun(server: ZenmlServer, runId: string, options: WaitOptions): Promise<WaitOutcome>

/** Asks the server to stop a run, also after the command itself was stopped. `why` when it would not. */
export declare function stopRun(server: ZenmlServer, runId: string): Promise<{ stopped: boolean; why?: string }>

/** Everything a report tells about a run. */
export declare function explainRun(server: ZenmlServer, runId: string): Promise<RunReport>

/** A place in the server's own list of runs, so that no two clocks are compared. */
export interface RunsMark { readonly project: string; readonly created: string | null; readonly ids: readonly string[] }
export declare function markRuns(server: ZenmlServer, project: string): Promise<RunsMark>
/** Runs created after the mark, oldest first; only those of `userId` where given. */
export declare function runsSince(server: ZenmlServer, mark: RunsMark, userId?: string): Promise<Run[]>
