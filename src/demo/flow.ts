import type { CommandName } from '../config/inputs.ts'
import type { Machine } from '../runner/machine.ts'
import { run } from '../runner/process.ts'
import type { DemoServer } from './servers.ts'

export interface FlowStep {
  readonly title: string
  readonly command: CommandName
  readonly args: readonly string[]
  readonly server: DemoServer
}

/** Both flows of the guide, in order. */
export function flowSteps(staging: DemoServer, production: DemoServer): readonly FlowStep[] {
  const step = (title: string, command: CommandName, server: DemoServer, ...args: string[]): FlowStep => ({ title, command, args, server })
  return [
    step('Staging: plan, back up, upgrade', 'upgrade-workspace', staging),
    step('Staging: smoke suite', 'run-smoke-suite', staging),
    step('Staging: rebuild all snapshots and run them end to end', 'rebuild-snapshots', staging, '--mode', 'all'),
    step('Production: is staging green for exactly this?', 'promote', production, '--step', 'gate'),
    step('Production: can every snapshot be rebuilt? back up, upgrade', 'upgrade-workspace', production),
    step('Production: rebuild all snapshots', 'rebuild-snapshots', production, '--mode', 'rebuild')
  ]
}

/** A step takes minutes at most; more than an hour means that something hangs. */
const STEP_SECONDS = 3600

export interface FlowPlace {
  readonly machine: Machine
  readonly bundle: string
  readonly repository: string
  readonly reportDirectory: string
}

/** Runs a step as a user would, with the command line in a process of its own; gives its exit code. */
export async function runStep({ machine, bundle, repository, reportDirectory }: FlowPlace, { command, args, server }: FlowStep): Promise<number | null> {
  const common = ['--environment', server.environment, '--working-directory', repository, '--report-directory', reportDirectory]
  const result = await run({
    argv: [process.execPath, bundle, command, ...common, ...args],
    env: { ...withoutRunner(machine.env), ZENML_STORE_API_KEY: server.apiKey, NO_PROXY: [machine.env['NO_PROXY'], '127.0.0.1'].filter(Boolean).join(',') },
    timeoutSeconds: STEP_SECONDS,
    signal: machine.signal,
    onLine: (line) => { process.stderr.write(`${line}\n`) }
  })
  machine.signal.throwIfAborted()
  return result.exitCode
}

/** The demo may run inside a job: its steps must not write that job's outputs or read its inputs. */
export function withoutRunner(env: Machine['env']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(INPUT_|GITHUB_|ZENML_)/.test(name)))
}
