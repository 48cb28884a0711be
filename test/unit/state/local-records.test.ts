import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordName, stateDirectory } from '../../../src/state/local/attempts.ts'
import { openPlace } from '../../../src/state/backend.ts'
import { greenAttempt } from './attempts.ts'
import { testMachine } from '../../support/machine.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'records-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const idsOf = async (config: string) =>
  (await stateDirectory(directory, config).list('staging')).map(({ id }) => id)

describe('the state directory', () => {
  it('keeps the attempts of two configuration files apart', async () => {
    await stateDirectory(directory, 'zenml-upgrade.yml').begin(greenAttempt({ id: 'a' }))
    await stateDirectory(directory, 'teams/b.yml').begin(greenAttempt({ id: 'b' }))
    expect([await idsOf('zenml-upgrade.yml'), await idsOf('teams/b.yml')]).toEqual([['a'], ['b']])
    expect(await readdir(join(directory, 'attempts'))).toEqual(
      expect.arrayContaining(['staging', recordName('staging', 'teams/b.yml')]),
    )
  })

  it('takes all spellings of a path for one file', () => {
    expect(recordName('staging', './zenml-upgrade.yml')).toBe('staging')
    expect(recordName('staging', 'teams/./b.yml')).toBe(recordName('staging', 'teams/b.yml'))
  })

  it('has one lock for a server, whichever file names it, and moves of triggers for each file', async () => {
    const open = (config: string) =>
      openPlace(
        {
          config,
          'github-token': undefined,
          'working-directory': directory,
          'state-directory': 'state',
        },
        testMachine(),
      )
    const [one, other] = [await open('zenml-upgrade.yml'), await open('teams/b.yml')]
    const lock = await one.lock('server-1')
    await expect(other.lock('server-1')).rejects.toMatchObject({ code: 'locked' })
    await lock.release()
    await (await other.lock('server-1')).release()
    const move = {
      'trigger-id': 't',
      'trigger-name': 'nightly',
      snapshot: 'default/training/churn',
      'old-id': 'old',
      'run-configuration': null,
    }
    await one.triggerMoves('staging').begin(move)
    expect(await other.triggerMoves('staging').open()).toEqual([])
    expect(
      await (await open(join(directory, 'zenml-upgrade.yml'))).triggerMoves('staging').open(),
    ).toEqual([move])
  })

  it('holds no lock for what follows an upgrade', async () => {
    const place = await openPlace(
      {
        config: 'zenml-upgrade.yml',
        'github-token': undefined,
        'working-directory': directory,
        'state-directory': 'state',
      },
      testMachine(),
    )
    await place.holdForRun('server-1')
    await place.holdForRun('server-1')
    expect(await readdir(directory)).toEqual([])
  })
})
