import { snapshotKey } from '../core/snapshot-key.ts'
import { plural, took } from '../core/text.ts'
import type { PlannedRun, SnapshotReport } from '../result/snapshots.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { onlyFromSource } from './run-configuration.ts'
import { timeoutOf } from './workplace.ts'

type Policy = Pick<SnapshotsDeps, 'file' | 'environment'>

/** Tells whether the file wants a snapshot to be run in this environment. */
export function isToExecute(
  { declaration }: SelectedSnapshot,
  { file, environment }: Policy,
): boolean {
  const policy = file.execute[environment]
  return policy === 'all' || (policy === 'declared' && declaration !== undefined)
}

/** Says how a snapshot will be run; null where the file does not want it to be. Pure. */
export function plannedRun(selected: SelectedSnapshot, policy: Policy): PlannedRun | null {
  if (!isToExecute(selected, policy)) return null
  const { snapshot, declaration } = selected
  const smoke = declaration?.smoke
  return {
    on: onlyFromSource(snapshot.record, smoke) === undefined ? 'server' : 'source',
    parameters: smoke?.parameters ?? null,
    steps: smoke?.steps ?? null,
    'timeout-seconds': timeoutOf(selected),
  }
}

/** Adds to reports of a plan how each snapshot will be run; one that fails will not be. */
export function withPlannedRuns(
  reports: readonly SnapshotReport[],
  selected: readonly SelectedSnapshot[],
  policy: Policy,
): SnapshotReport[] {
  const runs = new Map(selected.map((each) => [each.snapshot.key, plannedRun(each, policy)]))
  return reports.map((report) => {
    const run = runs.get(snapshotKey(report))
    return run === undefined || report.status === 'failed' ? report : { ...report, 'will-run': run }
  })
}

/** Logs every run before the first one starts. */
export function logPlannedRuns(deps: SnapshotsDeps, selected: readonly SelectedSnapshot[]): void {
  const { log } = deps.machine
  if (selected.length === 0) {
    const isOff = deps.file.execute[deps.environment] === 'none'
    log.info(`Runs no snapshot${isOff ? `: \`execute.${deps.environment}\` is none` : ''}.`)
    return
  }
  log.info(`Runs ${plural(selected.length, 'snapshot')}:`)
  for (const each of selected) {
    const run = plannedRun(each, deps)
    if (run !== null) log.info(`  ${lineOf(each, run)}`)
  }
}

/** `training · default/churn · stack remote · on the server, else from source · steps {"load":…} · at most 1 h 0 min`. */
function lineOf({ snapshot }: SelectedSnapshot, run: PlannedRun): string {
  return [
    snapshot.name,
    `${snapshot.project}/${snapshot.pipeline}`,
    snapshot.stack === undefined ? 'its stack was deleted' : `stack ${snapshot.stack.name}`,
    run.on === 'server' ? 'on the server, else from source' : 'from source',
    ...(run.parameters === null ? [] : [`parameters ${JSON.stringify(run.parameters)}`]),
    ...(run.steps === null ? [] : [`steps ${JSON.stringify(run.steps)}`]),
    `at most ${took(run['timeout-seconds'])}`,
  ].join(' · ')
}
