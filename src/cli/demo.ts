// Entry point of dist/demo.cjs: only the command demo needs the stand-in for GitHub.
import { demo } from '../demo/demo.ts'
import { runCommand } from './run-command.ts'

export function runDemo(args: readonly string[]): Promise<number> {
  return runCommand('demo', () => Promise.resolve(demo), args)
}
