import { describe, expect, it } from '@jest/globals'
import type {
  DeploymentReport,
  SnapshotReport,
  SnapshotsDetails,
} from '../../../src/result/snapshots.ts'
import { joinShards as joinAll, partsOf } from '../../../src/snapshots/join-shards.ts'
import { shardsFor } from '../../../src/snapshots/shard.ts'
import { snapshot, snapshots } from '../report/results.ts'

const part = (
  shard: string | null,
  reports: readonly SnapshotReport[],
  changes: Partial<SnapshotsDetails> = {},
): SnapshotsDetails => {
  const { details } = snapshots(
    { environment: 'staging', code: 'snapshots-executed', summary: '' },
    [...reports],
    { shard, ...changes },
  )
  if (details === null) throw new Error('no details')
  return details
}
const [first, second, third] = [
  part('1/3', [snapshot('a'), snapshot('b')]),
  part('2/3', []),
  part('3/3', [snapshot('c')]),
]

const joinShards = (parts: readonly SnapshotsDetails[], baseline: number) =>
  joinAll(parts, { baseline, policy: 'list' })[0]

describe('shards', () => {
  it('are one finding together, in whatever order they came', () => {
    const joined = joinShards([third, first, second], 3)
    expect(joined).toMatchObject({
      code: 'snapshots-executed',
      details: { mode: 'all', shard: null, discovered: 3, executed: 3, failed: 0 },
    })
    expect(joined?.details.snapshots.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect(joinShards([first, second, third], 3)).toEqual(joined)
  })

  it('are none while one is missing, and where the work was not cut up', () => {
    const untouched = part('1/3', [snapshot('a', { status: 'current', 'new-id': null })])
    expect(joinShards([untouched, second], 3)).toBeUndefined()
    expect(joinShards([part(null, [snapshot('a')])], 1)).toBeUndefined()
    expect(joinShards([], 1)).toBeUndefined()
  })

  it('keep what was replaced while one is missing, which proves nothing', () => {
    const replaced = snapshot('a', { status: 'rebuilt', 'old-id': 'o', 'new-id': 'n' })
    expect(joinShards([part('1/3', [replaced]), third], 1)).toMatchObject({
      code: 'incomplete',
      summary: expect.stringMatching(
        /The shards are no whole: shard 2\/3 left no result\.$/,
      ) as unknown,
      details: {
        shard: null,
        discovered: null,
        snapshots: [{ 'old-id': 'o', 'new-id': 'n' }, { name: 'c' }],
      },
    })
  })

  it('are red when one of them is', () => {
    const failing = part('2/3', [snapshot('d', { status: 'failed', 'failed-at': 'rebuild' })])
    expect(joinShards([first, failing, third], 4)).toMatchObject({
      code: 'snapshots-failed',
      details: { failed: 1, executed: 3, discovered: 4 },
    })
  })

  it('count anew what was run again', () => {
    const failing = part('3/3', [snapshot('c', { status: 'failed', 'failed-at': 'execute' })])
    expect(joinShards([first, second, failing, third], 3)).toMatchObject({
      code: 'snapshots-executed',
      details: { failed: 0 },
    })
    expect(joinShards([first, second, third, failing], 3)).toMatchObject({
      code: 'snapshots-failed',
    })
  })

  it('are no proof where a snapshot is in none of them, or in two', () => {
    const server = { 'discovered-on-server': 4 }
    const [one, two] = [
      part('1/2', [snapshot('a'), snapshot('b')], server),
      part('2/2', [snapshot('b'), snapshot('c')], server),
    ]
    expect(joinShards([one, two], 4)).toMatchObject({
      code: 'incomplete',
      summary: expect.stringMatching(
        /The shards are no whole: 1 snapshot in no shard and default\/training\/b in more than one shard\.$/,
      ) as unknown,
    })
    const whole = part('2/2', [snapshot('c'), snapshot('d')], server)
    expect(joinShards([one, whole], 4)?.code).toBe('snapshots-executed')
    const failing = part('2/2', [snapshot('b', { status: 'failed' })], server)
    expect(joinShards([one, failing], 4)?.code).toBe('snapshots-failed')
  })

  it('do not mix with those of another mode or version', () => {
    expect(joinShards([first, second, { ...third, mode: 'rebuild' }], 3)?.code).toBe('incomplete')
    expect(joinShards([first, second, { ...third, 'zenml-version': '0.97.0' }], 3)).toMatchObject({
      code: 'incomplete',
      details: { snapshots: [{ name: 'c' }] },
    })
  })

  it('of two modes are a finding each, and the newest says into how many the work was cut', () => {
    const rebuilt = ['1/2', '2/2'].map((shard) =>
      part(shard, [snapshot(`r${shard}`, { status: 'rebuilt' })], { mode: 'rebuild' }),
    )
    expect(
      joinAll([...rebuilt, first, second, third], { baseline: 3, policy: 'list' }).map(
        ({ details: { mode } }) => mode,
      ),
    ).toEqual(['rebuild', 'all'])
    const [recut] = joinAll(
      [first, second, third, ...['1/2', '2/2'].map((shard) => part(shard, [snapshot(shard)]))],
      { baseline: 3, policy: 'list' },
    )
    expect(recut?.details.snapshots.map(({ name }) => name)).toEqual(['1/2', '2/2'])
  })

  it('that found nothing are a loss where there was something', () => {
    const empty = ['1/2', '2/2'].map((shard) => part(shard, []))
    expect(joinShards(empty, 3)?.code).toBe('snapshots-lost')
    expect(joinShards(empty, 0)?.code).toBe('nothing-to-rebuild')
  })

  it('report one deployment once, as the one that knows most of it does', () => {
    const unknown: DeploymentReport = {
      id: 'd1',
      project: 'default',
      name: 'churn-api',
      pipeline: 'churn',
      snapshot: null,
      stack: null,
      status: 'old',
      'server-status': 'running',
      url: null,
      version: '0.94.1',
      message: null,
      next: null,
    }
    const redeployed = { ...unknown, snapshot: 'training', status: 'redeployed' } as const
    const joinedWith = (second: readonly DeploymentReport[]) =>
      joinAll(
        [
          part('1/2', [snapshot('a')], { deployments: [unknown] }),
          part('2/2', [snapshot('b')], { deployments: [...second] }),
        ],
        { baseline: 2, policy: 'redeploy' },
      )[0]
    const joined = joinedWith([redeployed])
    expect(joined?.details.deployments).toEqual([redeployed])
    expect(joined?.code).toBe('snapshots-executed')
    expect(joinedWith([])?.code).toBe('snapshots-failed')
    expect(joinedWith([{ ...unknown, 'left-alone': true, snapshot: 'b' }])?.code).toBe(
      'snapshots-executed',
    )
  })

  it.each([
    [0, 4, []],
    [1, 4, ['1/1']],
    [2, 4, ['1/2', '2/2']],
    [9, 3, ['1/3', '2/3', '3/3']],
    [9, 1, ['1/1']],
  ])('are for %d snapshots and %d machines %j', (count, machines, expected) => {
    expect(shardsFor(count, machines)).toEqual(expected)
  })
})

describe('what results say of the snapshots of an environment', () => {
  const result = (name: string, minute: number, changes: Partial<SnapshotsDetails> = {}) =>
    snapshots(
      { environment: 'staging', code: 'snapshots-executed', summary: '', minute },
      [snapshot(name)],
      changes,
    )
  const attempt = { started: '2026-01-01T00:00:00.000Z', entries: [] }
  const names = (parts: readonly SnapshotsDetails[]) =>
    parts.map((details) => details.snapshots.map(({ name }) => name).join())

  it('is in the order of their end', () => {
    expect(names(partsOf('staging', [result('b', 5), result('a', 1)], attempt))).toEqual(['a', 'b'])
  })

  it('is nothing from before the attempt', () => {
    const later = { started: '2100-01-01T00:00:00.000Z', entries: [] }
    expect(partsOf('staging', [result('a', 1)], later)).toEqual([])
  })

  it('is nothing of a plan, of the other environment, or without details', () => {
    expect(partsOf('staging', [result('a', 1, { mode: 'plan' })], attempt)).toEqual([])
    expect(partsOf('production', [result('a', 1)], attempt)).toEqual([])
    expect(partsOf('staging', [{ ...result('a', 1), details: null }], attempt)).toEqual([])
  })
})
