import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { environmentOf, type AnyConclusion } from '../commands/command.ts'
import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import { REASONS } from '../core/reasons.ts'
import { runUrl } from '../github/context.ts'
import type { CommandName } from '../inputs/inputs.ts'
import { resultFile } from '../result/result-file.ts'
import type { Result } from '../result/result.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { withoutKeys } from '../runtime/secrets.ts'
import { resultOf, type Ending } from './conclude.ts'

/** What a key that is found in it is reported to be in. */
export const RESULT = 'the result'

type Begun = Omit<Ending, 'ended' | 'conclusion'>

/**
 * Replaces what an earlier run left by the result `interrupted`, before the work begins: a run that
 * is killed must not leave a green result that is not its own.
 */
export async function writeInterrupted(begun: Begun, { env }: Pick<Machine, 'env'>): Promise<void> {
  const conclusion = interrupted(begun, runUrl(env))
  const result = resultOf({ ...begun, ended: begun.started, conclusion })
  await writeResult(result, begun.inputs)
  if (result.environment !== null) return
  // It finds out its environment later: no result of either is up to date.
  for (const environment of ENVIRONMENTS)
    await rm(pathOf(begun.command, begun.inputs, environment), { force: true })
}

/** Writes the result where the report finds it; gives its path. */
export async function writeResult(result: Result, inputs: Ending['inputs']): Promise<string> {
  const path = pathOf(result.command, inputs, result.environment)
  await writeFileAtomic(path, withoutKeys(`${JSON.stringify(result, null, 2)}\n`, RESULT))
  const begun = pathOf(result.command, inputs, environmentOf(inputs))
  if (begun !== path) await rm(begun, { force: true })
  return path
}

function pathOf(
  command: CommandName,
  inputs: Ending['inputs'],
  environment: Environment | null,
): string {
  return resultFile(resolve(inputs['report-directory'] ?? 'zenml-upgrade-report'), {
    command,
    environment,
    step: inputs['step'],
    mode: inputs['mode'],
    shard: inputs['shard'],
    config: inputs['config'],
    dryRun: inputs['dry-run'] === 'true',
  })
}

function interrupted({ command, inputs, started }: Begun, run: string | undefined): AnyConclusion {
  return {
    reasonCode: 'interrupted',
    summary: `${command} began at ${started.toISOString()} and has not ended: it was killed, or still runs`,
    next:
      run === undefined
        ? REASONS.interrupted.next
        : `Open ${run} and re-run the failed jobs. Finished work is not repeated.`,
    // A proposal that was killed says nothing about the gate.
    details:
      command === 'promote' && inputs['step'] === 'propose'
        ? { step: 'propose', gate: null, reasons: [], tested: null, 'target-version': null }
        : null,
  }
}
