import { describeError } from '../core/describe-error.ts'
import { EXIT_CODES } from '../core/outcomes.ts'
import { COMMAND_NAMES } from '../inputs/inputs.ts'
import type { run } from './commands.ts'
import type { runDemo } from './demo.ts'
import { commandHelp, generalHelp } from './help.ts'

// Beside this bundle, so that --help and --version do not pay for compiling them. In variables, so
// that the bundler does not follow them.
const COMMANDS_BUNDLE: string = './commands.cjs'
const DEMO_BUNDLE: string = './demo.cjs'

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] =
    args[0] === undefined && process.env['INPUT_RUN'] !== undefined
      ? [process.env['INPUT_RUN']]
      : args
  if (name === '--version') return print(__VERSION__)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help')
    return print(generalHelp())
  const command = COMMAND_NAMES.find((known) => known === name)
  if (command !== undefined && (rest.includes('--help') || rest.includes('-h')))
    return print(commandHelp(command))
  return command === 'demo' ? startDemo(rest) : start(name, rest)
}

async function startDemo(args: readonly string[]): Promise<number> {
  const bundle = (await import(DEMO_BUNDLE)) as { readonly runDemo: typeof runDemo }
  return bundle.runDemo(args)
}

async function start(name: string, args: readonly string[]): Promise<number> {
  const bundle = (await import(COMMANDS_BUNDLE)) as { readonly run: typeof run }
  return bundle.run(name, args)
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

main(process.argv.slice(2)).then(
  // Exits by itself only when every handle is closed; a forgotten one must not hang a job.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${describeError(error)}\n`)
    process.exit(EXIT_CODES.failure)
  },
)
