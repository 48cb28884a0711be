import { lastOf, type Attempt } from '../state/attempt.ts'
import type { Loss } from '../result/upgrade.ts'
import { compareInventories, type Inventory } from '../zenml/inventory.ts'
import type { UpgradeTools, Work } from './work.ts'

/** What an attempt found on the server at its start; null where it found out nothing. */
interface Baseline {
  readonly inventory: Inventory | null
}

interface Measured {
  readonly after: Inventory
  readonly lost: readonly Loss[]
}

/** The baseline that an attempt of an earlier run recorded. */
export function recordedBaseline(attempt: Attempt): Baseline {
  return { inventory: lastOf(attempt, 'inventory') ?? null }
}

/**
 * Compares what is on the server now with what was there when the attempt began.
 * @throws Stop for what could not be read
 */
export async function measureLosses(
  tools: Pick<UpgradeTools, 'inventory'>,
  { inventory }: Baseline,
): Promise<Measured> {
  const after = await tools.inventory()
  return { after, lost: inventory === null ? [] : compareInventories(inventory, after) }
}

/** Measures the losses of the attempt at work, and records them in it. */
export async function recordLosses({ tools, journal, progress }: Work): Promise<readonly Loss[]> {
  const { after, lost } = await measureLosses(tools, { inventory: progress.before })
  progress.after = after.counts
  progress.lost = lost
  if (progress.before !== null) await journal.compared(lost)
  return lost
}

/** The losses as sentences in one line. */
export function lossSentence(losses: readonly Loss[]): string {
  return losses.map(({ message }) => message).join(' ')
}
