import { differingParts } from '../../state/content-digest.ts'
import type { GateFacts } from '../../promotion/gate.ts'
import { asWarning } from '../../session/as-warning.ts'
import { contentOrNothing } from '../../session/content.ts'
import type { Workspace } from '../../session/session.ts'

/**
 * Names what differs between the content that staging was tested with last and what would go to
 * production; empty where they are the same, or where this clone does not have the commit.
 */
export async function whatDiffers(
  workspace: Workspace,
  { stagingAttempts, tested }: GateFacts,
): Promise<string[]> {
  const newest = stagingAttempts.at(-1)
  if (newest === undefined || newest.tested === tested || newest.sha === null) return []
  const { sha } = newest
  const read = await asWarning('what staging was tested with could not be read', async () => {
    const then = await contentOrNothing(workspace, sha)
    // A work tree with changes that were not committed: the commit says nothing about it.
    if (then === undefined || (await then.testedIn('staging')).tested !== newest.tested) return []
    return differingParts(await then.contentIn('staging'), await workspace.contentIn('production'))
  })
  return 'value' in read ? read.value : []
}
