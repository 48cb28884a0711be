// Entry point of dist/commands.cjs: every command but the demo.
import { EXIT_CODES } from '../core/outcomes.ts'
import { COMMAND_NAMES, type CommandName } from '../inputs/inputs.ts'
import { writeOutputs } from '../runtime/outputs.ts'
import { fitted, terminalColumns } from '../runtime/terminal.ts'
import { runCommand, type Load } from './run-command.ts'

export { writeSchemas } from './schemas.ts'

/**
 * How each command is loaded: only when it runs, because each needs other
 * packages. The demo is in a bundle of its own.
 */
const LOADS: { readonly [C in Exclude<CommandName, 'demo'>]: Load<C> } = {
  'upgrade-workspace': async () =>
    (await import('../commands/upgrade-workspace.ts')).upgradeWorkspace,
  'run-smoke-suite': async () => (await import('../commands/run-smoke-suite.ts')).runSmokeSuite,
  'rebuild-snapshots': async () =>
    (await import('../commands/rebuild-snapshots.ts')).rebuildSnapshots,
  promote: async () => (await import('../commands/promote/promote.ts')).promote,
  plan: async () => (await import('../commands/plan/plan.ts')).plan,
  'check-stacks': async () => (await import('../commands/stacks/check-stacks.ts')).checkStacks,
  'check-out-sources': async () =>
    (await import('../commands/check-out-sources.ts')).checkOutSources,
  acknowledge: async () => (await import('../commands/acknowledge.ts')).acknowledge,
  report: async () => (await import('../commands/report/report.ts')).report,
  init: async () => (await import('../commands/init.ts')).init,
}

/** Runs the command of this name; returns the exit code of the process. */
export async function run(name: string, args: readonly string[]): Promise<number> {
  if (isCommand(name)) return start(name, args)
  const message = `unknown command "${name}"; commands: ${COMMAND_NAMES.join(', ')}`
  process.stderr.write(`${fitted(message, terminalColumns(process.stderr))}\n`)
  await writeOutputs(process.env, {
    outcome: 'invalid',
    'reason-code': 'invalid-input',
    result: '',
    summary: `unknown command ${name}`,
  })
  return EXIT_CODES.invalid
}

function isCommand(name: string): name is keyof typeof LOADS {
  return Object.hasOwn(LOADS, name)
}

// The parameter ties the command to the entry of the table that loads it.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function start<C extends keyof typeof LOADS>(command: C, args: readonly string[]): Promise<number> {
  return runCommand(command, LOADS[command], args)
}
