import type { SnapshotReport } from '../result/snapshots.ts'
import type { ConfiguredPipeline } from '../zenml-client/job-values.ts'
import type { Problem } from './blueprint.ts'
import { BuildChecks } from './build-checks.ts'
import { checkCompiled } from './check-compiled.ts'
import { pipelineRecordOf } from './compare-records.ts'
import type { SnapshotsDeps, Stack } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { isToExecute } from './planned-runs.ts'
import { willLoseReference } from './proof.ts'
import { currentReport, failed } from './reports.ts'
import { smokeProblem } from './smoke-names.ts'
import type { Tally } from './tally.ts'
import { jobProblem, workOn, type Workplace } from './workplace.ts'

/**
 * Imports and compiles each snapshot with the target client, on a copy of its stack in a throw-away
 * store. Changes nothing anywhere.
 */
export function planEach(
  deps: SnapshotsDeps,
  snapshots: readonly SelectedSnapshot[],
  tally: Tally,
): Promise<SnapshotReport[]> {
  const builds = new BuildChecks(deps)
  return workOn(deps, {
    planning: true,
    failedAt: 'plan',
    snapshots,
    tally,
    on: (place, selected) => planOne({ deps, builds }, place, selected),
  })
}

async function planOne(
  { deps, builds }: { readonly deps: SnapshotsDeps; readonly builds: BuildChecks },
  place: Workplace,
  selected: SelectedSnapshot,
): Promise<SnapshotReport> {
  const { stack, blueprint, job, root } = place
  const check = await checkCompiled(deps, place, selected)
  const report = { ...currentReport(selected), 'version-after': null, seconds: check.seconds }
  const notChecked = [
    ...blueprint.notCarried,
    ...willLoseReference(selected.snapshot.record, root),
    ...onlyByTheServer(stack),
  ]
  if (check.ok) {
    const built = await builds.of(place, selected, check.value)
    const problem = check.problem ?? built.problem ?? wrongNames(deps, selected, check.value)
    const planned: SnapshotReport = {
      ...report,
      status: 'planned',
      'not-checked': [...notChecked, ...built.notes, ...check.notes, ...check.value.notChecked],
      warnings: check.value.notes,
    }
    return problem === undefined ? planned : failed(planned, 'plan', problem)
  }
  if (check.kind !== 'needs-server') return failed(report, 'plan', jobProblem(check, job.logPath))
  const sentence = `Its code asks the server for something while it is imported or compiled, which planning cannot answer: ${check.error}`
  return { ...report, status: 'planned', 'not-checked': [...notChecked, sentence] }
}

/** Finds what the file names for a run and the compiled pipeline does not have. */
function wrongNames(
  deps: SnapshotsDeps,
  selected: SelectedSnapshot,
  { records }: ConfiguredPipeline,
): Problem | undefined {
  if (!isToExecute(selected, deps)) return undefined
  return smokeProblem(
    selected.declaration,
    records?.compiled ?? pipelineRecordOf(selected.snapshot.record),
  )
}

function onlyByTheServer({ definition }: Stack): string[] {
  const builds = definition.components.some(
    ({ type }) => type === 'container_registry' || type === 'image_builder',
  )
  const remote = definition.components.some(
    ({ type, flavor }) => type === 'orchestrator' && flavor !== 'local',
  )
  return [
    ...(builds ? ['The image build.'] : []),
    ...(remote ? ['The contact with the orchestrator.'] : []),
  ]
}
