import type { Environment } from '../core/environments.ts'
import type { NotComparedFact } from '../report/parity-fact.ts'
import type { ParityFinding, ParityReport, StackInventory } from '../result/stacks.ts'
import { judgeParity } from './parity.ts'
import type { Twins } from './twins.ts'

export type Compared = { readonly report: ParityReport } | { readonly why: NotComparedFact }

/** Compares the stacks of `environment` with those of the other one. */
export function compareInventories(
  own: StackInventory,
  other: StackInventory,
  { environment, twins }: { readonly environment: Environment; readonly twins: Twins },
): Compared {
  if (own['server-id'] === other['server-id']) return { why: { kind: 'same-server' } }
  const [production, staging] = environment === 'production' ? [own, other] : [other, own]
  return { report: judgeParity({ production, staging, twins }) }
}

/** Gives the output `parity`: nothing that was not measured. */
export function parityOutput(
  report: ParityReport | null | undefined,
): 'mirrored' | 'differs' | undefined {
  if (report == null) return undefined
  if (report.differences > 0) return 'differs'
  return report.compared > 0 && notRead(report) === undefined ? 'mirrored' : undefined
}

/**
 * Finds the first thing that the keys could not read of the stacks that were compared: without it no
 * one can say that they are alike.
 */
export function notRead({ findings }: ParityReport): ParityFinding | undefined {
  return findings.find(({ kind }) => kind === 'not-read')
}
