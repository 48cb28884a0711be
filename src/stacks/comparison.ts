import type { Environment } from '../core/environments.ts'
import { parityLine } from '../report/parity-section.ts'
import type { ParityReport, StackInventory } from '../result/stacks.ts'
import { judgeParity } from './parity.ts'
import type { Twins } from './twins.ts'

export type Compared = { readonly report: ParityReport } | { readonly why: string }

/** Compares the stacks of `environment` with those of the other one. */
export function compareInventories(
  own: StackInventory,
  other: StackInventory,
  { environment, twins }: { readonly environment: Environment; readonly twins: Twins },
): Compared {
  if (own['server-id'] === other['server-id'])
    return { why: 'both environments have the same server, so there is nothing to compare' }
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
 * Names what the keys could not read of the stacks that were compared: without it no one can tell
 * that they are alike.
 */
export function notRead({ findings }: ParityReport): string | undefined {
  const first = findings.find(({ kind }) => kind === 'not-read')
  return first === undefined ? undefined : parityLine(first)
}

/** What lets them read it. */
export const LET_READ = 'Let the service account read service connectors, on both servers'
