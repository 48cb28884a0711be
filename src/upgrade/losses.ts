import { lastOf, type Attempt } from '../state/attempt.ts'
import { isOfDatabase } from '../backup/loss-judgement.ts'
import { NotCountable } from '../backup/not-countable.ts'
import type { DatabaseComparison } from '../backup/types.ts'
import { short } from '../core/text.ts'
import type { BackupReport, Compared, Loss } from '../result/upgrade.ts'
import { compareInventories, type Inventory } from '../zenml/inventory.ts'
import type { UpgradeTools, Work } from './work.ts'

/** What an attempt found on the server at its start; null where it found out nothing. */
interface Baseline {
  readonly inventory: Inventory | null
  /** null: without one, or with one that may be of the middle of a migration. */
  readonly backup: BackupReport | null
}

interface Measured {
  readonly after: Inventory
  readonly lost: readonly Loss[]
  /** null: there is nothing to compare with. */
  readonly compared: Compared | null
}

type Tools = Pick<UpgradeTools, 'inventory' | 'backup' | 'machine'>

/** The baseline that an attempt of an earlier run recorded. */
export function recordedBaseline(attempt: Attempt): Baseline {
  const isOvertaken = lastOf(attempt, 'overtaken') !== undefined
  return {
    inventory: lastOf(attempt, 'inventory') ?? null,
    backup: isOvertaken ? null : (lastOf(attempt, 'backup')?.report ?? null),
  }
}

/**
 * Compares what is on the server now with what was there when the attempt began, and the database
 * with the backup.
 * @throws Stop for what could not be read
 */
export async function measureLosses(tools: Tools, baseline: Baseline): Promise<Measured> {
  const after = await tools.inventory()
  const { inventory, backup } = baseline
  const { database, reason } = await compareDatabase(tools, backup)
  if (inventory === null && database === null) return { after, lost: [], compared: null }
  return {
    after,
    lost: [
      ...(database?.lost ?? []),
      ...(inventory === null ? [] : compareInventories(inventory, after)),
    ],
    compared: {
      names: Object.keys(inventory?.names ?? {}).length,
      numbers: Object.keys(inventory?.counts ?? {}).length,
      database: database?.compared ?? null,
      reason,
    },
  }
}

async function compareDatabase(
  { backup: tool, machine }: Tools,
  report: BackupReport | null,
): Promise<{ database: DatabaseComparison | null; reason: string | null }> {
  if (report === null) return { database: null, reason: null }
  if (tool?.lostSince === undefined)
    return { database: null, reason: `a backup of kind ${report.kind} cannot be compared` }
  try {
    return { database: await tool.lostSince(report), reason: null }
  } catch (error) {
    if (!(error instanceof NotCountable)) throw error
    machine.log.warn(error.message)
    return { database: null, reason: short(error.message, 300) }
  }
}

/**
 * Of the losses of an earlier comparison those that a later one cannot have seen again: those of
 * the database while it cannot be read, and those of kinds of which only the number is known,
 * because rows that people made since do not bring back the lost ones.
 */
export function unseen(
  recorded: readonly Loss[],
  { inventory }: Baseline,
  { compared, after }: Measured,
): readonly Loss[] {
  if (compared === null || inventory === null) return recorded
  if (compared.database !== null) return []
  return recorded.filter(
    (loss) => isOfDatabase(loss) || isOnlyCounted(loss, inventory) || isOnlyCounted(loss, after),
  )
}

function isOnlyCounted({ subject }: Loss, { names }: Inventory): boolean {
  const kind = /^number of (.+)$/.exec(subject)?.[1]
  if (kind === undefined) return false
  // Most snapshots have no name; the named ones are a kind of their own.
  if (kind === 'snapshots') return true
  return names[kind === 'named-snapshots' ? 'snapshots' : kind] === undefined
}

/** What stands in the record where an upgrade has nothing to compare with. */
export const NO_BASELINE: Loss = {
  subject: 'what was there before',
  message: 'What was on the server before the upgrade was not recorded, so nothing was compared.',
}

/** Measures the losses of the attempt at work, and records them in it. */
export async function recordLosses({ tools, journal, progress }: Work): Promise<readonly Loss[]> {
  const { before, backup } = progress
  const { after, lost, compared } = await measureLosses(tools, { inventory: before, backup })
  progress.after = after.counts
  progress.lost = lost
  progress.compared = compared
  if (compared !== null) await journal.compared(lost)
  return lost
}

/** The losses as sentences in one line. */
export function lossSentence(losses: readonly Loss[]): string {
  return losses.map(({ message }) => message).join(' ')
}
