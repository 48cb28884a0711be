import type { Check } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import { logFile } from '../runtime/files.ts'
import { identify, isAlive } from '../runtime/process-identity.ts'
import { remarksOn, run, tail, type ProcessResult } from '../runtime/process.ts'
import type { Machine } from '../runtime/runtime.ts'
import { scriptProblem } from '../runtime/shell-script.ts'
import { variablesFor } from '../runtime/secret-variables.ts'
import { isServerAddress } from '../zenml/address.ts'
import type { DriverContext } from './types.ts'
import { because, CAUSE_LINES } from './cause-of-failure.ts'
import type { DeployJournal, Deployed, Deployment, Driver, LeftChild } from './driver.ts'

export interface CommandSettings {
  readonly deploy: string
  readonly rollback?: string | undefined
  readonly stop?: string | undefined
}

const COMMAND_SECONDS = 3600
const LAST_WORDS = 3
const LOG_LINES = 40
type Step = 'deploy' | 'rollback' | 'stop'

interface Called {
  readonly result: ProcessResult
  /** The last lines of both streams, as they came. */
  readonly lines: readonly string[]
}

interface Call {
  readonly step: Step
  readonly script: string
  readonly deployment: Deployment
  readonly journal?: DeployJournal
}

/**
 * The user's own commands. Their exit codes are reported, and are never taken for the server's
 * word.
 */
export function commandDriver(settings: CommandSettings, context: DriverContext): Driver {
  const { machine, workspace } = context
  const { rollback, stop } = settings
  return {
    name: 'command',
    // What a command does to the database is its own affair.
    tellsMigration: false,
    preflight: async () => [
      ...(await preflight(settings, workspace, machine.env['PATH'])),
      ...storeUrlCheck(machine.env['ZENML_STORE_URL']),
    ],
    async endLeftovers(children) {
      for (const child of children) await waitForChild(child, machine)
    },
    deploy: (deployment, journal) =>
      deploy(context, { step: 'deploy', script: settings.deploy, deployment, journal }),
    ...(stop === undefined
      ? {}
      : {
          stop: (deployment: Deployment) =>
            callOnTheWayBack(context, { step: 'stop', script: stop, deployment }),
        }),
    ...(rollback === undefined
      ? {}
      : {
          startOld: (deployment: Deployment, journal: DeployJournal) =>
            callOnTheWayBack(context, { step: 'rollback', script: rollback, deployment, journal }),
        }),
  }
}

/** Runs a command to its end; the journal knows its process meanwhile. */
async function call(
  { machine, workspace, logDirectory, serverUrl }: DriverContext,
  { step, script, deployment, journal }: Call,
): Promise<Called> {
  const child = `${step} command`
  const lines: string[] = []
  machine.log.info(`running deploy.command.${step}`)
  const result = await machine.log.progress(`deploy.command.${step}`, () =>
    run({
      argv: bash(script),
      env: {
        ...variablesFor('commands', machine.env),
        PREVIOUS_VERSION: deployment.fromVersion,
        TARGET_VERSION: deployment.toVersion,
        SERVER_URL: serverUrl,
      },
      cwd: workspace,
      timeoutSeconds: COMMAND_SECONDS,
      signal: machine.signal,
      logFile: logFile(logDirectory, `${step}-command`, machine.now()),
      onLine: (line) => {
        machine.log.info(`${step} │ ${line}`)
        if (lines.push(line) > LOG_LINES) lines.shift()
      },
      onStart: async (pid) => {
        await journal?.child(child, await identify(pid))
      },
    }),
  )
  await journal?.child(child, undefined)
  for (const remark of remarksOn(`deploy.command.${step}`, result)) machine.log.warn(remark)
  machine.signal.throwIfAborted()
  return { result, lines }
}

async function deploy(context: DriverContext, wanted: Call): Promise<Deployed> {
  const { result, lines } = await call(context, wanted)
  const ok = result.exitCode === 0
  const message = ok
    ? sentence('deploy', result)
    : `${sentence('deploy', result)}${reasonOf({ result, lines })}`
  return { ok, message, stoppedAt: null, log: lines }
}

/** The exception that a Python program ended with, else the last words, for a reader of the report. */
function reasonOf({ result: { stdout, stderr }, lines }: Called): string {
  const cause = because(tail(stderr, CAUSE_LINES)) || because(tail(stdout, CAUSE_LINES))
  if (cause !== '' || lines.length === 0) return cause
  return `: ${lines.slice(-LAST_WORDS).join(' · ')}`
}

/** @throws Stop `rollback-failed` */
async function callOnTheWayBack(context: DriverContext, wanted: Call): Promise<void> {
  const called = await call(context, wanted)
  const { result } = called
  if (result.exitCode === 0) return
  throw new Stop('rollback-failed', `${sentence(wanted.step, result)}${reasonOf(called)}`, {
    next: `Mend deploy.command.${wanted.step}, then run this again.`,
    cause: result.startError,
  })
}

/** @throws Stop `locked` for a command of an earlier run that does not end */
async function waitForChild({ name, identity }: LeftChild, machine: Machine): Promise<void> {
  const { pid } = identity
  await machine.log.progress(`wait for the ${name} of an earlier run, process ${pid}`, async () => {
    for (let waited = 0; await isAlive(identity); waited += 1) {
      if (waited > COMMAND_SECONDS)
        throw new Stop('locked', `the ${name} of an earlier run still runs as process ${pid}`, {
          next: 'End it, then run this again.',
        })
      await machine.sleep(1)
    }
  })
}

/** Ends at the first failing command, also inside a pipe and for a variable that is not set. */
function bash(script: string): [string, ...string[]] {
  return ['bash', '--norc', '-euo', 'pipefail', '-c', script]
}

async function preflight(
  settings: CommandSettings,
  workspace: string,
  path: string | undefined,
): Promise<Check[]> {
  const checks: Check[] = []
  for (const step of ['deploy', 'rollback', 'stop'] as const) {
    const script = settings[step]
    checks.push(
      script === undefined ? notSet(step) : await checkScript(step, script, workspace, path),
    )
  }
  return checks
}

function storeUrlCheck(url: string | undefined): Check[] {
  if (!isServerAddress(url)) return []
  return [
    {
      name: 'deploy.command environment',
      status: 'warning',
      message:
        'ZENML_STORE_URL is the address of a server; a server that a command starts with it would take that for its database',
      next: 'Name the server under `server` in the file and remove the variable, or let the command unset it.',
    },
  ]
}

function notSet(step: Step): Check {
  return {
    name: `deploy.command.${step}`,
    status: 'warning',
    message: `not set: after a failed migration nobody can ${step === 'stop' ? 'stop the server for a restore' : 'start the old version'}`,
    next: 'Name it in the file if this tool shall go back by itself.',
  }
}

async function checkScript(
  step: Step,
  script: string,
  workspace: string,
  path: string | undefined,
): Promise<Check> {
  const name = `deploy.command.${step}`
  // Reads the script without running it.
  const parsed = await run({
    argv: ['bash', '-n', '-c', script],
    env: { PATH: path },
    cwd: workspace,
    timeoutSeconds: 10,
  })
  const problem =
    parsed.exitCode === 0
      ? await scriptProblem(script, workspace, path)
      : {
          message: parsed.startError?.message ?? tail(parsed.stderr, 3).join('\n'),
          next: `Mend ${name} in the file.`,
        }
  return problem === undefined
    ? { name, status: 'passed', message: 'bash can read it' }
    : { name, status: 'failed', ...problem }
}

function sentence(step: Step, { startError, timedOut, exitCode, seconds }: ProcessResult): string {
  if (startError !== undefined)
    return `deploy.command.${step} could not be started (${startError.message})`
  if (timedOut) return `deploy.command.${step} did not end in ${COMMAND_SECONDS} s and was ended`
  const how = exitCode === null ? 'was ended by a signal' : `ended with exit code ${exitCode}`
  return `deploy.command.${step} ${how} after ${seconds.toFixed(1)} s`
}
