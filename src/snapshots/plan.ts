import type { SnapshotReport } from '../result/snapshots.ts'
import { checkCompiled } from './check-compiled.ts'
import type { SnapshotsDeps, Stack } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { currentReport, failed } from './reports.ts'
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
  return workOn(deps, {
    planning: true,
    failedAt: 'plan',
    snapshots,
    tally,
    on: (place, selected) => planOne(deps, place, selected),
  })
}

async function planOne(
  deps: SnapshotsDeps,
  place: Workplace,
  selected: SelectedSnapshot,
): Promise<SnapshotReport> {
  const { stack, blueprint, job } = place
  const check = await checkCompiled(deps, place, selected)
  const report = { ...currentReport(selected), 'version-after': null, seconds: check.seconds }
  const notChecked = [...blueprint.notCarried, ...onlyByTheServer(stack)]
  if (check.ok) {
    const planned: SnapshotReport = {
      ...report,
      status: 'planned',
      'not-checked': [...notChecked, ...check.notes, ...check.value.notChecked],
    }
    return check.problem === undefined ? planned : failed(planned, 'plan', check.problem)
  }
  if (check.kind !== 'needs-server') return failed(report, 'plan', jobProblem(check, job.logPath))
  const sentence = `Its code asks the server for something while it is imported or compiled, which planning cannot answer: ${check.error}`
  return { ...report, status: 'planned', 'not-checked': [...notChecked, sentence] }
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
