import type { BackupReport, Compared, Loss, UpgradeDetails } from '../result/upgrade.ts'
import type { Check, Counts } from '../result/common.ts'
import type { ParityReport } from '../result/stacks.ts'
import { secondsBetween, type Instant } from '../runtime/instant.ts'
import type { Inventory } from '../zenml/inventory.ts'

/**
 * What is known so far; becomes the details of the result however the run ends. Nothing is set that
 * was not measured.
 */
export interface Progress {
  fromVersion: string | null
  toVersion: string | null
  serverId: string | null
  changed: boolean | null
  rolledBack: boolean | null
  stoppedAt: Instant | null
  backAt: Instant | null
  backup: BackupReport | null
  checks: Check[]
  parity: ParityReport | null
  before: Inventory | null
  after: Counts | null
  lost: readonly Loss[]
  compared: Compared | null
  writtenSince: Readonly<Record<string, number>> | null
  migrationLog: readonly string[]
}

export function emptyProgress(): Progress {
  return {
    fromVersion: null,
    toVersion: null,
    serverId: null,
    changed: null,
    rolledBack: null,
    stoppedAt: null,
    backAt: null,
    backup: null,
    checks: [],
    parity: null,
    before: null,
    after: null,
    lost: [],
    compared: null,
    writtenSince: null,
    migrationLog: [],
  }
}

export function detailsOf(
  progress: Progress,
  driver: string,
  phases: UpgradeDetails['phases'],
): UpgradeDetails {
  const { stoppedAt, backAt } = progress
  return {
    'from-version': progress.fromVersion,
    'to-version': progress.toVersion,
    'server-id': progress.serverId,
    changed: progress.changed,
    'rolled-back': progress.rolledBack,
    'downtime-seconds':
      stoppedAt !== null && backAt !== null ? secondsBetween(stoppedAt, backAt) : null,
    driver,
    backup: progress.backup,
    checks: progress.checks,
    parity: progress.parity,
    counts: { before: progress.before?.counts ?? null, after: progress.after },
    lost: [...progress.lost],
    compared: progress.compared,
    'written-since-backup': progress.writtenSince === null ? null : { ...progress.writtenSince },
    phases,
    'migration-log': [...progress.migrationLog],
  }
}
