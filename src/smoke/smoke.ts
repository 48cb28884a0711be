import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SmokeSuite } from '../config/schema.ts'
import type { RunReport } from '../result/run.ts'
import type { SuiteReport } from '../result/smoke.ts'
import type { Machine } from '../runtime/runtime.ts'
import { logFile } from '../runtime/files.ts'
import { combineSuites, type SmokeVerdict } from './combine.ts'
import { isWorthRepeating, judgeSuite } from './judge.ts'
import { Stop } from '../core/stop.ts'
import { runSuite, type Attempt, type SuiteJob } from './suite.ts'
import type { SuiteClient, SuiteServer } from './suite-environment.ts'

export interface SmokePlan {
  readonly suites: readonly SmokeSuite[]
  readonly server: SuiteServer
  /** What the server reports now. */
  readonly serverVersion: string
  /** How often a failed suite is run again. */
  readonly retries: number
  /** Names of variables with secrets that the file declares: database URLs, index URLs. */
  readonly withhold: readonly string[]
  /** Absolute path of the directory that takes the output of the suites. */
  readonly logDirectory: string
}

/** What the suites need from other rooms. */
export interface SmokeDeps {
  readonly machine: Machine
  /** Where the code of a suite lies and the client it runs with. */
  prepare(
    suite: SmokeSuite,
  ): Promise<{ readonly source: string; readonly sourceRoot: string; readonly client: SuiteClient }>
  /** Marks a place in the server's list of runs. */
  markRuns(): Promise<RunsMade>
}

/** The runs that our key made since a place was marked. */
export interface RunsMade {
  reports(): Promise<readonly RunReport[]>
  /**
   * Tells those that have not ended to stop, also after the command was stopped; a sentence for
   * each.
   */
  stopOpen(): Promise<readonly string[]>
}

/**
 * Runs every suite, also after one failed, and judges them together. Throws what `deps` throws, and
 * `Stop`s of {@link runSuite}.
 */
export async function runSmokeSuites(plan: SmokePlan, deps: SmokeDeps): Promise<SmokeVerdict> {
  const scratch = await mkdtemp(join(tmpdir(), 'zenml-upgrade-smoke-'))
  try {
    const reports: SuiteReport[] = []
    for (const [index, suite] of plan.suites.entries()) {
      const prepared = await deps.prepare(suite)
      const job: SuiteJob = {
        ...prepared,
        machine: deps.machine,
        suite,
        server: plan.server,
        withhold: plan.withhold,
        scratch: join(scratch, String(index)),
        logFile: logFile(plan.logDirectory, `smoke-suite-${index + 1}`, deps.machine.now()),
      }
      await mkdir(job.scratch)
      reports.push(
        await deps.machine.log.chapter(`smoke suite of ${job.source}: ${suite.command}`, () =>
          runWithRetries(job, plan, deps),
        ),
      )
    }
    return combineSuites(reports, plan.serverVersion)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function runWithRetries(
  job: SuiteJob,
  plan: SmokePlan,
  deps: SmokeDeps,
): Promise<SuiteReport> {
  const runs = await deps.markRuns()
  const { log } = deps.machine
  let earlierRuns: ReadonlySet<string> = new Set()
  const judge = async (attempts: readonly [Attempt, ...Attempt[]]) =>
    judgeSuite({
      source: job.source,
      command: job.suite.command,
      timeout: job.suite.timeout,
      serverVersion: plan.serverVersion,
      attempts,
      runs: await runs.reports(),
      earlierRuns,
    })
  const attempts: [Attempt, ...Attempt[]] = [await suiteOrStopped(job, runs)]
  let report = await judge(attempts)
  while (isWorthRepeating(report) && attempts.length <= plan.retries) {
    log.warn(`${report.message}; trying again, ${attempts.length} of ${plan.retries}`)
    earlierRuns = new Set(report.runs.map(({ id }) => id))
    attempts.push(await suiteOrStopped(job, runs))
    report = await judge(attempts)
  }
  // What a suite left behind that was ended goes on at the server.
  if (report['reason-code'] === 'smoke-timeout')
    for (const sentence of await runs.stopOpen()) log.warn(sentence)
  if (report['reason-code'] === 'smoke-passed') log.pass(report.message)
  else log.fail(report.message)
  return report
}

/** A suite that is stopped from outside leaves no run behind that goes on unnamed. */
async function suiteOrStopped(job: SuiteJob, runs: RunsMade): Promise<Attempt> {
  try {
    return await runSuite(job)
  } catch (error) {
    if (!job.machine.signal.aborted) throw error
    const told = await runs
      .stopOpen()
      .catch((cause: unknown) => [
        `runs of the suite may still go on: ${cause instanceof Error ? cause.message : 'the server cannot be asked'}`,
      ])
    if (told.length === 0) throw error
    throw new Stop(
      'cancelled',
      `Stopped while the smoke suite of ${job.source} ran: ${told.join('; ')}.`,
      { next: 'Run the command again.', cause: error },
    )
  }
}
