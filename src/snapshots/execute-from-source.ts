import type { RunReport } from '../result/run.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import { causeOf } from '../runs/cause.ts'
import { explainRun } from '../runs/explain.ts'
import { fileTail } from '../runs/log-tail.ts'
import type { JobFailure, JobResult } from '../zenml-client/job-values.ts'
import type { RunJob } from '../zenml-client/protocol.ts'
import type { Problem } from './blueprint.ts'
import type { SelectedSnapshot } from './discovered.ts'
import type { Candidate, ExecuteContext } from './execute-context.ts'
import { explainLocalArtifacts } from './local-artifacts.ts'
import { newRunName, smokeConfiguration } from './run-configuration.ts'
import { secondsWith, toReport, withLog } from './run-end.ts'
import { failedFromSource } from './run-verdict.ts'
import { orUnread } from './unread-run.ts'
import { jobProblem, type Workplace } from './workplace.ts'

/** Runs the pipeline of a snapshot from source, on the stack of the snapshot. */
export async function executeFromSource(
  context: ExecuteContext,
  place: Workplace,
  { selected, report: before }: Candidate,
): Promise<SnapshotReport> {
  const report: SnapshotReport = { ...before, 'executed-on': 'source' }
  const started = performance.now()
  const { name, result } = await runFromSource(context, place, selected)
  const { logPath } = place.job
  if (result.ok)
    return orUnread(context, { name, report }, () =>
      toReport(context, { selected, report }, { id: result.value.runId, name, started, logPath }),
    )
  const problem = jobProblem(result, logPath)
  return orUnread(context, { name, report, problem }, () =>
    toFailedReport(
      context,
      { selected, report },
      { name, started, logPath, stack: place.stack, failure: result, problem },
    ),
  )
}

interface FailedProcess {
  readonly name: string
  /** Of `performance.now()`. */
  readonly started: number
  readonly logPath: string
  readonly stack: Workplace['stack']
  readonly failure: JobFailure
  readonly problem: Problem
}

/** Reports a run whose process failed, with what the server knows of it. */
async function toFailedReport(
  context: ExecuteContext,
  { selected, report }: Candidate,
  { name, started, logPath, stack, failure, problem: ofProcess }: FailedProcess,
): Promise<SnapshotReport> {
  const { deps, runs } = context
  const id = failure.runId ?? (await runs.find(name))
  const found = id === undefined ? null : await explainRun(deps.server, id, 'source')
  const log = await fileTail(logPath)
  const { run, problem } = failedFromSource(ofProcess, {
    failure: { ...failure, error: causeOf(failure.error, log) },
    run: found === null ? null : withCause(found, log),
    target: deps.target,
  })
  // A job that was ended, or died, leaves its run as it is.
  const stopped =
    failure.kind === 'timeout' || failure.kind === 'crash' ? ` ${await runs.stop(name)}.` : ''
  runs.ended(name)
  const withRun = { ...report, run, seconds: secondsWith(report, started) }
  const explained = explainLocalArtifacts(
    { ...problem, message: `${problem.message}${stopped}` },
    stack.definition,
  )
  return withLog(context, { selected, report: withRun }, explained, logPath)
}

function withCause(run: RunReport, log: readonly string[]): RunReport {
  return run.exception === null ? run : { ...run, exception: causeOf(run.exception, log) }
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
      deps.machine.log.info(
        `${snapshot.name} runs again: ${(await runs.stopIfOpen(name)) ?? `${name} has ended`}`,
      )
      name = begin()
      return { ...runJob, runName: name }
    },
  })
  return { name, result }
}
