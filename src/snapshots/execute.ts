import pMap from 'p-map'
import type { SnapshotReport } from '../result/snapshots.ts'
import { explainRun } from '../runs/explain.ts'
import { startSnapshotRun } from '../runs/start.ts'
import { waitForRun } from '../runs/wait.ts'
import { ApiError } from '../zenml/api-error.ts'
import type { JobResult, RunJob } from '../zenml-client/protocol.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { failed } from './reports.ts'
import {
  newRunName,
  onlyFromSource,
  serverRunConfiguration,
  smokeConfiguration,
  unknownSteps,
} from './run-configuration.ts'
import { failedFromSource, runProblem } from './run-verdict.ts'
import { StartedRuns } from './started-runs.ts'
import type { Tally } from './tally.ts'
import { jobProblem, timeoutOf, workOn, type Workplace } from './workplace.ts'

/** A snapshot that carries the target, with what is reported of it so far. */
export interface Candidate {
  readonly selected: SelectedSnapshot
  readonly report: SnapshotReport
}

interface ExecuteContext {
  readonly deps: SnapshotsDeps
  readonly runs: StartedRuns
  readonly tally: Tally
  readonly reports: ReadonlyMap<string, SnapshotReport>
}

/**
 * Runs each snapshot to its end without cache: on the server where it can start runs, else its
 * pipeline from source on the same stack. When the command is stopped, the runs are stopped or
 * named.
 */
export async function executeEach(
  deps: SnapshotsDeps,
  candidates: readonly Candidate[],
  tally: Tally,
): Promise<SnapshotReport[]> {
  const runs = new StartedRuns(deps.server)
  const context: ExecuteContext = {
    deps,
    runs,
    tally,
    reports: new Map(candidates.map(({ selected, report }) => [selected.snapshot.key, report])),
  }
  try {
    const fromSource: SelectedSnapshot[] = []
    const reports: SnapshotReport[] = []
    await pMap(
      candidates,
      async ({ selected }) => {
        const report = await executeOnServer(context, selected)
        if (report === 'from source') {
          fromSource.push(selected)
          return
        }
        reports.push(report)
        tally.done(report)
      },
      { concurrency: deps.parallel },
    )
    const others = await workOn(deps, {
      planning: false,
      failedAt: 'execute',
      snapshots: fromSource,
      tally,
      on: (place, selected) => executeFromSource(context, place, selected),
    })
    return [...reports, ...others]
  } catch (error) {
    throw await runs.stopAll(error, deps.machine)
  }
}

async function executeOnServer(
  { deps, runs, tally, reports }: ExecuteContext,
  selected: SelectedSnapshot,
): Promise<SnapshotReport | 'from source'> {
  const { snapshot, declaration } = selected
  const report = reportOf(reports, selected)
  const unknown = unknownSteps(snapshot.record, declaration?.smoke)
  if (unknown.length > 0) {
    return failed(report, 'execute', {
      message: `\`smoke.steps\` names steps that the pipeline does not have: ${unknown.join(', ')}.`,
      next: `Correct the entry ${snapshot.name}; the steps are ${Object.keys(snapshot.record.metadata.step_configurations).join(', ')}.`,
    })
  }
  const obstacle = onlyFromSource(snapshot.record, declaration?.smoke)
  if (obstacle !== undefined) {
    tellFromSource(deps, selected, obstacle)
    return 'from source'
  }
  const started = performance.now()
  try {
    const outcome = await startSnapshotRun(
      deps.server,
      snapshot.id,
      serverRunConfiguration(snapshot.record, declaration?.smoke),
      { deadlineSeconds: timeoutOf(selected) },
    )
    if (outcome.kind === 'unsupported') {
      tellFromSource(deps, selected, outcome.why)
      return 'from source'
    }
    const { id, name } = outcome.run
    runs.started({ id, name, project: snapshot.projectId })
    tally.began(snapshot)
    return await concluded(
      { deps, runs },
      selected,
      { ...report, 'executed-on': 'server' },
      { id, name, started },
    )
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return failed(report, 'execute', {
      message: `The server would not run it: ${error.detail}`,
      next: error.next ?? 'Run it once by hand to see more.',
    })
  }
}

async function executeFromSource(
  { deps, runs, reports }: ExecuteContext,
  place: Workplace,
  selected: SelectedSnapshot,
): Promise<SnapshotReport> {
  const report: SnapshotReport = { ...reportOf(reports, selected), 'executed-on': 'source' }
  const started = performance.now()
  const { name, result } = await runFromSource({ deps, runs }, place, selected)
  if (result.ok)
    return concluded({ deps, runs }, selected, report, { id: result.value.runId, name, started })
  const id = result.runId ?? (await runs.find(name))
  const found = id === undefined ? null : await explainRun(deps.server, id, 'source')
  const { run, problem } = failedFromSource(jobProblem(result, place.job.logPath), {
    failure: result,
    run: found,
    target: deps.target,
  })
  // A job that was ended, or died, leaves its run as it is.
  const stopped =
    result.kind === 'timeout' || result.kind === 'crash' ? ` ${await runs.stop(name)}.` : ''
  runs.ended(name)
  return failed({ ...report, run, seconds: secondsSince(started) }, 'execute', {
    message: `${problem.message}${stopped}`,
    next: problem.next,
  })
}

/**
 * Runs the pipeline once; again only where the code of another snapshot ended the process. Each run
 * has a name of its own, because the first one may have reached the server. `name` is the last.
 */
async function runFromSource(
  { deps, runs }: Pick<ExecuteContext, 'deps' | 'runs'>,
  { client, blueprint, stack, job }: Workplace,
  { snapshot, declaration }: SelectedSnapshot,
): Promise<{ readonly name: string; readonly result: JobResult<'run'> }> {
  const begin = () => {
    const name = newRunName(snapshot.name)
    runs.started({ name, project: snapshot.projectId })
    return name
  }
  let name = begin()
  const runJob: RunJob = {
    op: 'run',
    ...job,
    configuration: blueprint.configuration,
    overrides: smokeConfiguration(declaration?.smoke),
    stack: stack.id,
    project: snapshot.projectId,
    runName: name,
    env: deps.jobVariables,
  }
  const result = await client.run(runJob, {
    again: async () => {
      deps.machine.log.info(`${snapshot.name} runs again: ${await runs.stop(name)}`)
      name = begin()
      return { ...runJob, runName: name }
    },
  })
  return { name, result }
}

/** Waits for a run and judges it. */
async function concluded(
  { deps, runs }: Pick<ExecuteContext, 'deps' | 'runs'>,
  selected: SelectedSnapshot,
  report: SnapshotReport,
  { id, name, started }: { id: string; name: string; started: number },
): Promise<SnapshotReport> {
  const timeoutSeconds = timeoutOf(selected)
  const outcome = await waitForRun(deps.server, id, { timeoutSeconds, machine: deps.machine })
  const run = await explainRun(deps.server, id, report['executed-on'] ?? 'source')
  const told = { ...report, run, seconds: secondsSince(started) }
  if (outcome.end === 'timeout') {
    return failed(told, 'execute', {
      message: `The run did not end within ${timeoutSeconds} s, its status is ${outcome.status}: ${await runs.stop(name)}.`,
      next: `Give the snapshot a longer \`timeout\`, or smaller values in \`smoke\`.`,
    })
  }
  runs.ended(name)
  const problem = runProblem(run, deps.target)
  return problem === undefined ? { ...told, status: 'executed' } : failed(told, 'execute', problem)
}

function reportOf(
  reports: ReadonlyMap<string, SnapshotReport>,
  { snapshot }: SelectedSnapshot,
): SnapshotReport {
  const report = reports.get(snapshot.key)
  if (report === undefined) throw new Error(`no report for ${snapshot.key}`)
  return report
}

function tellFromSource(
  { machine }: SnapshotsDeps,
  { snapshot }: SelectedSnapshot,
  why: string,
): void {
  machine.log.info(`${snapshot.name} runs from source: ${why}`)
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}
