import { setTimeout as delay } from 'node:timers/promises'
import { describeError } from '../core/describe-error.ts'
import { EXIT_CODES } from '../core/outcomes.ts'
import { NOTHING } from '../core/reasons.ts'
import { Stop } from '../core/stop.ts'
import type { AnyConclusion, Command } from '../commands/command.ts'
import { peekInput, readInputs, secondsOf, type CommandName } from '../inputs/inputs.ts'
import { processLog } from '../runtime/log.ts'
import { refusedAccess } from '../runtime/file-access.ts'
import { writeOutputs } from '../runtime/outputs.ts'
import type { Machine } from '../runtime/runtime.ts'
import { foundKeys, redactForeign, registerKey, withoutKeys } from '../runtime/secrets.ts'
import { collectReasonCode } from './collect-reason-code.ts'
import type { Ending } from './conclude.ts'
import { withFoundKeys } from './found-keys.ts'
import { registerJobSecrets } from './job-secrets.ts'
import { workflowVersionWarning } from './workflow-version.ts'

/** Loads a command, so that it is loaded only when it runs. */
export type Load<C extends CommandName> = () => Promise<Command<C>>

/**
 * Runs a command from its inputs to its result file and its outputs; returns the exit code of the
 * process. The only place that catches.
 */
export async function runCommand<C extends CommandName>(
  command: C,
  load: Load<C>,
  args: readonly string[],
): Promise<number> {
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait for the clean-up.
      if (stopped.signal.aborted) process.exit(EXIT_CODES.cancelled)
      stopped.abort(
        new Stop('cancelled', `stopped by ${signal}`, {
          next: 'Run it again; it goes on where it was stopped.',
        }),
      )
    })
  }
  const machine: Machine = {
    env: process.env,
    log: processLog(process.env),
    signal: stopped.signal,
    now: () => new Date(),
    monotonic: () => performance.now() / 1000,
    sleep: (seconds) =>
      delay(seconds * 1000, undefined, { signal: stopped.signal }).catch(() => {
        throw stopped.signal.reason
      }),
  }
  const started = machine.now()
  await registerJobSecrets(command, args, machine)
  const { conclusionOf } = await import('./conclude.ts')
  // What the report directory is must be known also when the inputs are wrong.
  let inputs: Readonly<Record<string, string | undefined>> = {
    'report-directory': peekInput(command, 'report-directory', args, process.env),
  }
  let conclusion: AnyConclusion
  try {
    const read = readInputs(command, args, process.env)
    inputs = read as Readonly<Record<string, string | undefined>>
    registerKey('the input api-key', inputs['api-key'])
    registerKey('the input github-token', inputs['github-token'])
    limitTime(command, inputs, stopped)
    await begin({ command, inputs, started }, machine)
    const outdated = workflowVersionWarning(process.env, __VERSION__)
    if (outdated !== undefined) machine.log.warn(outdated)
    // Whatever takes long and does not say so itself is shown under the name of the command.
    conclusion = await machine.log.progress(command, async () => {
      const work = await load()
      return work({ inputs: read, machine })
    })
  } catch (error) {
    conclusion = conclusionOf(error, stopped.signal)
    if (process.env['RUNNER_DEBUG'] === '1' || conclusion.reasonCode === 'internal-error')
      machine.log.info(redactForeign(describeError(error)))
  }
  return finish({ command, inputs, started, ended: machine.now(), conclusion }, machine)
}

/**
 * The upgrade and the suites have a finer meaning of their own for the input timeout; every other
 * command is stopped as a whole.
 */
function limitTime(
  command: CommandName,
  inputs: Readonly<Record<string, string | undefined>>,
  stopped: AbortController,
): void {
  const seconds =
    command === 'upgrade-workspace' || command === 'run-smoke-suite'
      ? undefined
      : secondsOf(inputs['timeout'])
  if (seconds === undefined) return
  setTimeout(() => {
    stopped.abort(
      new Stop('cancelled', `stopped, because its timeout of ${inputs['timeout'] ?? ''} is over`, {
        next: 'Run it again with a longer timeout; it goes on where it was stopped.',
      }),
    )
  }, seconds * 1000).unref()
}

/** What cannot be written now is told again at the end. */
async function begin(begun: Omit<Ending, 'ended' | 'conclusion'>, machine: Machine): Promise<void> {
  const { writeInterrupted } = await import('./result-files.ts')
  await writeInterrupted(begun, machine).catch((error: unknown) => {
    machine.log.warn(`an earlier result could not be replaced: ${describeError(error)}`)
  })
}

async function finish(ending: Ending, machine: Machine): Promise<number> {
  const { resultOf } = await import('./conclude.ts')
  const { RESULT, writeResult } = await import('./result-files.ts')
  const outputs = outputsOf(ending)
  // Searched before anything is written: a key in it decides how the command ends.
  withoutKeys(JSON.stringify([resultOf(ending), outputs]), RESULT)
  const conclusion = withFoundKeys(ending.conclusion, foundKeys())
  const result = resultOf({ ...ending, conclusion })
  collectReasonCode(result['reason-code'], process.env)
  const path = await writeResult(result, ending.inputs).catch((error: unknown) => {
    const { message, next } = refusedAccess(error) ?? { message: describeError(error) }
    machine.log.warn(
      `the result could not be written: ${message}${next === undefined ? '' : ` → ${next}`}`,
    )
    return ''
  })
  const mark = EXIT_CODES[result.outcome] === 0 ? machine.log.pass : machine.log.fail
  mark(`${ending.command}: ${result.outcome} (${result['reason-code']})`)
  for (const line of result.summary.split('\n')) machine.log.info(line)
  if (path !== '') machine.log.info(`result: ${path}`)
  // Last, because it is what a person does next.
  if (result.next !== NOTHING) machine.log.info(`→ ${result.next}`)
  await writeOutputs(process.env, {
    outcome: result.outcome,
    'reason-code': result['reason-code'],
    result: path,
    summary: result.summary.replaceAll('\n', ' · '),
    ...outputs,
  })
  return EXIT_CODES[result.outcome]
}

/** What was not measured is empty. */
function outputsOf({ conclusion }: Ending): Record<string, string> {
  const outputs = Object.entries<string | number | boolean | undefined>(conclusion.outputs ?? {})
  return Object.fromEntries(
    outputs.map(([key, value]) => [key, value === undefined ? '' : String(value)]),
  )
}
