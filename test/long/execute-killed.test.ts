import { afterEach, expect, it } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { NEW } from '../support/environments.ts'
import { upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'
import { PYTHON_SUPPORT } from '../support/zenml.ts'

// SIGKILL while snapshots run: the next command does what is left, and no snapshot is rebuilt twice.

let place: UpgradePlace
afterEach(() => place.close(), 60_000)

const SNAPSHOTS = ['rebuild-snapshots', '--mode', 'all', '--max-parallel', '1']

async function newRuns(): Promise<{ name: string; status: string }[]> {
  const { items } = await place.admin.get('/runs', {
    project: 'default',
    sort_by: 'desc:created',
    size: '50',
  })
  return items.map(({ name, body }) => ({ name, status: String(body['status']) }))
}

it('a command that is killed while a snapshot runs is finished by the next one', async () => {
  place = await upgradePlace({
    deploy: 'local',
    workloads: true,
    env: { PYTHONPATH: PYTHON_SUPPORT },
    more: 'snapshots: [{ name: training, config: { staging: configs/staging.yaml, production: configs/production.yaml } }]\n',
  })
  expect((await place.run(['upgrade-workspace'])).outputs).toMatchObject({
    'reason-code': 'upgraded',
  })
  const before = (await newRuns()).length
  const first = await place.start(SNAPSHOTS)
  // A run that the first command started is under way.
  while (first.process.exitCode === null && (await newRuns()).length === before) await sleep(200)
  expect(first.process.exitCode).toBeNull()
  first.process.kill('SIGKILL')
  await first.ended
  const snapshots = async () =>
    (
      await place.admin.get('/pipeline_snapshots', {
        project: 'default',
        named_only: 'true',
        size: '50',
      })
    ).total
  const named = await snapshots()

  const second = await place.run(SNAPSHOTS)
  if (second.exitCode !== 0) console.error(second.log)
  expect(second.outputs).toMatchObject({
    outcome: 'success',
    'reason-code': 'snapshots-executed',
    failed: '0',
    lost: '0',
  })
  expect(await snapshots()).toBe(named)
  expect(await place.info()).toMatchObject({ version: NEW })
  // What the killed command left behind has ended, or the next one says so.
  const open = (await newRuns()).filter(({ status }) => status === 'running')
  for (const { name } of open) expect(second.log).toContain(name)
}, 900_000)
