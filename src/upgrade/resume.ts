import { hostname } from 'node:os'
import { outcomeOf } from '../core/reasons.ts'
import { lastOf, leftChildren, type Attempt } from '../state/attempt.ts'
import { Stop } from '../core/stop.ts'
import { sameVersion } from '../core/versions.ts'
import { confirmPrevious, endFailedRollback } from './restart-previous.ts'
import { isRestoredByHand } from './rollback-plan.ts'
import { goBack, restoreBackup, schemaState } from './roll-back.ts'
import { notKnown, standingBehind } from './cut-off-server.ts'
import { howItEnded, type Start } from './start.ts'
import { backUp, deploy, verify } from './steps.ts'
import { refusedByPreflight } from './preflight.ts'
import {
  end,
  migrationBegun,
  told,
  workOn,
  type UpgradeEnd,
  type UpgradeSettings,
  type UpgradeTools,
  type Work,
} from './work.ts'

export async function continueAttempt(
  settings: UpgradeSettings,
  tools: UpgradeTools,
  { attempt, at }: Start & { kind: 'continue' },
): Promise<UpgradeEnd> {
  const { log } = tools.machine
  log.warn(`attempt ${attempt.id} ${howItEnded(attempt)}; going on at its step "${at}"`)
  const work = workOn(settings, tools, attempt)
  const backup = lastOf(attempt, 'backup')
  const before = lastOf(attempt, 'inventory')
  const overtaken = lastOf(attempt, 'overtaken') !== undefined
  if (before !== undefined) work.progress.before = before
  if (backup !== undefined && !overtaken) work.progress.backup = backup.report
  return told(work, () => goOn(work, at, overtaken))
}

async function goOn(
  work: Work,
  at: (Start & { kind: 'continue' })['at'],
  overtaken: boolean,
): Promise<UpgradeEnd> {
  const { tools, attempt } = work
  await tools.driver.endLeftovers(leftChildren(attempt, hostname()))
  switch (at) {
    case 'backup': {
      const stopped = await refusedByPreflight(work, await tools.server.info())
      if (stopped !== undefined) {
        await work.journal.close({
          code: stopped.reasonCode,
          summary: stopped.summary,
          next: stopped.next,
          details: stopped.details,
        })
        return stopped
      }
      return backUp(work)
    }
    case 'deploy':
      work.progress.changed = true
      return (await mendHalfMigration(work)) ?? deploy(work)
    case 'verify':
      work.progress.changed = true
      // A server of this machine may be gone with it: deploying again brings it up, and is nothing
      // when it runs.
      if (
        tools.driver.died !== undefined &&
        (await standingBehind(tools, attempt['server-id'])).kind !== 'up'
      )
        return deploy(work)
      return verify(
        work,
        overtaken || (work.progress.backup === null && tools.driver.revertHint !== undefined)
          ? 'deployed-before-backup'
          : 'upgraded',
      )
    case 'roll-back':
      work.progress.changed = true
      return (await confirmRepair(work)) ?? goBack(work, whyAgain(attempt))
  }
}

function whyAgain(attempt: Attempt): string {
  const last = lastOf(attempt, 'phase')
  return last?.state === 'failed'
    ? `the ${last.phase} of this attempt had failed: ${last.message ?? 'why is not recorded'}`
    : 'the rollback of this attempt was cut off'
}

/** Closes an attempt whose rollback failed, where a person has put the old version back since. */
async function confirmRepair(work: Work): Promise<UpgradeEnd | undefined> {
  const { tools, attempt, journal } = work
  const standing = await standingBehind(tools, attempt['server-id'])
  const isRepaired = isRestoredByHand({
    hasFailed: lastOf(attempt, 'phase')?.state === 'failed',
    serverVersion: standing.kind === 'up' ? standing.info.version : undefined,
    fromVersion: attempt['from-version'],
    schema: await schemaState(work),
  })
  if (!isRepaired) return undefined
  const why = `${whyAgain(attempt).replace(/\.$/, '')}; a person has put the old version back since`
  try {
    return await journal.phase('rollback', `Confirm ZenML ${attempt['from-version']}`, () =>
      confirmPrevious(work, why),
    )
  } catch (error) {
    return endFailedRollback(work, why, error)
  }
}

/**
 * A run was killed while the schema moved: only the backup leads to a schema that one of the two
 * versions knows.
 */
async function mendHalfMigration(work: Work): Promise<UpgradeEnd | undefined> {
  const { settings, tools, attempt, journal } = work
  // cannot be read from here; the deployment itself will tell
  if (tools.backup?.revision === undefined) return undefined
  const revision = await tools.backup.revision()
  const standing = await standingBehind(tools, attempt['server-id'])
  // An old server that serves has its own schema: the killed deployment had not come so far, and
  // nothing needs a restore.
  const oldServes =
    standing.kind === 'up' && sameVersion(standing.info.version, attempt['from-version'])
  const whole =
    sameVersion(revision ?? '', attempt['target-version']) ||
    (sameVersion(revision ?? '', attempt['from-version']) &&
      (oldServes || !(await migrationBegun(work))))
  if (whole) return undefined
  // A restore could not see that the server stopped; it is better not stopped at all.
  if (standing.kind === 'unknown') throw notKnown(attempt, standing.stop)
  const why =
    revision === undefined
      ? 'a restore was cut off and the database is empty'
      : `the migration was cut off at schema ${revision}`
  if (settings.onFailure === 'stop') {
    return end(
      work,
      'upgrade-failed',
      `${settings.environment}: ${why}`,
      'Run this with on-failure: rollback; it restores the backup and goes on.',
    )
  }
  try {
    await journal.phase('restore', 'Restore the database before the deployment begins again', () =>
      restoreBackup(work),
    )
    return undefined
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    if (outcomeOf(error.code) === 'failure')
      await journal.failed('restore', error.message, error.code)
    return end(work, error.code, `${settings.environment}: ${why}; ${error.message}`, error.next)
  }
}
