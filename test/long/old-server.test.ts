import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ResultOf } from '../../src/result/result.ts'
import { NEW } from '../support/environments.ts'
import { upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'

/** Without snapshots, which came with 0.90.0, and without deployments. */
const FROM = '0.85.0'

describe(`a server of ZenML ${FROM}`, () => {
  let place: UpgradePlace
  beforeAll(async () => {
    place = await upgradePlace({ deploy: 'local', from: FROM })
    const project = (await place.admin.get('/projects')).items[0]?.id
    await place.admin.post('/pipelines', { name: 'churn', project })
    await place.admin.post('/secrets', { name: 'kept', private: false, values: { key: 'value' } })
  }, 300_000)
  afterAll(() => place.close(), 60_000)

  it('passes every check in a dry run, which says what cannot be measured there', async () => {
    const run = await place.run(['upgrade-workspace', '--dry-run'])
    expect(run.outputs).toMatchObject({ outcome: 'noop', 'reason-code': 'dry-run' })
    const { details } = run.result as ResultOf<'upgrade-workspace'>
    expect(details?.checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'credentials',
          message: expect.stringMatching(
            /^the key reads 1 pipeline; not measured, .*: deployments, snapshots$/,
          ),
        }),
        expect.objectContaining({ name: 'snapshots', status: 'not-checked' }),
      ]),
    )
  }, 300_000)

  it('has no snapshots to plan, and none is counted', async () => {
    const run = await place.run(['rebuild-snapshots', '--mode', 'plan'])
    expect(run.outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'nothing-to-rebuild',
      discovered: '',
      failed: '',
    })
  }, 120_000)

  it(`is upgraded to ZenML ${NEW} and loses nothing`, async () => {
    const run = await place.run(['upgrade-workspace'])
    expect(run.outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'upgraded',
      'from-version': FROM,
      'to-version': NEW,
    })
    const { details } = run.result as ResultOf<'upgrade-workspace'>
    expect(details?.lost).toEqual([])
    expect(details?.counts.before).not.toHaveProperty('snapshots')
    expect(details?.counts.before).toMatchObject({ pipelines: 1, secrets: 1 })
    expect(details?.counts.after).toMatchObject({ pipelines: 1, secrets: 1, snapshots: 0 })
    expect(run.result?.summary).toContain('the migrations in between are not known to this version')
  }, 400_000)

  it('has nothing to rebuild afterwards, which is measured now', async () => {
    const run = await place.run(['rebuild-snapshots'])
    expect(run.outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'nothing-to-rebuild',
      discovered: '0',
    })
  }, 120_000)
})
