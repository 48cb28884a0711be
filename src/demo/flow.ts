import { join } from 'node:path'
import type { CommandName } from '../inputs/inputs.ts'
import type { Environment } from '../core/environments.ts'
import type { Machine } from '../runtime/runtime.ts'
import { run } from '../runtime/process.ts'
import { fitted, terminalColumns } from '../runtime/terminal.ts'
import type { DemoGithub } from './github.ts'
import type { DemoServer } from './servers.ts'

export type FlowStep =
  | {
      readonly kind: 'command'
      readonly title: string
      readonly command: CommandName
      readonly args: readonly string[]
      readonly environment: Environment | undefined
    }
  /** What a person does between the two runs. */
  | { readonly kind: 'merge'; readonly title: string }

/**
 * Both flows of the guide, in order, as the reusable workflows run them; the report is written more
 * often, to be seen on its way.
 */
export const FLOW: readonly FlowStep[] = [
  step(
    'Staging: open the promotion pull request',
    'promote',
    'staging',
    '--environment',
    'staging',
    '--step',
    'propose',
  ),
  step(
    'Staging: plan, back up, upgrade',
    'upgrade-workspace',
    'staging',
    '--environment',
    'staging',
  ),
  step('The comment on the pull request', 'report', undefined),
  step('Staging: smoke suite', 'run-smoke-suite', 'staging', '--environment', 'staging'),
  step(
    'Staging: rebuild all snapshots and run them end to end',
    'rebuild-snapshots',
    'staging',
    '--environment',
    'staging',
    '--mode',
    'all',
  ),
  step('The comment on the pull request', 'report', undefined),
  { kind: 'merge', title: 'You merge the pull request staging → main' },
  step(
    'Production: what are the stacks of staging?',
    'check-stacks',
    'staging',
    '--environment',
    'staging',
  ),
  step(
    'Production: is staging green for exactly this?',
    'promote',
    'production',
    '--environment',
    'production',
    '--step',
    'gate',
  ),
  step(
    'Production: are its stacks mirrored, can every snapshot be rebuilt? back up, upgrade',
    'upgrade-workspace',
    'production',
    '--environment',
    'production',
  ),
  step(
    'Production: rebuild all snapshots',
    'rebuild-snapshots',
    'production',
    '--environment',
    'production',
    '--mode',
    'rebuild',
  ),
  step('The comment on the pull request', 'report', undefined),
]

function step(
  title: string,
  command: CommandName,
  environment: Environment | undefined,
  ...args: string[]
): FlowStep {
  return { kind: 'command', title, command, args, environment }
}

/** A step takes minutes at most; more than an hour means that something hangs. */
const STEP_SECONDS = 3600

export interface FlowPlace {
  readonly machine: Machine
  readonly bundle: string
  readonly repository: string
  readonly reportDirectory: string
  readonly github: DemoGithub
  readonly servers: Readonly<Record<Environment, DemoServer>>
}

/** Runs a command as a job of the workflow would, in a process of its own; gives its exit code. */
export async function runStep(
  { machine, bundle, repository, reportDirectory, github, servers }: FlowPlace,
  { command, args, environment }: FlowStep & { kind: 'command' },
): Promise<number | null> {
  const key = environment === undefined ? {} : { ZENML_STORE_API_KEY: servers[environment].apiKey }
  // The step prints its own progress.
  const result = await machine.log.quiet(async () =>
    run({
      argv: [
        process.execPath,
        bundle,
        command,
        ...args,
        '--working-directory',
        repository,
        '--report-directory',
        join(reportDirectory, github.branch()),
      ],
      env: {
        ...withoutRunner(machine.env),
        ...(await github.job(command)),
        ...key,
        NO_PROXY: [machine.env['NO_PROXY'], '127.0.0.1'].filter(Boolean).join(','),
      },
      timeoutSeconds: STEP_SECONDS,
      signal: machine.signal,
      onLine: (line) => {
        process.stderr.write(`${fitted(line, terminalColumns(process.stderr))}\n`)
      },
    }),
  )
  machine.signal.throwIfAborted()
  return result.exitCode
}

/**
 * The demo may run inside a job: its steps must not write that job's outputs or read its inputs.
 */
function withoutRunner(env: Machine['env']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(INPUT_|GITHUB_|ZENML_)/.test(name)),
  )
}
