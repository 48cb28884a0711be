import type { CommandName } from '../inputs/inputs.ts'
import { resultSchema, type Result } from '../result/result.ts'
import { promotionStep } from '../result/promotion.ts'
import { snapshotsMode } from '../result/snapshots.ts'
import { nextOf, outcomeOf, type ReasonCode } from '../core/reasons.ts'
import { Stop } from '../core/stop.ts'
import { refusedAccess } from '../runtime/file-access.ts'
import { redactForeign } from '../runtime/secrets.ts'
import { environmentOf, type AnyConclusion } from '../commands/command.ts'

export interface Ending {
  readonly command: CommandName
  readonly inputs: Readonly<Record<string, string | undefined>>
  readonly started: Date
  readonly ended: Date
  readonly conclusion: AnyConclusion
}

/** The result JSON of a command; also for one that stopped before it measured anything. */
export function resultOf({ command, inputs, started, ended, conclusion }: Ending): Result {
  return resultSchema.parse({
    'schema-version': 1,
    tool: __VERSION__,
    command,
    environment: conclusion.environment ?? environmentOf(inputs),
    ...(inputs['config'] === undefined ? {} : { config: inputs['config'] }),
    outcome: outcomeOf(conclusion.reasonCode),
    'reason-code': conclusion.reasonCode,
    summary: conclusion.summary,
    next: nextOf(conclusion.reasonCode, conclusion.next),
    attempt: conclusion.attempt ?? null,
    started: started.toISOString(),
    ended: ended.toISOString(),
    details: conclusion.details,
    ...(inputs['dry-run'] === 'true' ? { 'dry-run': true } : {}),
    ...askedFor(command, inputs),
    ...(conclusion.lastWork === undefined ? {} : { 'last-work': conclusion.lastWork }),
  })
}

/** What was asked for; nothing where it is none, as in inputs that were refused. */
function askedFor(command: CommandName, inputs: Ending['inputs']): Record<string, unknown> {
  switch (command) {
    case 'rebuild-snapshots': {
      // A dry run of the snapshots is a plan, whatever its mode.
      const mode = inputs['dry-run'] === 'true' ? 'plan' : inputs['mode']
      return {
        ...(snapshotsMode.safeParse(mode).success ? { mode } : {}),
        ...(inputs['shard'] === undefined ? {} : { shard: inputs['shard'] }),
      }
    }
    case 'promote':
      return promotionStep.safeParse(inputs['step']).success ? { step: inputs['step'] } : {}
    default:
      return {}
  }
}

/** Turns whatever was thrown into a conclusion. An error that is no `Stop` is a defect of ours. */
export function conclusionOf(error: unknown, signal: AbortSignal): AnyConclusion {
  const reason: unknown = signal.aborted ? signal.reason : error
  const stop =
    error instanceof Stop ? error : reason instanceof Stop ? reason : refusedAccess(error)
  if (stop !== undefined)
    return { reasonCode: stop.code, summary: stop.message, next: stop.next, details: null }
  return {
    reasonCode: 'internal-error' satisfies ReasonCode,
    // Its message is not ours: it may quote whatever was read.
    summary: `defect of zenml-upgrade ${__VERSION__}: ${redactForeign(error instanceof Error ? error.message : String(error))}`,
    next: `Report it with the log at https://github.com/${__REPOSITORY__}/issues.`,
    details: null,
  }
}
