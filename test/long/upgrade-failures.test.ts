import { afterEach, describe, expect, it } from '@jest/globals'
import { join } from 'node:path'
import { OLD } from '../support/environments.ts'
import { upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'

// Failed upgrades of a real server that end where they began.

const THIRD = '0.96.1'

let place: UpgradePlace
afterEach(() => place.close(), 60_000)

async function before() {
  return { id: (await place.info())?.id, counts: await place.counts() }
}

describe('a deploy command that deploys another version than the target', () => {
  const rollback = '$CONTROL stop; $CONTROL start $PREVIOUS_VERSION'

  it('is rolled back from the backup, although its server answers', async () => {
    place = await upgradePlace({
      versions: [THIRD],
      deploy: {
        deploy: `$CONTROL stop; $CONTROL migrate ${THIRD}; $CONTROL start ${THIRD}`,
        rollback,
        stop: '$CONTROL stop',
      },
    })
    const was = await before()
    const run = await place.run(['upgrade-workspace', '--timeout', '20s'])
    expect(run.outputs).toMatchObject({
      outcome: 'failure',
      'reason-code': 'rolled-back',
      'rolled-back': 'true',
    })
    expect(run.result?.summary).toContain(THIRD)
    expect(await place.info()).toMatchObject({ version: OLD, id: was.id })
    expect(await place.counts()).toEqual(was.counts)
  }, 900_000)

  it('that is the old one again is rolled back without a restore', async () => {
    place = await upgradePlace({ deploy: { deploy: rollback, rollback, stop: '$CONTROL stop' } })
    const was = await before()
    const run = await place.run(['upgrade-workspace', '--timeout', '20s'])
    expect(run.outputs).toMatchObject({ outcome: 'failure', 'reason-code': 'rolled-back' })
    expect(await place.info()).toMatchObject({ version: OLD, id: was.id })
    expect(await place.counts()).toEqual(was.counts)
  }, 900_000)
})

describe("a backup by the user's own commands", () => {
  it('is restored once the loss that nobody can count is accepted', async () => {
    place = await upgradePlace({
      deploy: {
        deploy: '$CONTROL stop; $CONTROL migrate $TARGET_VERSION; exit 1',
        rollback: '$CONTROL start $PREVIOUS_VERSION',
        stop: '$CONTROL stop',
      },
      backup: JSON.stringify({
        command: {
          backup: `python3 -c "import os, sqlite3; sqlite3.connect(os.environ['DATABASE']).backup(sqlite3.connect(os.environ['BACKUP_FILE']))"`,
          check:
            "python3 -c \"import os, sqlite3; assert sqlite3.connect(os.environ['BACKUP_FILE']).execute('PRAGMA integrity_check').fetchone() == ('ok',)\"",
          restore: 'cp "$BACKUP_FILE" "$DATABASE.part" && mv "$DATABASE.part" "$DATABASE"',
          to: 'TO',
        },
      }),
    })
    await place.edit('"TO"', JSON.stringify(place.backups))
    const env = { DATABASE: join(place.directory, 'zenml.db') }
    const was = await before()
    const refused = await place.run(['upgrade-workspace'], env)
    expect(refused.outputs).toMatchObject({ 'reason-code': 'rollback-refused' })
    expect(refused.result?.next).toContain('rollback-with-loss')
    const run = await place.run(['upgrade-workspace', '--on-failure', 'rollback-with-loss'], env)
    expect(run.outputs).toMatchObject({ outcome: 'failure', 'reason-code': 'rolled-back' })
    expect(await place.info()).toMatchObject({ version: OLD, id: was.id })
    expect(await place.counts()).toEqual(was.counts)
  }, 900_000)
})
