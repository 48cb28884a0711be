import type { SnapshotReport } from '../result/snapshots.ts'
import { findEarlierRun } from '../runs/earlier-run.ts'
import { explainRun } from '../runs/explain.ts'
import { fileTail, runnerLogTail, stepLogTail } from '../runs/log-tail.ts'
import { differentPackages, packagesOf } from '../runs/packages.ts'
import { waitForRun } from '../runs/wait.ts'
import { ifReadable } from '../core/stop.ts'
import { sentence } from '../core/text.ts'
import type { EarlierRun, RunReport } from '../result/run.ts'
import type { Problem } from './blueprint.ts'
import type { Candidate, ExecuteContext } from './execute-context.ts'
import { failed } from './reports.ts'
import { comparedWithEarlier, runProblem } from './run-verdict.ts'
import { timeoutOf } from './workplace.ts'

/** A run that was started. */
export interface StartedRun {
  readonly id: string
  readonly name: string
  /** Of `performance.now()`. */
  readonly started: number
  /** What the process of the run printed; left out for a run on the server. */
  readonly logPath?: string
}

type Context = Pick<ExecuteContext, 'deps' | 'runs'>

/** Waits for a run and reports how it ended. */
export async function toReport(
  { deps, runs }: Context,
  { selected, report }: Candidate,
  { id, name, started, logPath }: StartedRun,
): Promise<SnapshotReport> {
  const { server, machine, target } = deps
  const timeoutSeconds = timeoutOf(selected)
  const outcome = await waitForRun(server, id, { timeoutSeconds, machine })
  if (outcome.end !== 'timeout') runs.ended(name)
  const run = await explainRun(server, id, report['executed-on'] ?? 'source')
  const ended = { ...report, run, seconds: secondsWith(report, started) }
  if (outcome.end === 'timeout') {
    const log = await logTail(deps, { selected, report: ended }, logPath)
    const problem = {
      message: `The run did not end within ${timeoutSeconds} s, its status is ${outcome.status}: ${await runs.stop(name)}.`,
      next: `Give the snapshot a longer \`timeout\`, or smaller values in \`smoke\`.`,
    }
    return failed({ ...ended, 'log-tail': log }, 'execute', problem)
  }
  const problem = runProblem(run, target)
  return problem === undefined
    ? { ...ended, status: 'executed' }
    : withLog({ deps }, { selected, report: ended }, problem, logPath)
}

/**
 * Reports a run that failed, with the last lines of its log and what the last run before the upgrade
 * came to. The log of the failed step is the server's; `logPath` is that of the process.
 */
export async function withLog(
  { deps }: Pick<ExecuteContext, 'deps'>,
  { selected, report }: Candidate,
  { message, next }: Problem,
  logPath: string | undefined,
): Promise<SnapshotReport> {
  const log = await logTail(deps, { selected, report }, logPath)
  const earlier = await earlierRunOf(deps, { selected, report })
  const sentences = [
    sentence(message),
    comparedWithEarlier(earlier),
    ...(await otherPackages(deps, [report.run, earlier], [message, ...log].join('\n'))),
  ]
  return failed(
    {
      ...report,
      'log-tail': log,
      ...(earlier === undefined ? {} : { 'earlier-run': earlier }),
    },
    'execute',
    { message: sentences.join(' '), next },
  )
}

/** Names what changed since an earlier run that completed; `text` says how this one failed. */
async function otherPackages(
  { server }: ExecuteContext['deps'],
  [run, earlier]: readonly [RunReport | null, EarlierRun | null | undefined],
  text: string,
): Promise<string[]> {
  if (run === null || earlier?.status !== 'completed') return []
  const before = await packagesOf(server, earlier.id)
  const different = differentPackages(before, await packagesOf(server, run.id), text)
  return different === undefined ? [] : [`Since then these packages changed: ${different}.`]
}

/** Reads the log of the step, else of the process that ran it: ours, or the server's runner. */
async function logTail(
  { server }: ExecuteContext['deps'],
  { selected, report: { run } }: Candidate,
  logPath: string | undefined,
): Promise<string[]> {
  const project = selected.snapshot.projectId
  const ofStep = run === null ? [] : await stepLogTail(server, { id: run.id, project })
  if (ofStep.length > 0) return ofStep
  if (logPath !== undefined) return fileTail(logPath)
  return run === null ? [] : runnerLogTail(server, run.id)
}

/** Finds the last run before the upgrade; undefined where the server could not be asked. */
async function earlierRunOf(
  { server, target, predecessors }: ExecuteContext['deps'],
  { selected: { snapshot }, report }: Candidate,
): Promise<EarlierRun | null | undefined> {
  // The comparison only explains a failure.
  return ifReadable(
    findEarlierRun(server, {
      project: snapshot.projectId,
      replaced: report['new-id'] === null ? predecessors.get(snapshot.id) : report['old-id'],
      pipelineId: snapshot.pipelineId,
      stackId: snapshot.stack?.id,
      target,
    }),
  )
}

/** Adds the time of a run to what its snapshot took before, such as its rebuild. */
export function secondsWith({ seconds }: SnapshotReport, started: number): number {
  return (seconds ?? 0) + (performance.now() - started) / 1000
}
