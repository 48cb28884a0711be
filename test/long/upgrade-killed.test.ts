import { afterEach, describe, expect, it } from '@jest/globals'
import { hostname } from 'node:os'
import { leftChildren, type Attempt, type UpgradePhase } from '../../src/state/attempt.ts'
import { NEW, OLD } from '../support/environments.ts'
import { untilJournal, upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'

// SIGKILL in each phase; workspace, temporary folder and HOME are gone after; the next run must end
// where the first would have.

const reached =
  (phase: UpgradePhase, state: 'started' | 'done') =>
  ({ entries }: Attempt) =>
    entries.some(
      (entry) => entry.kind === 'phase' && entry.phase === phase && entry.state === state,
    )

let place: UpgradePlace
afterEach(() => place.close(), 60_000)

async function killWhen(
  condition: (attempt: Attempt) => boolean,
  args: readonly string[] = [],
): Promise<void> {
  const first = await place.start(['upgrade-workspace', ...args])
  await untilJournal(place, condition, 300)
  first.process.kill('SIGKILL')
  await first.ended
}

describe('an upgrade that is killed', () => {
  const moments: [string, (attempt: Attempt) => boolean][] = [
    ['while it backs up', reached('backup', 'started')],
    ['behind the backup', reached('backup', 'done')],
    ['when it begins to deploy', reached('deploy', 'started')],
    [
      'while it migrates; the migration goes on by itself',
      (attempt) => leftChildren(attempt, hostname()).some(({ name }) => name === 'migration'),
    ],
    ['behind the deployment', reached('deploy', 'done')],
    ['while it waits for the server', reached('verify', 'started')],
  ]
  it.each(moments)(
    '%s is at the target after the next run',
    async (_when, condition) => {
      place = await upgradePlace({ deploy: 'local' })
      const before = { id: (await place.info())?.id, counts: await place.counts() }
      await killWhen(condition)
      expect((await place.run(['upgrade-workspace'])).outputs).toMatchObject({
        outcome: 'success',
        'reason-code': 'upgraded',
      })
      expect(await place.info()).toMatchObject({ version: NEW, id: before.id })
      expect(await place.counts()).toEqual(before.counts)
      expect((await place.run(['upgrade-workspace'])).outputs).toMatchObject({ outcome: 'noop' })
    },
    900_000,
  )
})

describe('a rollback that is killed', () => {
  it('is finished by the next run', async () => {
    place = await upgradePlace({
      deploy: {
        deploy: '$CONTROL stop; $CONTROL migrate $TARGET_VERSION; exit 1',
        rollback: 'sleep 5; $CONTROL start $PREVIOUS_VERSION',
        stop: '$CONTROL stop',
      },
    })
    const before = { id: (await place.info())?.id, counts: await place.counts() }
    await killWhen(reached('rollback', 'started'))
    expect((await place.run(['upgrade-workspace'])).outputs).toMatchObject({
      outcome: 'failure',
      'reason-code': 'rolled-back',
    })
    expect(await place.info()).toMatchObject({ version: OLD, id: before.id })
    expect(await place.counts()).toEqual(before.counts)
  }, 900_000)
})
