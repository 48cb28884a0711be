import type { Attempt } from '../state/attempt.ts'
import type { ServerInfo } from '../zenml/info.ts'
import { findEarlierLoss } from './earlier-losses.ts'
import { lossSentence } from './losses.ts'
import type { Start } from './start.ts'
import type { UpgradeSettings, UpgradeTools } from './work.ts'

/** A loss of an earlier attempt holds everything that would begin now. */
export async function heldByLoss(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  start: Start,
  {
    attempts,
    info,
  }: { readonly attempts: readonly Attempt[]; readonly info: ServerInfo | undefined },
): Promise<(Start & { kind: 'held' }) | undefined> {
  if (start.kind === 'continue' || start.kind === 'held' || info === undefined) return undefined
  const earlier = await findEarlierLoss(settings, tools, attempts, info.id)
  if (earlier === undefined) return undefined
  const { attempt, lost } = earlier
  return {
    kind: 'held',
    code: 'loss-open',
    message: `something is missing since attempt ${attempt.id}: ${lossSentence(lost)}`,
    next: `Bring back what is missing and run this again, or accept the loss: ${settings.acknowledgeWith(attempt.id)}`,
    lost,
  }
}

/**
 * The gate is asked before an upgrade changes anything. What has begun to change the server is
 * finished, whatever the gate says: a server left half way is worse.
 */
export async function heldByGate(
  tools: UpgradeTools,
  start: Start,
  info: ServerInfo | undefined,
): Promise<(Start & { kind: 'held' }) | undefined> {
  const begins = start.kind === 'upgrade' || (start.kind === 'continue' && start.at === 'backup')
  if (!begins || info === undefined) return undefined
  const answer = await tools.gate()
  return answer.kind === 'open' ? undefined : { ...answer, kind: 'held' }
}
