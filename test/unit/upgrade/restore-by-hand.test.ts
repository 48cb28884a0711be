import { describe, expect, it } from '@jest/globals'
import type { BackupReport } from '../../../src/result/upgrade.ts'
import { restoreByHand } from '../../../src/upgrade/restore-by-hand.ts'

const REPORT: BackupReport = {
  id: 'staging-20261123T173900Z-0.94.1',
  kind: 'sqlite',
  location: '/backups/1/zenml.db',
  bytes: 1,
  sha256: 'x',
  verified: 'checksum',
  completed: '2026-11-23T17:39:00.000Z',
  seconds: 1,
}

describe('the command that restores a backup by hand', () => {
  it('removes what SQLite keeps beside the old database before it copies the backup', () => {
    expect(restoreByHand(REPORT)).toBe(
      'rm -f DATABASE_FILE-journal DATABASE_FILE-wal DATABASE_FILE-shm && cp /backups/1/zenml.db DATABASE_FILE',
    )
  })

  it('removes the line of a dump that only the client of MariaDB understands', () => {
    expect(restoreByHand({ ...REPORT, kind: 'mysql', location: '/my backups/zenml.sql.gz' })).toBe(
      "gzip -dc '/my backups/zenml.sql.gz' | sed '1{/999999/d;}' | MARIADB_OR_MYSQL -h HOST -u USER -p EMPTY_DATABASE",
    )
  })

  it('names every variable that a restore command gets', () => {
    const byCommand = { ...REPORT, kind: 'command', location: '/backups/1/backup' }
    expect(restoreByHand(byCommand)).toMatch(
      /BACKUP_ID=staging-20261123T173900Z-0\.94\.1 BACKUP_VERSION=0\.94\.1 BACKUP_FILE=\/backups\/1\/backup$/,
    )
  })

  it('names no file where the backup command keeps the data itself', () => {
    const elsewhere = { ...REPORT, kind: 'command', location: 'where the backup command put it' }
    expect(restoreByHand(elsewhere)).toMatch(/ BACKUP_VERSION=0\.94\.1$/)
  })
})
