import { setTimeout as delay } from 'node:timers/promises'
import { commandHelp, generalHelp } from './help.ts'
import type { Ending } from './conclude.ts'
import type { Conclusion } from '../commands/command.ts'
import { COMMANDS } from './table.ts'
import { COMMAND_NAMES, readInputs, secondsOf, type CommandName } from '../inputs/inputs.ts'
import { EXIT_CODES } from '../core/outcomes.ts'
import { Stop } from '../core/stop.ts'
import { processLog } from '../runtime/log.ts'
import type { Machine } from '../runtime/runtime.ts'
import { writeOutputs } from '../runtime/outputs.ts'
import { registerSecret, registerUrlSecret } from '../runtime/secrets.ts'

/** Variables whose value is a secret by its name's meaning; masked before anything else happens. */
const SECRET_VARIABLES = [
  'INPUT_API-KEY',
  'INPUT_GITHUB-TOKEN',
  'ZENML_STORE_API_KEY',
  'ZENML_STAGING_API_KEY',
  'ZENML_PRODUCTION_API_KEY',
  'ZENML_PRO_API_KEY',
  'GITHUB_TOKEN',
  'ZENML_STORE_PASSWORD',
  'ZENML_UPGRADE_APP_KEY',
  'ZENML_UPGRADE_SOURCES_TOKEN',
  'ZENML_UPGRADE_API_KEY',
  'ZENML_UPGRADE_GITHUB_TOKEN',
]
const SECRET_URLS = [
  'ZENML_DATABASE_URL',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'UV_DEFAULT_INDEX',
  'UV_INDEX_URL',
  'PIP_INDEX_URL',
]

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] =
    args[0] === undefined && process.env['INPUT_RUN'] !== undefined
      ? [process.env['INPUT_RUN']]
      : args
  if (name === '--version') return print(__VERSION__)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help')
    return print(generalHelp())
  if (name === 'schemas') {
    const { writeSchemas } = await import('./schemas.ts')
    await writeSchemas(rest[0] ?? 'schema')
    return 0
  }
  const command = COMMAND_NAMES.find((known) => known === name)
  if (command !== undefined && (rest.includes('--help') || rest.includes('-h')))
    return print(commandHelp(command))
  for (const variable of SECRET_VARIABLES) registerSecret(process.env[variable])
  for (const variable of SECRET_URLS) registerUrlSecret(process.env[variable])
  if (command === undefined) {
    process.stderr.write(`unknown command "${name}"; commands: ${COMMAND_NAMES.join(', ')}\n`)
    await writeOutputs(process.env, {
      outcome: 'invalid',
      'reason-code': 'invalid-input',
      result: '',
      summary: `unknown command ${name}`,
    })
    return EXIT_CODES.invalid
  }
  return runCommand(command, rest)
}

async function runCommand(command: CommandName, args: readonly string[]): Promise<number> {
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
    sleep: (seconds) =>
      delay(seconds * 1000, undefined, { signal: stopped.signal }).catch(() => {
        throw stopped.signal.reason
      }),
  }
  const started = machine.now()
  const { conclusionOf } = await import('./conclude.ts')
  // What the report directory is must be known also when the inputs are wrong. A composite hands
  // over every input, empty when not given.
  const reportDirectory = process.env['INPUT_REPORT-DIRECTORY']?.trim()
  let inputs: Readonly<Record<string, string | undefined>> = {
    'report-directory': reportDirectory === '' ? undefined : reportDirectory,
  }
  let conclusion: Conclusion<CommandName>
  try {
    const read = readInputs(command, args, process.env)
    inputs = read
    registerSecret(inputs['api-key'])
    registerSecret(inputs['github-token'])
    limitTime(command, inputs, stopped)
    const work = await COMMANDS[command].load()
    conclusion = await (
      work as (context: {
        inputs: typeof read
        machine: Machine
      }) => Promise<Conclusion<CommandName>>
    )({ inputs: read, machine })
  } catch (error) {
    conclusion = conclusionOf(error, stopped.signal)
    if (process.env['RUNNER_DEBUG'] === '1' || conclusion.reasonCode === 'internal-error')
      machine.log.info(describe(error))
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

async function finish(ending: Ending, machine: Machine): Promise<number> {
  const { resultOf, writeResult } = await import('./conclude.ts')
  const result = resultOf(ending)
  const path = await writeResult(result, ending.inputs).catch((error: unknown) => {
    machine.log.warn(`the result could not be written: ${describe(error)}`)
    return ''
  })
  const mark = EXIT_CODES[result.outcome] === 0 ? machine.log.pass : machine.log.fail
  mark(`${ending.command}: ${result.outcome} (${result['reason-code']})`)
  for (const line of result.summary.split('\n')) machine.log.info(line)
  if (result.next !== null) machine.log.info(`→ ${result.next}`)
  if (path !== '') machine.log.info(`result: ${path}`)
  const outputs = Object.entries<string | number | boolean | undefined>(
    ending.conclusion.outputs ?? {},
  ).map(([key, value]) => [key, value === undefined ? '' : String(value)])
  await writeOutputs(process.env, {
    outcome: result.outcome,
    'reason-code': result['reason-code'],
    result: path,
    summary: result.summary.replaceAll('\n', ' · '),
    ...(Object.fromEntries(outputs) as Record<string, string>),
  })
  return EXIT_CODES[result.outcome]
}

/** An error with its whole chain of causes, for a log. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by: ${describe(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

main(process.argv.slice(2)).then(
  // Exits by itself only when every handle is closed; a forgotten one must not hang a job.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${describe(error)}\n`)
    process.exit(EXIT_CODES.failure)
  },
)
