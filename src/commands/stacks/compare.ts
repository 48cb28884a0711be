import type { ParityReport, StackInventory } from '../../result/stacks.ts'
import { parityLine } from '../../report/parity-section.ts'
import { readStackInventory } from '../../stacks/inventory.ts'
import { judgeParity } from '../../stacks/parity.ts'
import type { Elsewhere } from './other-environment.ts'
import type { Workspace } from '../../session/session.ts'

export type Compared = { readonly report: ParityReport } | { readonly why: string }

/** The stacks of the server of this environment. @throws Stop for what could not be read */
export function readOwnStacks({ server, config, machine }: Workspace): Promise<StackInventory> {
  return readStackInventory({ server, projects: config.projects, now: () => machine.now() })
}

export function compareStacks(
  { environment, config }: Workspace,
  own: StackInventory,
  { inventory: other }: Extract<Elsewhere, { kind: 'found' }>,
): Compared {
  if (own['server-id'] === other['server-id'])
    return { why: 'both environments have the same server, so there is nothing to compare' }
  const [production, staging] = environment === 'production' ? [own, other] : [other, own]
  return { report: judgeParity({ production, staging, twins: config.stacks }) }
}

/** Output `parity`: nothing that was not measured. */
export function parityOutput(
  report: ParityReport | null | undefined,
): 'mirrored' | 'differs' | undefined {
  if (report == null) return undefined
  if (report.differences > 0) return 'differs'
  return report.compared > 0 && notRead(report) === undefined ? 'mirrored' : undefined
}

/**
 * What the keys could not read of the stacks that were compared, as a sentence: without it nobody
 * can tell that they are alike.
 */
export function notRead({ findings }: ParityReport): string | undefined {
  const first = findings.find(({ kind }) => kind === 'not-read')
  return first === undefined ? undefined : parityLine(first)
}

/** What lets them read it. */
export const LET_READ = 'Let the service account read service connectors, on both servers'
