import type { CommandName, Inputs } from '../inputs/inputs.ts'
import type { Outputs } from '../inputs/outputs.ts'
import type { Environment } from '../core/environments.ts'
import type { ResultOf } from '../result/result.ts'
import type { ReasonCode } from '../core/reasons.ts'
import type { Machine } from '../runtime/runtime.ts'

/** How a command ended: what becomes its result JSON and its outputs. */
export interface Conclusion<C extends CommandName> {
  readonly reasonCode: ReasonCode
  readonly summary: string
  readonly next?: string | undefined
  readonly attempt?: string | undefined
  /** Of a command that finds out which one it is about; left out, that of the inputs. */
  readonly environment?: Environment
  readonly details: ResultOf<C>['details']
  /** Of a `noop`: the last run that did something. */
  readonly lastWork?: LastWorkOf<ResultOf<C>>
  /** Outputs of the action besides `outcome`, `reason-code`, `result` and `summary`. */
  readonly outputs?: Outputs<C>
}

type LastWorkOf<R> = R extends { 'last-work'?: infer W } ? W : undefined

type Conclusions = { readonly [C in CommandName]: Conclusion<C> }

/** The conclusion of some command. */
export type AnyConclusion = Conclusions[CommandName]

export interface CommandContext<C extends CommandName> {
  readonly inputs: Inputs<C>
  readonly machine: Machine
}

/**
 * A command is composition only: inputs → wire the rooms → call them in order → a conclusion. It
 * may throw `Stop`.
 */
export type Command<C extends CommandName> = (context: CommandContext<C>) => Promise<Conclusions[C]>

export function environmentOf(
  inputs: Readonly<Record<string, string | undefined>>,
): Environment | null {
  const value = inputs['environment']
  return value === 'staging' || value === 'production' ? value : null
}
