import type { Environment } from '../core/environments.ts'
import type { EnvironmentConfig } from '../config/schema.ts'
import type { BackupContext, BackupTool } from './types.ts'
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

/** Creates the tool for the `backup` of an environment. */
export function createBackup(
  config: NonNullable<EnvironmentConfig['backup']>,
  context: BackupContext,
): BackupTool {
  const { sqlite, mysql, command } = config
  if (sqlite !== undefined) return sqliteBackup(sqlite, context)
  if (mysql !== undefined) return mysqlBackup(mysql, context)
  if (command !== undefined) return commandBackup(command, context)
  throw new Error(`no backup kind ${Object.keys(config).join()}: the file is refused before`)
}
