import { shellLine } from '../core/shell-words.ts'
import type { BackupReport } from '../result/upgrade.ts'

/** The command by which a person restores a backup; what is in capitals is for the person to fill in. */
export function restoreByHand({ kind, id, location }: BackupReport): string {
  switch (kind) {
    case 'sqlite':
      return shellLine(['cp', location, 'DATABASE_FILE'])
    case 'mysql':
      return `${shellLine(['gzip', '-dc', location])} | mysql -h HOST -u USER -p EMPTY_DATABASE`
    default:
      return `the command backup.command.restore of the file, with BACKUP_ID=${id}`
  }
}
