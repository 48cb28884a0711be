import type { SnapshotReport } from '../result/snapshots.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import type { StartedRuns } from './started-runs.ts'
import type { Tally } from './tally.ts'

/** A snapshot that carries the target, with what is reported of it so far. */
export interface Candidate {
  readonly selected: SelectedSnapshot
  readonly report: SnapshotReport
}

/** What running one snapshot needs besides the snapshot. */
export interface ExecuteContext {
  readonly deps: SnapshotsDeps
  readonly runs: StartedRuns
  readonly tally: Tally
}
