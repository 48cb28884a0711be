import type { SnapshotReport } from '../result/snapshots.ts'
import { stepChanges } from './compare-records.ts'
import type { SnapshotsDeps, Stack } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { currentReport, failed } from './reports.ts'
import { jobProblem, workOn, type Workplace } from './workplace.ts'

/**
 * Imports and compiles each snapshot with the target client, on a copy of its stack in a throw-away
 * store. Changes nothing anywhere.
 */
export function planEach(
  deps: SnapshotsDeps,
  snapshots: readonly SelectedSnapshot[],
  done: (report: SnapshotReport) => void,
): Promise<SnapshotReport[]> {
  return workOn(deps, {
    planning: true,
    failedAt: 'plan',
    snapshots,
    done,
    on: (place, selected) => planOne(deps, place, selected),
  })
}

async function planOne(
  deps: SnapshotsDeps,
  { client, stack, blueprint, job }: Workplace,
  selected: SelectedSnapshot,
): Promise<SnapshotReport> {
  const result = await client.run({
    op: 'configure',
    ...job,
    configuration: blueprint.configuration,
    stackDefinition: stack.definition,
    env: userVariables(deps.jobVariables),
  })
  const report = { ...currentReport(selected), 'version-after': null, seconds: result.seconds }
  const notChecked = [...blueprint.notCarried, ...onlyByTheServer(stack)]
  if (result.ok) {
    const codeDecides = result.value.codeDecides.map(
      (path) => `${path}: not as recorded, the code decides about it now.`,
    )
    const { body, metadata } = selected.snapshot.record
    // Dynamic pipelines know their steps only when they run.
    const steps = body.is_dynamic
      ? []
      : stepChanges(Object.keys(metadata.step_configurations), result.value.steps)
    return {
      ...report,
      status: 'planned',
      'not-checked': [...notChecked, ...codeDecides, ...steps, ...result.value.notChecked],
    }
  }
  if (result.kind !== 'needs-server') return failed(report, 'plan', jobProblem(result, job.logPath))
  const sentence = `Its code asks the server for something while it is imported or compiled, which planning cannot answer: ${result.error}`
  return { ...report, status: 'planned', 'not-checked': [...notChecked, sentence] }
}

/** Planning contacts no server, so the code gets no way to one. */
function userVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => !name.startsWith('ZENML_STORE_')),
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
