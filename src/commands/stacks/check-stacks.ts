import type { ParityReport, StackInventory } from '../../result/stacks.ts'
import { isNote, parityLine, paritySummary } from '../../report/parity-section.ts'
import { plural } from '../../core/text.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import {
  compareStacks,
  LET_READ,
  notRead,
  parityOutput,
  readOwnStacks,
  type Compared,
} from './compare.ts'
import { otherOf, stacksElsewhere } from './other-environment.ts'
import { openWorkspace, type Workspace } from '../../session/session.ts'

/**
 * Reads the stacks of one environment with its key; compares where the other one's have been read
 * into the same report directory.
 */
export async function checkStacks({
  inputs,
  machine,
}: CommandContext<'check-stacks'>): Promise<Conclusion<'check-stacks'>> {
  const workspace = await openWorkspace(inputs, machine)
  const { environment, file, target } = workspace
  const inventory = await machine.log.chapter(`Read the stacks of ${environment}`, () =>
    readOwnStacks(workspace),
  )
  const compared = await compare(workspace, inventory)
  const report = 'report' in compared ? compared.report : null
  for (const finding of report?.findings ?? [])
    machine.log[isNote(finding) ? 'info' : 'fail'](parityLine(finding))
  const read = `${environment}: ${plural(inventory.stacks.length, 'stack')} read, ${inventory.stacks.filter((stack) => stack['in-use']).length} in use by named snapshots`
  return {
    ...('report' in compared
      ? verdict(read, compared.report)
      : notCompared(read, compared.why, otherOf(environment))),
    details: {
      file,
      'target-version': target,
      inventory,
      parity: report,
      'not-compared': 'why' in compared ? compared.why : null,
    },
    outputs: { parity: parityOutput(report) },
  }
}

async function compare(workspace: Workspace, inventory: StackInventory): Promise<Compared> {
  const other = await stacksElsewhere(workspace)
  switch (other.kind) {
    case 'found':
      return compareStacks(workspace, inventory, other)
    case 'absent':
      return { why: `the stacks of ${otherOf(workspace.environment)} have not been read yet` }
    case 'unusable':
      return { why: other.why }
  }
}

type Verdict = Pick<Conclusion<'check-stacks'>, 'reasonCode' | 'summary' | 'next'>

function notCompared(read: string, why: string, other: string): Verdict {
  return {
    reasonCode: 'inventory-read',
    summary: `${read}; not compared: ${why}`,
    next: `Run check-stacks --environment ${other} with the key of that server and the same report directory: it compares.`,
  }
}

function verdict(read: string, report: ParityReport): Verdict {
  const summary = `${read}; ${paritySummary(report)}`
  switch (parityOutput(report)) {
    case 'mirrored':
      return { reasonCode: 'stacks-mirrored', summary }
    case 'differs':
      return { reasonCode: 'stacks-differ', summary }
    case undefined: {
      const unread = notRead(report)
      return unread === undefined
        ? {
            reasonCode: 'inventory-read',
            summary,
            next: 'Nothing to do: no stack has to be mirrored while no named snapshot of production uses one.',
          }
        : {
            reasonCode: 'inventory-read',
            summary: `${summary}; ${unread}`,
            next: `${LET_READ}, then run this again.`,
          }
    }
  }
}
