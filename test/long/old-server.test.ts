import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ResultOf } from '../../src/result/result.ts'
import { NEW } from '../support/environments.ts'
import { upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'

/** Without snapshots, which came with 0.90.0, and without deployments; it has run templates. */
const FROM = '0.85.0'

describe(`a server of ZenML ${FROM}`, () => {
  let place: UpgradePlace
  beforeAll(async () => {
    place = await upgradePlace({ deploy: 'local', from: FROM })
    const project = (await place.admin.get('/projects')).items[0]?.id
    await place.admin.post('/pipelines', { name: 'churn', project })
    await place.admin.post('/secrets', { name: 'kept', private: false, values: { key: 'value' } })
    await makeTemplates(place.admin)
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

  it('has no snapshots to plan, and lists what becomes of its run templates', async () => {
    const run = await place.run(['rebuild-snapshots', '--mode', 'plan'])
    expect(run.outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'nothing-to-rebuild',
      discovered: '',
      failed: '',
    })
    const { details } = run.result as ResultOf<'rebuild-snapshots'>
    expect(details?.deployments).toBeNull()
    expect(becomes(details?.templates)).toEqual({
      hidden: 'left',
      newest: 'snapshot',
      older: 'left',
    })
    expect(details?.templates?.[1]).toMatchObject({
      project: 'default',
      pipeline: 'churn',
      version: FROM,
      runnable: true,
    })
    expect(run.result?.summary).toContain(
      'Of its 3 run templates the upgrade makes 1 snapshot; 2 get none.',
    )
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
    expect(details?.counts.after).toMatchObject({ pipelines: 1, secrets: 1, snapshots: 1 })
    expect(run.result?.summary).toContain('the migrations in between are not known to this version')
  }, 400_000)

  it('has made a snapshot of the newest template, as the plan said, and forgets none', async () => {
    const { items } = await place.admin.get('/pipeline_snapshots', {
      project: 'default',
      named_only: 'true',
    })
    expect(items.map(({ name }) => name)).toEqual(['newest'])
    const run = await place.run(['rebuild-snapshots', '--mode', 'plan'])
    const { details } = run.result as ResultOf<'rebuild-snapshots'>
    // The pipeline has no code: that the snapshot is looked at is what counts.
    expect(details).toMatchObject({ discovered: 1, failed: 1 })
    expect(becomes(details?.templates)).toEqual({
      hidden: 'left',
      newest: 'snapshot',
      older: 'left',
    })
    expect(details?.templates?.map(({ message }) => message)).toEqual([
      `No snapshot took its place. It still starts ZenML ${FROM}.`,
      `The snapshot churn/newest took its place. It still starts ZenML ${FROM}.`,
      `No snapshot took its place. It still starts ZenML ${FROM}.`,
    ])
  }, 120_000)
})

/** Two templates of one run, and a hidden one of another. */
async function makeTemplates(admin: UpgradePlace['admin']): Promise<void> {
  const first = async (path: string) => (await admin.get(path)).items[0]?.id ?? ''
  const project = await first('/projects')
  const stack = await first('/stacks')
  const pipeline = (await admin.get('/pipelines', { project })).items[0]?.id
  const build = await admin.post('/pipeline_builds', {
    ...{ project, stack, pipeline, images: {}, is_local: false, contains_code: true },
    ...{ zenml_version: FROM, python_version: '3.11' },
  })
  const run = async () =>
    (
      await admin.post('/pipeline_deployments', {
        ...{ project, stack, pipeline, build: build.id, run_name_template: 'churn' },
        ...{ pipeline_configuration: { name: 'churn' }, step_configurations: {} },
        ...{ client_environment: {}, client_version: FROM, server_version: FROM },
      })
    ).id
  const source = await run()
  const template = (name: string, id: string, hidden = false) =>
    admin.post('/run_templates', { project, name, source_deployment_id: id, hidden })
  await template('older', source)
  await template('newest', source)
  await template('hidden', await run(), true)
}

function becomes(
  templates: readonly { readonly name: string; readonly becomes: string }[] | null | undefined,
): Record<string, string> {
  return Object.fromEntries((templates ?? []).map(({ name, becomes: what }) => [name, what]))
}
