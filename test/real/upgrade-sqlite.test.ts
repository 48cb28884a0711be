import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { NEW, OLD } from '../support/environments.ts'
import { untilJournal, upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'

const UPGRADE = ['upgrade-workspace']

describe('a server of this machine on SQLite', () => {
  let place: UpgradePlace
  let before: { id: string; counts: Record<string, number> }
  beforeAll(async () => {
    place = await upgradePlace({ deploy: 'local', workloads: true })
    before = { id: (await place.info())?.id ?? '', counts: await place.counts() }
  }, 300_000)
  afterAll(() => place.close(), 60_000)

  it('plans without changing anything', async () => {
    const run = await place.run([...UPGRADE, '--dry-run'])
    expect(run.outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'dry-run',
      changed: 'false',
    })
    expect(run.exitCode).toBe(0)
    expect(await place.info()).toEqual(expect.objectContaining({ version: OLD, id: before.id }))
    expect(await place.attempts()).toEqual([])
  }, 300_000)

  it('is not touched for a version that the package index does not have', async () => {
    const run = await place.run([...UPGRADE, '--target-version', '0.97.99'])
    expect(run.outputs).toMatchObject({
      outcome: 'failure',
      'reason-code': 'version-not-found',
      changed: 'false',
    })
    expect(run.exitCode).toBe(1)
    expect(run.result?.summary).toMatch(/0\.97\.99/)
    expect(await place.attempts()).toEqual([])
  }, 120_000)

  it('is not touched while nobody can tell which versions there are', async () => {
    const run = await place.run(UPGRADE, {
      UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple',
      UV_CACHE_DIR: join(place.root, 'empty-cache'),
    })
    expect(run.outputs).toMatchObject({
      outcome: 'inconclusive',
      'reason-code': 'index-unreachable',
    })
    expect(run.exitCode).toBe(4)
    expect(await place.attempts()).toEqual([])
  }, 300_000)

  it('is not touched when a snapshot cannot be rebuilt with the target', async () => {
    await place.write('churn/report.py', 'raise RuntimeError("not ready for the new release")\n')
    const run = await place.run(UPGRADE)
    expect(run.outputs).toMatchObject({
      outcome: 'failure',
      'reason-code': 'preflight-failed',
      changed: 'false',
    })
    expect(run.result?.summary).toMatch(/churn_report\/report.*not ready for the new release/s)
    expect(await place.info()).toMatchObject({ version: OLD, id: before.id })
    await place.undo()
  }, 300_000)

  it('is held while another attempt is under way, and goes on after a kill behind the backup on a machine that is gone', async () => {
    const first = await place.start(UPGRADE)
    await untilJournal(place, ({ entries }) => entries.some((entry) => entry.kind === 'backup'))
    first.process.kill('SIGSTOP')
    const second = await place.run(UPGRADE)
    expect(second.outputs).toMatchObject({ outcome: 'held', 'reason-code': 'locked' })
    expect(second.exitCode).toBe(3)
    first.process.kill('SIGKILL')
    await first.ended

    const run = await place.run(UPGRADE)
    expect(run.outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'upgraded',
      'from-version': OLD,
      'to-version': NEW,
      changed: 'true',
      'rolled-back': 'false',
    })
    expect(run.exitCode).toBe(0)
    expect(await place.info()).toMatchObject({ version: NEW, id: before.id })
    expect(await place.counts()).toEqual(before.counts)
    expect(await place.attempts()).toHaveLength(1)
  }, 400_000)

  it('is nothing the second time', async () => {
    const run = await place.run(UPGRADE)
    expect(run.outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'already-at-target',
      changed: 'false',
    })
  }, 60_000)

  it('is held when the file asks for less than it deployed', async () => {
    await place.edit(`zenml: ${NEW}`, 'zenml: 0.97.0')
    expect((await place.run(UPGRADE)).outputs).toMatchObject({
      outcome: 'held',
      'reason-code': 'downgrade-requested',
      changed: 'false',
    })
  }, 60_000)
})
