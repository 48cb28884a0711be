import { Stop } from '../core/stop.ts'

/**
 * Ends the use of a backup whose data is gone, or is not what was written. Every other failure says
 * nothing against the backup.
 */
export class BackupDamaged extends Stop {
  constructor(message: string, cause?: unknown) {
    super('backup-failed', message, {
      cause,
      next: 'Look for another backup, and restore that by hand.',
    })
    this.name = 'BackupDamaged'
  }
}
