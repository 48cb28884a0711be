import type { ParityReport, StackInventory } from '../../result/stacks.ts'
import { isNote, type NotComparedFact } from '../../report/parity-fact.ts'
import { notComparedWords, parityLine, stacksRead } from '../../report/wording-parity.ts'
import { compareInventories, parityOutput } from '../../stacks/comparison.ts'
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
  const other = otherOf(environment)
  const compared = await compare(workspace, inventory)
  const report = 'report' in compared ? compared.report : null
  for (const finding of report?.findings ?? [])
    machine.log[isNote(finding) ? 'info' : 'fail'](parityLine(finding))
  const read = stacksRead(environment, inventory)
  return {
    ...('report' in compared
      ? judgeCompared(read, compared.report, { other, readOther: compared.readOther })
      : judgeUncompared(read, compared.why, other)),
    details: {
      file,
      'target-version': target,
      inventory,
      parity: report,
      'not-compared': 'why' in compared ? notComparedWords(compared.why) : null,
    },
    outputs: { parity: parityOutput(report) },
  }
}

type Comparison =
  { readonly report: ParityReport; readonly readOther: string } | { readonly why: NotComparedFact }

/** Compares with what the other environment's own check-stacks read, or says why not. */
async function compare(workspace: Workspace, inventory: StackInventory): Promise<Comparison> {
  const other = await stacksElsewhere(workspace)
  if (other.kind === 'absent')
    return { why: { kind: 'not-read-yet', environment: otherOf(workspace.environment) } }
  if (other.kind === 'unusable') return { why: other.why }
  const compared = compareInventories(inventory, other.inventory, {
    environment: workspace.environment,
    twins: workspace.config.stacks,
  })
  return 'why' in compared ? compared : { ...compared, readOther: other.inventory.read }
}
