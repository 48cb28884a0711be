import { docsUrl } from '../core/docs-url.ts'
import { nothingLost } from '../result/compared.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import { Stop } from '../core/stop.ts'
import { sameVersion } from '../core/versions.ts'
import { backupId } from '../backup/backup.ts'
import { lossSentence, NO_BASELINE, recordLosses } from './losses.ts'
import { goBack } from './roll-back.ts'
import { waitForVersion, type Arrival } from './wait.ts'
import type { Inventory } from '../zenml/inventory.ts'
import { closed, deploymentOf, type UpgradeEnd, type Work } from './work.ts'

/** How the target came to the server. */
type Success = ReasonCode & ('upgraded' | 'deployed-before-backup')

export async function backUp(work: Work): Promise<UpgradeEnd> {
  const { settings, tools, attempt, journal, progress } = work
  const tool = tools.backup
  if (tool === undefined || settings.backup === 'skip') {
    tools.machine.log.warn(
      'no backup is made: this upgrade cannot be rolled back once the schema has moved',
    )
    await takeInventory(work)
    return deploy(work)
  }
  try {
    await journal.phase('backup', `Back up the database (${tool.kind})`, async () => {
      const { counts } = await takeInventory(work)
      progress.backup = await tool.make(
        backupId(settings.environment, tools.machine.now(), attempt['from-version']),
        {
          serverId: attempt['server-id'],
          version: attempt['from-version'],
          counts,
          revision: (await tool.revision?.()) ?? null,
        },
      )
      await journal.backup(progress.backup, counts)
      tools.machine.log.pass(
        `${progress.backup.location}: ${progress.backup.bytes ?? '?'} bytes, verified by ${progress.backup.verified}`,
      )
    })
  } catch (error) {
    if (!(error instanceof Stop) || outcomeOf(error.code) !== 'failure') throw error
    return closed(work, error.code, `${settings.environment}: ${error.message}`, error.next)
  }
  const info = await tools.server.info()
  if (sameVersion(info.version, attempt['from-version'])) return deploy(work)
  // What was backed up may be of another schema: it is no way back to the old version.
  progress.backup = null
  if (!sameVersion(info.version, attempt['target-version'])) {
    return closed(
      work,
      'unexpected-answer',
      `${settings.environment}: somebody else brought the server from ZenML ${attempt['from-version']} to ${info.version} while it was backed up`,
      'Find out who deploys to it, then run this again.',
    )
  }
  tools.machine.log.warn(
    `the server left ZenML ${attempt['from-version']} before the backup was complete`,
  )
  await journal.overtaken()
  return verify(work, 'deployed-before-backup')
}

export async function deploy(work: Work): Promise<UpgradeEnd> {
  const { tools, attempt, journal, progress } = work
  const { driver, machine } = tools
  const deployment = deploymentOf(attempt)
  progress.changed = true
  try {
    await journal.phase(
      'deploy',
      `Deploy ZenML ${deployment.toVersion} (${driver.name})`,
      async () => {
        const deployed = await driver.deploy(deployment, journal)
        progress.stoppedAt = deployed.stoppedAt
        progress.migrationLog = deployed.log
        if (!deployed.ok) throw new Stop('upgrade-failed', deployed.message)
        machine.log.pass(deployed.message)
      },
    )
  } catch (error) {
    const failure = failureOf(error)
    machine.log.fail(failure)
    return goBack(work, failure)
  }
  return verify(work, 'upgraded')
}

/** What is on the server now, on disk before anything changes. */
async function takeInventory({ tools, journal, progress }: Work): Promise<Inventory> {
  const inventory = await tools.inventory()
  progress.before = inventory
  await journal.inventory(inventory)
  return inventory
}

/**
 * What failed, for the way back. A stop from outside, what could not be measured and a defect of
 * ours are no reason to go back: the next run goes on.
 */
function failureOf(error: unknown): string {
  if (error instanceof Stop && outcomeOf(error.code) === 'failure') return error.message
  throw error
}

export async function verify(work: Work, success: Success): Promise<UpgradeEnd> {
  const { attempt, journal, tools, progress } = work
  const target = attempt['target-version']
  let failure: string | undefined
  const arrival = await journal
    .phase('verify', `Wait until the server reports ZenML ${target}`, () => waitForTarget(work))
    .catch((error: unknown) => {
      failure = failureOf(error)
      tools.machine.log.fail(failure)
    })
  if (arrival === undefined) return goBack(work, failure ?? 'the server did not come back')
  progress.toVersion = target
  progress.backAt = arrival.firstAnswer
  progress.rolledBack = false
  // A refused key is no reason to roll back: the attempt stays open, and the next run verifies
  // again.
  await recordLosses(work)
  if (success === 'upgraded' && progress.compared === null) {
    progress.lost = [NO_BASELINE]
    await journal.compared(progress.lost)
  }
  return closeVerified(work, success)
}

/** @throws Stop `upgrade-failed`, or why nothing could be measured */
async function waitForTarget({
  settings,
  tools,
  attempt,
}: Work): Promise<Arrival & { kind: 'arrived' }> {
  const target = attempt['target-version']
  const result = await waitForVersion({
    server: tools.server,
    machine: tools.machine,
    version: target,
    serverId: attempt['server-id'],
    timeoutSeconds: settings.timeoutSeconds,
    driver: tools.driver,
    waitingFor: `waiting for ZenML ${target}`,
  })
  if (result.kind === 'unmeasured') throw result.stop
  if (result.kind !== 'arrived') throw new Stop('upgrade-failed', result.message)
  tools.machine.log.pass(
    `the server reports ZenML ${target} three times in a row, same id, after ${result.seconds.toFixed(1)} s`,
  )
  return result
}

/** Closes an attempt whose server came back, by what is left on it. */
async function closeVerified(work: Work, success: Success): Promise<UpgradeEnd> {
  const { settings, attempt, progress } = work
  const target = attempt['target-version']
  const { override } = attempt
  const did = settings.environment === 'production' ? 'the gate was opened by' : 'tried again by'
  const by = override === undefined ? '' : `; ${did} ${override.actor}: ${override.reason}`
  const kept =
    progress.compared === null
      ? 'what was there before was not measured'
      : nothingLost(progress.compared)
  if (progress.lost.length > 0) {
    return closed(
      work,
      'counts-decreased',
      `${settings.environment}: the server reports ZenML ${target}, but ${progress.compared === null ? 'nothing was compared' : 'there is less than before'}: ${lossSentence(progress.lost)}`,
      `Find out who deleted it. Bring it back and run this again, or accept the loss: ${settings.acknowledgeWith(attempt.id)}`,
    )
  }
  return success === 'upgraded'
    ? closed(
        work,
        success,
        `${settings.environment}: ZenML ${attempt['from-version']} → ${target}, same server; ${kept}${by}`,
      )
    : closed(
        work,
        success,
        `${settings.environment}: ZenML ${target} was deployed before our backup of ${attempt['from-version']} was complete; ${kept}`,
        `Make the deployment wait for the backup next time: ${docsUrl('drivers')} shows how.`,
      )
}
