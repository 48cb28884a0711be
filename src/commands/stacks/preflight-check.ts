import { Stop } from '../../core/stop.ts'
import type { NotComparedFact } from '../../report/parity-fact.ts'
import { notComparedWords, PARITY_NEXT } from '../../report/wording-parity.ts'
import { compareInventories } from '../../stacks/comparison.ts'
import { otherOf } from '../../stacks/elsewhere.ts'
import { parityFound, parityUnknown } from '../../upgrade/parity-check.ts'
import type { ParityMeasured } from '../../upgrade/work.ts'
import { stacksElsewhere } from './other-environment.ts'
import { readOwnStacks } from './own-stacks.ts'
import type { Workspace } from '../../session/session.ts'

/** Stack parity as a check before the first change, as the input `parity` wants it. */
export async function parityCheck(
  workspace: Workspace,
  input: 'fail' | 'warn' | 'off',
): Promise<ParityMeasured | undefined> {
  if (input === 'off') return undefined
  const { environment } = workspace
  // Staging is upgraded first: it waits for no knowledge of production.
  const ifUnknown = environment === 'staging' ? 'warn' : input
  const theOther = otherOf(environment)
  const other = await stacksElsewhere(workspace)
  if (other.kind === 'absent' && environment === 'staging') return undefined
  if (other.kind !== 'found') {
    const why: NotComparedFact =
      other.kind === 'absent' ? { kind: 'not-read-yet', environment: theOther } : other.why
    return parityUnknown(ifUnknown, notComparedWords(why), PARITY_NEXT.readOther(theOther))
  }
  const own = await readOwnStacks(workspace).catch((error: unknown) => {
    if (error instanceof Stop && error.code !== 'cancelled') return error
    throw error
  })
  if (own instanceof Stop)
    return parityUnknown(ifUnknown, own.message, own.next ?? PARITY_NEXT.repeat)
  const compared = compareInventories(own, other.inventory, {
    environment,
    twins: workspace.config.stacks,
  })
  return 'why' in compared
    ? parityUnknown(ifUnknown, notComparedWords(compared.why), PARITY_NEXT.correctAddresses)
    : parityFound(input, compared.report, other.inventory.read)
}
