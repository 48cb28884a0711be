import type { BackupReport } from '../result/upgrade.ts'
import type { Attempt } from '../state/attempt.ts'
import { outcomeOf } from '../core/reasons.ts'
import { Stop } from '../core/stop.ts'
import { sameVersion } from '../core/versions.ts'
import { BackupDamaged } from '../backup/backup-damaged.ts'
import { NotCountable } from '../backup/not-countable.ts'
import { RestoreFailed } from '../backup/restore-failed.ts'
import type { BackupTool, WrittenSince } from '../backup/types.ts'
import type { Driver } from '../deploy/driver.ts'
import { instant } from '../runtime/instant.ts'
import { leftOutOf } from './left-out.ts'
import { lossSentence, recordLosses } from './losses.ts'
import { standingOf } from './server-health.ts'
import {
  closed,
  deploymentOf,
  end,
  migrationBegun,
  type UpgradeEnd,
  type UpgradeTools,
  type Work,
} from './work.ts'
import { decideAfterFailedRestore } from './failed-restore.ts'
import { restoreByHand } from './restore-by-hand.ts'
import { endFailedRollback, restartPrevious } from './restart-previous.ts'
import { decideWayBack, schemaOf, type Schema } from './rollback-plan.ts'

const DOWN_IN_A_ROW = 3
/** Until then, nothing but answers that say nothing is a hiccup of the network. */
const STOPPED_QUESTIONS = 30

/**
 * After a failed deployment: decides whether there is a way back, goes it, and tells the truth
 * about where it ended.
 */
export async function goBack(work: Work, why: string): Promise<UpgradeEnd> {
  const { settings, tools, attempt, journal, progress } = work
  const deployment = deploymentOf(attempt)
  const standing = await standingOf(tools.server, attempt['server-id'])
  const way = decideWayBack({
    onFailure: settings.onFailure,
    fromVersion: deployment.fromVersion,
    serverVersion: standing.kind === 'up' ? standing.info.version : undefined,
    schema: await schemaState(work),
    migrationBegun: await migrationBegun(work),
    hasBackup: progress.backup !== null,
    canRestore: tools.backup?.canRestore ?? false,
    canStop: tools.driver.stop !== undefined,
    canStartOld: tools.driver.startOld !== undefined,
    revertHint: tools.driver.revertHint?.(deployment),
  })
  if (way.kind === 'stay') {
    await journal.failed('deploy', why, way.code)
    const summary = `${settings.environment}: ${why}; ${way.message}`
    // With on-failure: stop the attempt stays open, so that a later run can still go on or back.
    if (way.code === 'upgrade-failed') return end(work, way.code, summary, way.next)
    // An old version that still answers may yet be migrated by hand: the next run compares then.
    if (standing.kind === 'up' && sameVersion(standing.info.version, deployment.toVersion))
      await compareIfPossible(work)
    const lost =
      progress.lost.length === 0
        ? ''
        : `; there is less than before: ${lossSentence(progress.lost)}`
    return closed(work, way.code, `${summary}${lost}`, way.next)
  }
  try {
    return await journal.phase(
      'rollback',
      `Go back to ZenML ${deployment.fromVersion}`,
      async () => {
        if (way.kind === 'restore')
          await restoreBackup(work).catch((error: unknown) => afterFailedRestore(work, error))
        return restartPrevious(work, why)
      },
    )
  } catch (error) {
    return endFailedRollback(work, why, error)
  }
}

/**
 * Decides what follows a restore that failed: returns where the old version may be started all the
 * same.
 * @throws Stop `rollback-failed` with what is in the database, and what to do
 */
async function afterFailedRestore(work: Work, error: unknown): Promise<void> {
  const { tools, attempt, progress } = work
  if (!(error instanceof RestoreFailed) || progress.backup === null) throw error
  const after = decideAfterFailedRestore({
    database: error.databaseState,
    schema: await schemaState(work),
    migrationBegun: await migrationBegun(work),
    backupIsGood: !isDamage(error.cause),
    canStartOld: tools.driver.startOld !== undefined,
    fromVersion: attempt['from-version'],
    toVersion: attempt['target-version'],
    byHand: restoreByHand(progress.backup),
  })
  const message = `${error.message.replace(/\.$/, '')}; ${after.message}`
  if (after.kind === 'stay') {
    const standing = await standingOf(tools.server, attempt['server-id'])
    const server = standing.kind === 'down' ? '; the server is stopped' : ''
    throw new Stop('rollback-failed', `${message}${server}`, {
      next: `${stepBefore(error.cause)}${after.next}`,
      cause: error,
    })
  }
  tools.machine.log.warn(`${message}; the old version is started again`)
}

function isDamage(cause: unknown): boolean {
  return (
    cause instanceof BackupDamaged ||
    (cause instanceof Error && cause.cause instanceof BackupDamaged)
  )
}

/** Returns how the cause of a failed restore is fixed; another backup is named by the decision. */
function stepBefore(cause: unknown): string {
  const next = cause instanceof Stop && !isDamage(cause) ? cause.next : undefined
  return next === undefined ? '' : `${next} `
}

/**
 * Compares while the server answers: later, what people deleted would look like a loss. What cannot
 * be read now is compared by the next run.
 */
async function compareIfPossible(work: Work): Promise<void> {
  try {
    await recordLosses(work)
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    work.tools.machine.log.warn(`what is on the server could not be compared: ${error.message}`)
  }
}

/**
 * Stops the server, counts what would be lost, and puts the backup in the place of the database.
 * @throws Stop `rollback-refused` when rows would be lost, or cannot be counted, and the input does
 * not say to lose them; `rollback-failed`.
 */
export async function restoreBackup(work: Work): Promise<void> {
  const { settings, tools, attempt, progress } = work
  const [tool, report] = [tools.backup, progress.backup]
  if (tool === undefined || report === null)
    throw new Stop('rollback-failed', 'there is no backup to restore')
  if (tools.driver.stop === undefined) {
    throw new Stop(
      'rollback-failed',
      'the server cannot be stopped from here, and a restore under a running server or migration destroys data',
      { next: 'Name a stop command in the file, then run this again.' },
    )
  }
  await tool.verifyStillThere(report).catch((cause: unknown) => {
    if (!(cause instanceof Stop) || outcomeOf(cause.code) !== 'failure') throw cause
    throw new RestoreFailed(cause.message, 'untouched', { cause, location: report.location })
  })
  await demandOwnSchema(tool, report, attempt)
  await tools.driver.stop(deploymentOf(attempt))
  // Also where it cannot be seen that it stopped, the report says that we stopped it.
  progress.stoppedAt ??= instant(tools.machine)
  await demandStopped(tools, attempt['server-id'])

  const written = await countWritten(tool, report)
  progress.writtenSince = typeof written === 'string' ? null : written
  const loss = typeof written === 'string' ? written : sentence(written)
  if (loss !== undefined && settings.onFailure !== 'rollback-with-loss') {
    throw new Stop(
      'rollback-refused',
      `${loss}. The server is stopped, so that nothing more is written`,
      {
        next: `Save what was written. Then ${settings.goBackWithLoss}; or repair ZenML ${attempt['target-version']} and start it; or restore the backup by hand (${restoreByHand(report)}) and start ZenML ${attempt['from-version']}. A later run recognises what you did.`,
      },
    )
  }
  if (loss !== undefined) tools.machine.log.warn(`going back with loss, as asked: ${loss}`)
  const restored = await tool.restore(report)
  progress.leftOut = leftOutOf(restored)
  tools.machine.log.pass(
    `restored ${report.id}${restored.replacedAt === null ? '' : `; the database that was replaced is kept at ${restored.replacedAt}`}`,
  )
}

/** Old code must never get the data of another version. */
async function demandOwnSchema(
  tool: BackupTool,
  report: BackupReport,
  attempt: Attempt,
): Promise<void> {
  if (tool.revision === undefined) return
  const { manifest } = await tool.find(report.id)
  if (manifest.revision === null || manifest.revision === attempt['from-version']) return
  throw new Stop(
    'rollback-failed',
    `the backup ${report.id} is of schema ${manifest.revision}, not of ${attempt['from-version']}`,
    {
      next: `Restore another backup of ZenML ${attempt['from-version']} by hand and start that version, or repair ZenML ${attempt['target-version']} and start it; then run this again: it recognises either.`,
    },
  )
}

/**
 * Asks several times: one lost packet must not look like a stop. What only a gateway or our own
 * network says does not count, except where the driver sees the server itself.
 * @throws Stop `rollback-failed` for a server that answers, or why it cannot be known
 */
async function demandStopped(
  { server, machine, driver }: UpgradeTools,
  serverId: string,
): Promise<void> {
  let inARow = 0
  for (let asked = 1; inARow < DOWN_IN_A_ROW; asked += 1) {
    const standing = await standingOf(server, serverId)
    if (standing.kind === 'up' || standing.kind === 'failing')
      throw new Stop(
        'rollback-failed',
        `the server still answers (${standing.kind === 'up' ? `ZenML ${standing.info.version}` : standing.message}) after it was stopped`,
        { next: 'Stop it by hand, then run this again.' },
      )
    const stopped = standing.kind === 'down' || (await isSilentHere(driver))
    inARow = stopped ? inARow + 1 : 0
    if (standing.kind === 'unknown' && !stopped && asked >= STOPPED_QUESTIONS)
      throw new Stop(
        standing.stop.code,
        `whether the server stopped cannot be known from here: ${standing.stop.message}`,
        {
          next: standing.stop.next ?? 'Repair the connection, then run this again.',
          cause: standing.stop,
        },
      )
    await machine.sleep(1)
  }
}

async function isSilentHere(driver: Driver): Promise<boolean> {
  return driver.serves !== undefined && (await driver.serves()) === undefined
}

/** What a restore would lose, or the sentence why that cannot be told. */
async function countWritten(
  tool: BackupTool,
  report: BackupReport,
): Promise<WrittenSince | string> {
  if (tool.writtenSince === undefined)
    return `what was written since the backup cannot be counted with a ${tool.kind} backup`
  try {
    return await tool.writtenSince(report)
  } catch (error) {
    if (error instanceof NotCountable)
      return `what was written since the backup could not be counted: ${error.message}`
    throw error
  }
}

function sentence(written: WrittenSince): string | undefined {
  const rows = Object.entries(written)
  return rows.length === 0
    ? undefined
    : `these rows were written since the backup and would be lost: ${rows.map(([table, rowCount]) => `${table} ${rowCount}`).join(', ')}`
}

/** Reads the schema of the live database; what cannot be read is unknown. */
export async function schemaState({ tools, attempt }: Work): Promise<Schema> {
  if (tools.backup?.revision === undefined) return 'unknown'
  try {
    return schemaOf(await tools.backup.revision(), deploymentOf(attempt))
  } catch (error) {
    if (error instanceof Stop && error.code !== 'cancelled') return 'unknown'
    throw error
  }
}
