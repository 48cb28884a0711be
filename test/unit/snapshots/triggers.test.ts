import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { triggerMovesIn } from '../../../src/state/local/trigger-moves.ts'
import { configurationOnTop } from '../../../src/snapshots/triggers.ts'
import { changed, record } from './example.ts'

describe('configurationOnTop', () => {
  const named = record('0.98.0', 'churn-098')
  it('finds what the trigger laid over the snapshot', () => {
    const copy = changed(named, (started) => {
      started.metadata.pipeline_configuration['enable_cache'] = true
      Object.assign(started.metadata.step_configurations['load']?.step_config_overrides ?? {}, {
        parameters: { seed: 5, rows: 25, opts: { a: 1 } },
      })
    })
    expect(configurationOnTop(copy, named)).toEqual({
      enable_cache: true,
      steps: { load: { parameters: { seed: 5 } } },
    })
    expect(configurationOnTop(named, named)).toEqual({})
  })
})

describe('triggerMovesIn', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'moves-'))
  })
  afterEach(async () => {
    await rm(directory, { recursive: true })
  })
  const move = {
    'trigger-id': 't1',
    'trigger-name': 'nightly',
    snapshot: 'default/churn/training',
    'old-id': 's1',
    'run-configuration': { steps: {} },
  }

  it('keeps open moves for the next process, and forgets finished ones', async () => {
    await triggerMovesIn(join(directory, 'new')).begin(move)
    await triggerMovesIn(join(directory, 'new')).begin(move)
    expect(await triggerMovesIn(join(directory, 'new')).open()).toEqual([move])
    await triggerMovesIn(join(directory, 'new')).finish(move)
    expect(await triggerMovesIn(join(directory, 'new')).open()).toEqual([])
  })

  it('refuses a damaged note instead of forgetting the trigger', async () => {
    await writeFile(join(directory, 't1-s1.json'), '{')
    await expect(triggerMovesIn(directory).open()).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('t1-s1.json') as unknown,
    })
  })
})
