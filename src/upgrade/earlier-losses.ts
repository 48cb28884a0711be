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
  serverId: string,
): Promise<EarlierLoss | undefined> {
  for (const attempt of attempts) {
    const recorded = measuredLosses(attempt)
    const uncompared = endedUncompared(attempt)
    if (!uncompared && openLosses(attempt).length === 0) continue
    const lost =
      attempt['server-id'] === serverId
        ? await stillMissing(tools, attempt)
        : uncompared
          ? [otherServer(attempt, serverId)]
          : recorded
    if ((uncompared || lost.length < recorded.length) && !dryRun) {
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

/** What an attempt lost and is missing now; all that is missing where it compared nothing. */
async function stillMissing(tools: UpgradeTools, attempt: Attempt): Promise<readonly Loss[]> {
  const baseline = recordedBaseline(attempt)
  const measured = await measureLosses(tools, baseline)
  if (endedUncompared(attempt)) return measured.lost
  const recorded = measuredLosses(attempt)
  const unseenNow = unseen(recorded, baseline, measured)
  const subjects = new Set(measured.lost.map(({ subject }) => subject))
  return [
    ...remainingLosses(recorded, measured.lost),
    ...unseenNow.filter(({ subject }) => !subjects.has(subject)),
  ]
}

/** What another server has says nothing about what this one lost. */
function otherServer(attempt: Attempt, serverId: string): Loss {
  return {
    subject: 'the server',
    message: `The server is ${serverId} now, and attempt ${attempt.id} was about ${attempt['server-id']}: nothing can be compared.`,
  }
}
