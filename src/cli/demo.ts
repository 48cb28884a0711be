// Entry point of dist/demo.cjs: only the command demo needs the stand-in for GitHub.
import { demo } from '../demo/demo.ts'
import { registerSecretVariables } from '../runtime/secret-variables.ts'
import { runCommand } from './run-command.ts'

export function runDemo(args: readonly string[]): Promise<number> {
  // This bundle has a register of secrets of its own.
  registerSecretVariables(process.env)
  return runCommand('demo', () => Promise.resolve(demo), args)
}
