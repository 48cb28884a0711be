import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backupId, createBackup } from '../../../src/backup/backup.ts'
import { BackupDamaged } from '../../../src/backup/backup-damaged.ts'
import type { BackupFacts, BackupTool } from '../../../src/backup/types.ts'
import { testMachine } from '../../support/machine.ts'

const FACTS: BackupFacts = {
  serverId: 'abc',
  version: '0.94.1',
  counts: { runs: 3 },
  revision: null,
}
const ID = backupId('staging', new Date('2026-11-23T17:39:00.123Z'), '0.94.1')

describe('a backup by commands', () => {
  let directory: string
  const tool = (
    commands: { backup?: string; check?: string; restore?: string; to?: string },
    machine = testMachine(process.env),
  ): BackupTool =>
    createBackup(
      { command: { backup: 'true', ...commands } },
      {
        machine,
        environment: 'staging',
        reportDirectory: join(directory, 'report'),
        workingDirectory: directory,
      },
    )

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'zenml-command-'))
  })
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  it('has an id that sorts by time', () => {
    expect(ID).toBe('staging-20261123T173900Z-0.94.1')
    expect(backupId('production', new Date(0), '0.98.0.dev/1-x')).toBe(
      'production-19700101T000000Z-0.98.0.dev_1_x',
    )
  })

  it('calls a backup damaged only where its volume is there and its data is not what was written', async () => {
    const made = tool({ backup: 'echo data > "$BACKUP_FILE"', to: 'backups' })
    const report = await made.make(ID, FACTS)
    await writeFile(report.location, 'changed')
    await expect(made.verifyStillThere(report)).rejects.toBeInstanceOf(BackupDamaged)
    await rm(report.location)
    await expect(made.verifyStillThere(report)).rejects.toBeInstanceOf(BackupDamaged)
    await rm(join(directory, 'backups'), { recursive: true })
    const unmounted: unknown = await made.verifyStillThere(report).catch((error: unknown) => error)
    expect(unmounted).toMatchObject({
      code: 'backup-failed',
      next: expect.stringContaining('is the volume mounted here?') as unknown,
    })
    expect(unmounted).not.toBeInstanceOf(BackupDamaged)
  })

  it('tells the commands where and what, and remembers what they made', async () => {
    const machine = testMachine(process.env)
    const made = tool(
      {
        backup: 'echo "to $BACKUP_FILE"; echo "data of $BACKUP_VERSION" > "$BACKUP_FILE"',
        restore: 'cp "$BACKUP_FILE" "restored-$BACKUP_ID-$BACKUP_VERSION"',
        to: 'backups',
      },
      machine,
    )
    const report = await made.make(ID, FACTS)
    expect(report).toMatchObject({
      kind: 'command',
      verified: 'command',
      bytes: 15,
      location: join(directory, 'backups', ID, 'backup'),
    })
    expect(machine.lines).toContain(`to ${report.location}`)
    expect((await made.find(ID)).manifest).toMatchObject({
      report,
      'server-id': 'abc',
      counts: { runs: 3 },
      tables: null,
    })
    await made.verifyStillThere(report)
    expect(await made.restore(report)).toEqual({
      replacedAt: null,
      revision: null,
      leftOut: [],
      leftOutFile: null,
    })
    expect(await readFile(join(directory, `restored-${ID}-0.94.1`), 'utf8')).toBe(
      'data of 0.94.1\n',
    )
    await writeFile(report.location, 'other')
    await expect(made.verifyStillThere(report)).rejects.toMatchObject({ code: 'backup-failed' })
    await expect(made.restore(report)).rejects.toMatchObject({
      code: 'rollback-failed',
      databaseState: 'untouched',
    })
  })

  it('does not claim to know the database after a restore command that failed', async () => {
    const made = tool({ to: 'backups', backup: 'echo x > "$BACKUP_FILE"', restore: 'exit 3' })
    const report = await made.make(ID, FACTS)
    await expect(made.restore(report)).rejects.toMatchObject({
      code: 'rollback-failed',
      databaseState: 'unknown',
      next: expect.stringContaining('not known'),
    })
  })

  it('gives the commands what the job has, but for our keys', async () => {
    const machine = testMachine({
      ...process.env,
      DATABASE: 'theirs',
      ZENML_STORE_API_KEY: 'ours',
      GITHUB_TOKEN: 'ours',
    })
    await tool(
      {
        backup: 'echo "$DATABASE$ZENML_STORE_API_KEY$GITHUB_TOKEN" > "$BACKUP_FILE"',
        to: 'backups',
      },
      machine,
    ).make(ID, FACTS)
    expect(await readFile(join(directory, 'backups', ID, 'backup'), 'utf8')).toBe('theirs\n')
  })

  it.each([
    ['fails', { backup: 'echo why >&2; exit 3', to: 'backups' }, 'exit code 3'],
    ['leaves no file', { backup: 'true', to: 'backups' }, 'not there'],
    ['leaves an empty file', { backup: ': > "$BACKUP_FILE"', to: 'backups' }, 'empty'],
    [
      'does not pass its check',
      { backup: 'true', check: 'exit 1' },
      '`backup.command.check` ended with exit code 1',
    ],
  ])('is no backup when it %s', async (_, commands, message) => {
    await expect(tool(commands).make(ID, FACTS)).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining(message),
    })
    await expect(tool(commands).find(ID)).rejects.toMatchObject({ code: 'backup-failed' })
  })

  it('can be kept by the commands alone, proved by their check', async () => {
    const made = tool({ backup: 'touch "kept-$BACKUP_ID"', check: 'test -e "kept-$BACKUP_ID"' })
    const report = await made.make(ID, FACTS)
    expect(report).toMatchObject({ bytes: null, sha256: null })
    await made.verifyStillThere(report)
    await rm(join(directory, `kept-${ID}`))
    await expect(made.verifyStillThere(report)).rejects.toMatchObject({ code: 'backup-failed' })
    expect(await readdir(directory)).toEqual([])
  })

  it('goes on with a restore when the command is stopped from outside, and stops a backup', async () => {
    const machine = testMachine(process.env)
    const report = await tool({ backup: 'echo data > "$BACKUP_FILE"', to: 'backups' }).make(
      ID,
      FACTS,
    )
    machine.stop(new Error('SIGTERM'))
    const stopped = tool({ backup: 'sleep 60', restore: 'touch restored', to: 'backups' }, machine)
    await stopped.restore(report)
    await access(join(directory, 'restored'))
    await expect(stopped.make('other', FACTS)).rejects.toThrow('SIGTERM')
  })

  it('says before the first change what is missing', async () => {
    const checks = await tool({}).preflight('0.94.1')
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['backup tools', 'passed'],
      ['backup verification', 'failed'],
      ['way back', 'warning'],
    ])
    expect(tool({}).canRestore).toBe(false)
    expect(tool({})).not.toHaveProperty('writtenSince')
    await expect(
      tool({}).restore({
        id: ID,
        kind: 'command',
        location: '',
        bytes: null,
        sha256: null,
        verified: 'command',
        completed: '',
        seconds: 0,
      }),
    ).rejects.toMatchObject({ code: 'rollback-failed', databaseState: 'untouched' })
  })
})
