import { Stop } from '../../core/stop.ts'
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
  const other = await stacksElsewhere(workspace)
  if (other.kind === 'absent')
    return environment === 'staging'
      ? undefined
      : parityUnknown(
          ifUnknown,
          `check-stacks has not read the stacks of ${otherOf(environment)} into this report directory`,
          readOther(environment),
        )
  if (other.kind === 'unusable') return parityUnknown(ifUnknown, other.why, readOther(environment))
  const own = await readOwnStacks(workspace).catch((error: unknown) => {
    if (error instanceof Stop && error.code !== 'cancelled') return error
    throw error
  })
  if (own instanceof Stop) return parityUnknown(ifUnknown, own.message, own.next ?? 'Run it again.')
  const compared = compareInventories(own, other.inventory, {
    environment,
    twins: workspace.config.stacks,
  })
  return 'why' in compared
    ? parityUnknown(
        ifUnknown,
        compared.why,
        'Correct the addresses of the two servers in the file.',
      )
    : parityFound(input, compared.report, other.inventory.read)
}

function readOther(environment: Workspace['environment']): string {
  return `Run check-stacks --environment ${otherOf(environment)} with the key of that server and the same report directory, then run this again. In the workflow each GitHub environment needs a key of its own, and none stands in the repository; then re-run all jobs.`
}
