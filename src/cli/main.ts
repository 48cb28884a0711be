import { EXIT_CODES } from '../core/outcomes.ts'
import { COMMAND_NAMES } from '../inputs/inputs.ts'
import { writeOutputs } from '../runtime/outputs.ts'
import type { runDemo } from './demo.ts'
import { commandHelp, generalHelp } from './help.ts'
import { describe, runCommand } from './run-command.ts'
import { LOADS } from './table.ts'
import { registerSecretVariables } from '../runtime/secret-variables.ts'

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
  registerSecretVariables(process.env)
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
  return command === 'demo' ? startDemo(rest) : start(command, rest)
}

/** Beside this bundle. In a variable, so that the bundler does not follow it. */
const DEMO_BUNDLE: string = './demo.cjs'

async function startDemo(args: readonly string[]): Promise<number> {
  const bundle = (await import(DEMO_BUNDLE)) as { readonly runDemo: typeof runDemo }
  return bundle.runDemo(args)
}

// The parameter ties the command to the entry of the table that loads it.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function start<C extends keyof typeof LOADS>(command: C, args: readonly string[]): Promise<number> {
  return runCommand(command, LOADS[command], args)
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
