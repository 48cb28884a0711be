import pMap from 'p-map'
import type { SnapshotReport } from '../result/snapshots.ts'
import { pipelineRecordOf } from './compare-records.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import type { Candidate, ExecuteContext } from './execute-context.ts'
import { executeFromSource } from './execute-from-source.ts'
import { executeOnServer } from './execute-on-server.ts'
import { failed } from './reports.ts'
import { smokeProblem } from './smoke-names.ts'
import { StartedRuns } from './started-runs.ts'
import type { Tally } from './tally.ts'
import { workOn } from './workplace.ts'

/**
 * Runs each snapshot to its end without cache: on the server where it can start runs, else its
 * pipeline from source on the same stack. Nothing is started before the names that the file uses
 * are checked for all of them. When the command is stopped, the runs are stopped or named.
 */
export async function executeEach(
  deps: SnapshotsDeps,
  candidates: readonly Candidate[],
  tally: Tally,
): Promise<SnapshotReport[]> {
  const context: ExecuteContext = { deps, runs: new StartedRuns(deps.server), tally }
  const { refused, accepted } = checkNames(candidates)
  for (const report of refused) tally.done(report)
  try {
    const { reports, fromSource } = await executeAllOnServer(context, accepted)
    const found = new Map(fromSource.map((each) => [each.selected.snapshot.key, each.report]))
    const others = await workOn(deps, {
      planning: false,
      failedAt: 'execute',
      snapshots: fromSource.map(({ selected }) => selected),
      tally,
      on: (place, selected) =>
        executeFromSource(context, place, { selected, report: reportIn(found, selected) }),
    })
    return [...refused, ...reports, ...others]
  } catch (error) {
    throw await context.runs.stopAll(error, deps.machine)
  }
}

function checkNames(candidates: readonly Candidate[]): {
  refused: SnapshotReport[]
  accepted: Candidate[]
} {
  const refused: SnapshotReport[] = []
  const accepted: Candidate[] = []
  for (const candidate of candidates) {
    const { snapshot, declaration } = candidate.selected
    const problem = smokeProblem(declaration, pipelineRecordOf(snapshot.record))
    if (problem === undefined) accepted.push(candidate)
    else refused.push(failed(candidate.report, 'execute', problem))
  }
  return { refused, accepted }
}

async function executeAllOnServer(
  context: ExecuteContext,
  candidates: readonly Candidate[],
): Promise<{ reports: SnapshotReport[]; fromSource: Candidate[] }> {
  const reports: SnapshotReport[] = []
  const fromSource: Candidate[] = []
  await pMap(
    candidates,
    async (candidate) => {
      const report = await executeOnServer(context, candidate)
      if (report === 'from source') {
        fromSource.push(candidate)
        return
      }
      reports.push(report)
      context.tally.done(report)
    },
    { concurrency: context.deps.parallel },
  )
  return { reports, fromSource }
}

function reportIn(
  reports: ReadonlyMap<string, SnapshotReport>,
  { snapshot }: SelectedSnapshot,
): SnapshotReport {
  const report = reports.get(snapshot.key)
  if (report === undefined) throw new Error(`no report for ${snapshot.key}`)
  return report
}
