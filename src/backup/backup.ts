import type { Environment } from '../core/environments.ts'
import type { EnvironmentConfig } from '../config/schema.ts'
import type { BackupContext, BackupTool } from './types.ts'
import { Stop } from '../core/stop.ts'
import { sqliteBackup } from './sqlite.ts'
import { mysqlBackup } from './mysql.ts'
import { commandBackup } from './command.ts'

/**
 * `<environment>-<UTC time>-<version>`, such as `staging-20261123T173900Z-0.94.1`: sorts by time
 * and is safe as the name of a folder.
 */
export function backupId(environment: Environment, now: Date, version: string): string {
  const time = now.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')
  return `${environment}-${time}-${version.replaceAll(/[^A-Za-z0-9.+]/g, '_')}`
}

/** The tool for the `backup` of an environment. @throws Stop `not-built-yet` */
export function createBackup(
  config: NonNullable<EnvironmentConfig['backup']>,
  context: BackupContext,
): BackupTool {
  const { sqlite, mysql, command } = config
  const kept = sqlite ?? mysql ?? command
  if (kept === undefined)
    throw new Stop(
      'not-built-yet',
      `The backup kind \`${Object.keys(config).join(', ')}\` is not built yet.`,
      { next: 'Use `sqlite`, `mysql` or `command`.' },
    )
  if (kept.encryption === 'age')
    throw new Stop('not-built-yet', 'Encrypted backups are not built yet.', {
      next: 'Choose a destination that encrypts, or the backup kind `command`.',
    })
  if (kept.to !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(kept.to))
    throw new Stop('not-built-yet', `A destination such as ${kept.to} is not built yet.`, {
      next: 'Use a path on a volume that outlives the machine, or the backup kind `command`.',
    })
  if (sqlite !== undefined) return sqliteBackup(sqlite, context)
  if (mysql !== undefined) return mysqlBackup(mysql, context)
  if (command !== undefined) return commandBackup(command, context)
  throw new Stop('internal-error', 'A backup of no kind.')
}
