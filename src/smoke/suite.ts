import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { SmokeSuite } from '../config/schema.ts'
import { Stop } from '../core/stop.ts'
import { clip } from '../core/text.ts'
import type { Machine } from '../runtime/runtime.ts'
import { remarksOn, run, type ProcessResult } from '../runtime/process.ts'
import { readJunit, removeStale, type JunitReading } from './junit-file.ts'
import { suiteEnvironment, type SuiteClient, type SuiteServer } from './suite-environment.ts'

export interface SuiteJob {
  readonly machine: Machine
  readonly suite: SmokeSuite
  /** Name of its source. */
  readonly source: string
  /** Absolute path; the command runs there. */
  readonly sourceRoot: string
  readonly client: SuiteClient
  readonly server: SuiteServer
  readonly withhold: readonly string[]
  /** An existing folder of this suite alone. */
  readonly scratch: string
  /** Absolute path of the file that takes the whole output. */
  readonly logFile: string
}

/** One run of the command, before anybody judged it. */
export interface Attempt {
  /** null when a signal or the time-out ended it. */
  readonly exitCode: number | null
  readonly timedOut: boolean
  readonly seconds: number
  readonly junit: JunitReading
  readonly logTail: readonly string[]
}

const TAIL_LINES = 60
/** In code points: the tail is part of the result, and a line may have megabytes. */
const TAIL_LINE_LENGTH = 1000

/**
 * Runs the command of a suite once and reads its JUnit file; judges nothing.
 * @throws Stop `invalid-file` when the source root is not there, `cancelled` by the machine's
 * signal
 */
export async function runSuite(job: SuiteJob): Promise<Attempt> {
  const { suite } = job
  await assertRoot(job)
  const junitFile =
    suite.junit === undefined
      ? join(job.scratch, 'junit.xml')
      : resolve(job.sourceRoot, suite.junit)
  await removeStale(junitFile)
  const logTail: string[] = []
  const ended = await runCommand(job, junitFile, (line) => {
    logTail.push(clip(line, TAIL_LINE_LENGTH))
    if (logTail.length > TAIL_LINES) logTail.shift()
  })
  // A suite that was cut off may have left the half of a file.
  const junit = ended.timedOut ? ({ kind: 'missing' } as const) : await readJunit(junitFile)
  return {
    exitCode: ended.exitCode,
    timedOut: ended.timedOut,
    seconds: ended.seconds,
    junit,
    logTail,
  }
}

async function assertRoot({ sourceRoot, source }: SuiteJob): Promise<void> {
  const found = await stat(sourceRoot).catch(() => undefined)
  if (found?.isDirectory() === true) return
  throw new Stop('invalid-file', `the folder of source "${source}" is not there: ${sourceRoot}`, {
    next: 'Correct `path` of the source.',
  })
}

/** Runs the command in bash. @throws Stop `smoke-failed` when there is no bash, `cancelled` */
async function runCommand(
  { machine, suite, client, server, scratch, logFile, sourceRoot, withhold }: SuiteJob,
  junitFile: string,
  onLine: (line: string) => void,
): Promise<ProcessResult> {
  const ended = await run({
    // Node's pipes are sockets, by which bash believes to be a remote shell and would read the
    // user's .bashrc.
    argv: ['bash', '--norc', '-euo', 'pipefail', '-c', suite.command],
    env: suiteEnvironment({
      machineEnv: machine.env,
      client,
      server,
      scratch,
      junitFile,
      tellPytest: suite.junit === undefined,
      withhold,
    }),
    cwd: sourceRoot,
    timeoutSeconds: suite.timeout,
    signal: machine.signal,
    endsLeftovers: true,
    logFile,
    onLine: (line) => {
      machine.log.info(line)
      onLine(line)
    },
  })
  for (const remark of remarksOn('The suite', ended)) machine.log.warn(remark)
  machine.signal.throwIfAborted()
  if (ended.startError === undefined) return ended
  throw new Stop('smoke-failed', `bash could not be started: ${ended.startError.message}`, {
    next: 'Install bash on this machine.',
    cause: ended.startError,
  })
}
