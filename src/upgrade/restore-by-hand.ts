import { isAbsolute } from 'node:path'
import { versionIn } from '../backup/command.ts'
import { shellLine } from '../core/shell-words.ts'
import type { BackupReport } from '../result/upgrade.ts'

/** Returns the command by which a person restores a backup; the person fills in what is in capitals. */
export function restoreByHand({ kind, id, location }: BackupReport): string {
  switch (kind) {
    case 'sqlite':
      // SQLite would apply a journal of the old database to the restored file, and destroy it.
      return `rm -f DATABASE_FILE-journal DATABASE_FILE-wal DATABASE_FILE-shm && ${shellLine(['cp', location, 'DATABASE_FILE'])}`
    case 'mysql':
      // A dump of mariadb-dump begins with a line that other clients do not understand.
      return `${shellLine(['gzip', '-dc', location])} | sed '1{/999999/d;}' | MARIADB_OR_MYSQL -h HOST -u USER -p EMPTY_DATABASE`
    default:
      return `the command backup.command.restore of the file, with ${variables(id, location)}`
  }
}

/** The variables that a restore command gets; without `to` there is no file. */
function variables(id: string, location: string): string {
  const file = isAbsolute(location) ? ` BACKUP_FILE=${shellLine([location])}` : ''
  return `BACKUP_ID=${id} BACKUP_VERSION=${versionIn(id)}${file}`
}
