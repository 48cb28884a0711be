import { outcomeOf } from '../core/reasons.ts'
import { Stop } from '../core/stop.ts'
import { nothingLost } from '../result/compared.ts'
import { changeToTryAgain } from '../report/wording-gate.ts'
import { isAcknowledged } from '../state/losses.ts'
import { leftOutClause } from './left-out.ts'
import { lossSentence, recordLosses } from './losses.ts'
import { waitForVersion } from './wait.ts'
import { closed, deploymentOf, end, type UpgradeEnd, type Work } from './work.ts'

/**
 * For the old version to report itself after a restore, in seconds; its own time, because the
 * upgrade's is used up.
 */
const BACK_SECONDS = 600

/**
 * Starts the old version on a database of its own schema, and closes the attempt once it answers.
 * @throws Stop `rollback-failed`, or why that could not be measured
 */
export async function restartPrevious(work: Work, why: string): Promise<UpgradeEnd> {
  const { tools, attempt, journal } = work
  await tools.driver.startOld?.(deploymentOf(attempt), journal)
  return confirmPrevious(work, why)
}

/**
 * Closes the attempt as rolled back once the old version answers with everything that was there.
 * @throws Stop `rollback-failed`, or why that could not be measured
 */
export async function confirmPrevious(work: Work, why: string): Promise<UpgradeEnd> {
  const { settings, tools, attempt, progress } = work
  const { fromVersion, toVersion } = deploymentOf(attempt)
  const arrival = await waitForVersion({
    server: tools.server,
    machine: tools.machine,
    version: fromVersion,
    serverId: attempt['server-id'],
    timeoutSeconds: BACK_SECONDS,
    driver: tools.driver,
    waitingFor: `waiting for the old ZenML ${fromVersion}`,
  })
  if (arrival.kind === 'unmeasured') throw arrival.stop
  if (arrival.kind !== 'arrived') throw new Stop('rollback-failed', arrival.message)
  progress.backAt = arrival.firstAnswer
  progress.toVersion = fromVersion
  progress.rolledBack = true
  const kept = await compareWithBefore(work)
  tools.machine.log.pass(`the old ZenML ${fromVersion} answers, same server; ${kept}`)
  return closed(
    work,
    'rolled-back',
    `${settings.environment}: ${why}; ZenML ${fromVersion} is back, same server; ${kept}${leftOutClause(progress.leftOut)}`,
    `Find the cause in the log. ${changeToTryAgain(settings.inputs)}; until then ZenML ${toVersion} is tried again only with a reason.`,
  )
}

/** @throws Stop `rollback-failed` for a loss that no person has acknowledged */
async function compareWithBefore(work: Work): Promise<string> {
  const { settings, attempt, progress } = work
  const lost = await recordLosses(work)
  if (lost.length === 0)
    return progress.compared === null
      ? 'what was there before was not measured'
      : nothingLost(progress.compared)
  const less = `there is less than at the time of the backup: ${lossSentence(lost)}`
  if (isAcknowledged(attempt, lost)) return `${less} A person has acknowledged that.`
  throw new Stop('rollback-failed', `the old version answers, but ${less}`, {
    next: `Restore the backup again${progress.backup === null ? '' : ` (${progress.backup.location})`}, or accept the loss: ${settings.acknowledgeWith(attempt.id)} Then run this again.`,
  })
}

/**
 * Ends a run whose rollback failed; the attempt stays open, and the next run goes on with it.
 * @throws what could not be measured: that is no failed rollback
 */
export async function endFailedRollback(
  work: Work,
  why: string,
  error: unknown,
): Promise<UpgradeEnd> {
  const { settings, journal, progress } = work
  if (!(error instanceof Stop) || outcomeOf(error.code) !== 'failure') throw error
  const [code, what] =
    error.code === 'rollback-refused'
      ? ([error.code, 'going back is refused'] as const)
      : (['rollback-failed', 'the way back failed too'] as const)
  await journal.failed('rollback', error.message, code)
  const next =
    error.next ??
    `Fix the cause and run this again: it goes on with the rollback. The backup is ${progress.backup?.location ?? 'missing'}.`
  return end(work, code, `${settings.environment}: ${why}; ${what}: ${error.message}`, next)
}
