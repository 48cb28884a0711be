import type { StackInventory } from '../../result/stacks.ts'
import { isNote, parityLine } from '../../report/parity-section.ts'
import { plural } from '../../core/text.ts'
import { compareInventories, parityOutput, type Compared } from '../../stacks/comparison.ts'
import { otherOf } from '../../stacks/elsewhere.ts'
import { judgeCompared, judgeUncompared } from '../../stacks/verdict.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import { stacksElsewhere } from './other-environment.ts'
import { readOwnStacks } from './own-stacks.ts'
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
      ? judgeCompared(read, compared.report)
      : judgeUncompared(read, compared.why, otherOf(environment))),
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
      return compareInventories(inventory, other.inventory, {
        environment: workspace.environment,
        twins: workspace.config.stacks,
      })
    case 'absent':
      return { why: `the stacks of ${otherOf(workspace.environment)} have not been read yet` }
    case 'unusable':
      return { why: other.why }
  }
}
