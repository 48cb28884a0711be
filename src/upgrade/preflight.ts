import type { Check } from '../result/common.ts'
import { gravityOf } from '../core/outcomes.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import { plural } from '../core/text.ts'
import { knownBreaks } from '../core/versions.ts'
import type { Log } from '../runtime/log.ts'
import type { ServerInfo } from '../zenml/info.ts'
import { unreadKinds, type Inventory } from '../zenml/inventory.ts'
import type { BackupTool } from '../backup/types.ts'
import { end, type UpgradeEnd, type UpgradeSettings, type Work } from './work.ts'

/** Makes every check; an end when one of them forbids the upgrade. */
export async function refusedByPreflight(
  work: Work,
  info: ServerInfo,
): Promise<UpgradeEnd | undefined> {
  const { settings, tools, progress } = work
  progress.checks = await tools.machine.log.chapter(
    `Check everything before the first change: ZenML ${info.version} → ${settings.target}`,
    () => preflight(work, info),
  )
  const failed = progress.checks.filter(({ status }) => status === 'failed')
  if (failed.length === 0) return undefined
  const decisive = decisiveOf(failed)
  return end(
    work,
    codeOf(decisive),
    `${settings.environment}: ${failed.map(({ name, message }) => `${name}: ${message}`).join('\n')}`,
    decisive.next ?? 'Fix it and run this again; nothing was changed.',
  )
}

/**
 * The check whose advice goes with the end: of the gravest outcome, and of those one that names its
 * code.
 */
function decisiveOf(failed: readonly Check[]): Check {
  const gravity = (check: Check) => gravityOf(outcomeOf(codeOf(check)))
  return failed.reduce((best, check) => {
    const graver = gravity(check) - gravity(best)
    return graver > 0 ||
      (graver === 0 && best['reason-code'] === undefined && check['reason-code'] !== undefined)
      ? check
      : best
  })
}

function codeOf(check: Check): ReasonCode {
  return check['reason-code'] ?? 'preflight-failed'
}

/**
 * Makes every check of what can be known before the first change; each is logged as it is made.
 */
async function preflight(work: Work, info: ServerInfo): Promise<Check[]> {
  const { settings, tools, progress } = work
  const checks: Check[] = []
  const add = (found: readonly Check[]) => {
    for (const check of found) {
      checks.push(check)
      logCheck(tools.machine.log, check)
    }
  }
  add([activation(info)])
  // The key is used once here, so that a refused one is found before the backup and not after the
  // upgrade.
  add([credentials(await tools.inventory())])
  add(await tools.driver.preflight({ fromVersion: info.version, toVersion: settings.target }))
  add(await backupChecks(work, info))
  add(breaks(info.version, settings.target))
  const parity = await tools.parity()
  progress.parity = parity?.report ?? null
  if (parity !== undefined) add([parity.check])
  add(await tools.checks({ serverVersion: info.version, target: settings.target }))
  return checks
}

function logCheck(log: Log, { name, status, message }: Check): void {
  const write = {
    passed: log.pass,
    failed: log.fail,
    warning: log.warn,
    'not-checked': log.warn,
  }[status]
  write(`${name}: ${message}`)
}

function activation({ active, version }: ServerInfo): Check {
  return active
    ? { name: 'server', status: 'passed', message: `ZenML ${version} answers and is activated` }
    : {
        name: 'server',
        status: 'failed',
        message: 'the server is not activated',
        next: 'Open it in a browser and finish its set-up.',
      }
}

function credentials(inventory: Inventory): Check {
  const read = ['pipeline', 'snapshot'].flatMap((kind) => {
    const count = inventory.counts[`${kind}s`]
    return count === undefined ? [] : [plural(count, kind)]
  })
  const unread = unreadKinds(inventory)
  const missing =
    unread.length === 0
      ? ''
      : `; not measured, because this server has none or the key may not see them: ${unread.join(', ')}`
  return {
    name: 'credentials',
    status: 'passed',
    message: `the key reads ${read.length === 0 ? 'the projects' : read.join(' and ')}${missing}`,
  }
}

async function backupChecks(
  { settings, tools: { backup } }: Work,
  info: ServerInfo,
): Promise<Check[]> {
  if (backup === undefined) return [withoutBackup(settings)]
  if (settings.backup === 'skip')
    return [
      {
        name: 'backup',
        status: 'warning',
        message: 'skipped, as the input says; there is no way back once the schema has moved',
      },
    ]
  return [...(await backup.preflight(info.version)), ...(await databaseOwner(backup, info.id))]
}

function breaks(from: string, to: string): Check[] {
  return knownBreaks(from, to).map(({ version, sentence, source }) => ({
    name: `break in ${version}`,
    status: 'warning',
    message: `${sentence} (${source})`,
  }))
}

/**
 * Two servers of one version look alike; only the id in the database tells that the backup is of
 * this one, and that a restore goes where it belongs.
 */
async function databaseOwner(backup: BackupTool, serverId: string): Promise<Check[]> {
  if (backup.serverId === undefined) return []
  const name = 'database owner'
  const next =
    'Check that `backup` names the database of this server; staging and production may be mixed up.'
  let found: string | undefined
  try {
    found = await backup.serverId()
  } catch (error) {
    return [
      {
        name,
        status: 'failed',
        message: `whose database this is cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        next,
      },
    ]
  }
  if (found === undefined)
    return [
      {
        name,
        status: 'not-checked',
        message: 'the database does not tell which server it belongs to',
      },
    ]
  const plain = (id: string) => id.replaceAll('-', '').toLowerCase()
  return [
    plain(found) === plain(serverId)
      ? { name, status: 'passed', message: 'the database is that of this server' }
      : {
          name,
          status: 'failed',
          message: `the database belongs to the server ${found}, and this server is ${serverId}`,
          next,
        },
  ]
}

function withoutBackup(settings: UpgradeSettings): Check {
  return settings.backup === 'skip'
    ? {
        name: 'backup',
        status: 'warning',
        message: 'none is configured, and the input says to go on without one',
      }
    : {
        name: 'backup',
        status: 'failed',
        message: `environments.${settings.environment}.backup is not set in the file`,
        next: 'Name a backup in the file, or run with backup: skip if losing the database is acceptable.',
      }
}
