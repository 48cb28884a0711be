import type { Loss } from '../result/upgrade.ts'
import type { Attempt } from '../state/attempt.ts'
import {
  endedUncompared,
  listedLosses,
  measuredLosses,
  openLosses,
  remainingLosses,
} from '../state/losses.ts'
import { measureLosses, recordedBaseline, unseen } from './losses.ts'
import type { UpgradeSettings, UpgradeTools } from './work.ts'

/** What an earlier attempt lost and is still missing. */
export interface EarlierLoss {
  readonly attempt: Attempt
  readonly lost: readonly Loss[]
}

/**
 * Looks again for what earlier attempts lost, and compares what an attempt left behind that ended
 * without comparing. What it finds is recorded in that attempt, except in a dry run.
 * @returns the first attempt with something missing that nobody acknowledged; undefined without one
 * @throws Stop for what could not be read
 */
export async function findEarlierLoss(
  { environment, dryRun }: UpgradeSettings,
  tools: UpgradeTools,
  attempts: readonly Attempt[],
): Promise<EarlierLoss | undefined> {
  for (const attempt of attempts) {
    const uncompared = endedUncompared(attempt)
    if (!uncompared && openLosses(attempt).length === 0) continue
    const measured = await measureLosses(tools, recordedBaseline(attempt))
    const recorded = measuredLosses(attempt)
    const missing = [...measured.lost, ...unseen(recorded, measured.compared)]
    const lost = uncompared ? missing : remainingLosses(recorded, missing)
    const isNews = uncompared || lost.length < recorded.length
    if (isNews && !dryRun) {
      await tools.store.append(environment, attempt.id, {
        kind: 'compared',
        at: tools.machine.now().toISOString(),
        lost: listedLosses(lost),
      })
    }
    if (lost.length > 0) return { attempt, lost }
    tools.machine.log.pass(`nothing that attempt ${attempt.id} found is missing any more`)
  }
  return undefined
}
