import { describe, expect, it } from '@jest/globals'
import { selectSnapshots } from '../../../src/snapshots/select.ts'
import { matches } from '../../../src/snapshots/patterns.ts'
import { discovered, file } from './example.ts'

const select = (snapshots: ReturnType<typeof discovered>[], more: Record<string, unknown>) =>
  selectSnapshots(snapshots, file(more), 'staging')

describe('selectSnapshots', () => {
  it('takes all that is not excluded, with what is declared', () => {
    const training = { name: 'training', config: { staging: 'a.yaml', production: 'b.yaml' } }
    const { selected, excluded, misfits } = select(
      [discovered('training'), discovered('legacy-1'), discovered('other')],
      {
        snapshots: [training],
        exclude: [{ pattern: 'legacy-*', reason: 'retired' }],
      },
    )
    expect(
      selected.map(({ snapshot, declaration, source }) => [
        snapshot.name,
        declaration?.config?.staging,
        source.name,
      ]),
    ).toEqual([
      ['training', 'a.yaml', 'default'],
      ['other', undefined, 'default'],
    ])
    expect(excluded.map(({ snapshot, reason }) => [snapshot.name, reason])).toEqual([
      ['legacy-1', 'retired'],
    ])
    expect(misfits).toEqual([])
  })

  it('refuses a declaration that fits several, and names them', () => {
    const snapshots = [
      discovered('training', { pipeline: 'a' }),
      discovered('training', { pipeline: 'b' }),
    ]
    expect(select(snapshots, { snapshots: [{ name: 'training' }] }).misfits).toEqual([
      expect.objectContaining({
        message:
          'The entry `training` of `snapshots` fits more than one: default/a/training, default/b/training.',
      }),
    ])
    const { selected, misfits } = select(snapshots, {
      snapshots: [{ name: 'training', pipeline: 'b' }],
    })
    expect(misfits).toEqual([])
    expect(selected.map(({ declaration }) => declaration !== undefined)).toEqual([false, true])
  })

  it('names the nearest for a declaration of what is not there', () => {
    const { misfits } = select(
      ['training', 'scoring', 'report', 'export'].map((name) => discovered(name)),
      { snapshots: [{ name: 'trainign' }] },
    )
    expect(misfits[0]?.message).toMatch(
      /^The server has no snapshot `trainign`.* Nearest are default\/churn\/training, /,
    )
  })

  it('expects a declaration only where its `config` has a file', () => {
    expect(
      select([], { snapshots: [{ name: 'training', config: { production: 'b.yaml' } }] }).misfits,
    ).toEqual([])
    expect(
      select([], { snapshots: [{ name: 'training', config: { staging: 'b.yaml' } }] }).misfits,
    ).toHaveLength(1)
  })

  it('refuses two declarations of the same snapshot', () => {
    expect(
      select([discovered('training')], {
        snapshots: [{ name: 'training' }, { name: 'training', pipeline: 'churn' }],
      }).misfits[0]?.message,
    ).toBe('Two entries of `snapshots` are for default/churn/training.')
  })

  it('refuses a name that patterns of several sources fit, and leaves one without a pattern open', () => {
    const sources = [
      { name: 'a', snapshots: ['a-*'] },
      { name: 'b', snapshots: ['*-b'] },
      { name: 'c' },
      { name: 'only-tests', snapshots: [] },
    ]
    const { selected, misfits, undecided } = select(
      [discovered('a-1'), discovered('a-b'), discovered('other')],
      { sources },
    )
    expect(selected.map(({ snapshot, source }) => [snapshot.name, source.name])).toEqual([
      ['a-1', 'a'],
    ])
    expect(misfits.map(({ message }) => message)).toEqual([
      'More than one source has a pattern for this name: a, b.',
    ])
    expect(
      undecided.map((one) => [one.snapshot.name, one.sources.map(({ name }) => name)]),
    ).toEqual([['other', ['a', 'b', 'c']]])
  })

  it('refuses a snapshot where no source takes any', () => {
    const { misfits } = select([discovered('c')], { sources: [{ name: 'a', snapshots: [] }] })
    expect(misfits.map(({ message }) => message)).toEqual([
      'No source has a pattern for this name.',
    ])
  })
})

describe('matches', () => {
  const snapshot = { project: 'default', pipeline: 'legacy-pipe', name: 'eu/churn (v2)' }
  it.each([
    ['*', true],
    ['eu*', true],
    ['eu/churn (v2)', true],
    ['*churn*', true],
    ['legacy-*', false],
    ['legacy-pipe/*', true],
    ['default/legacy-pipe/eu*', true],
    ['other/*', false],
    ['EU*', false],
    ['{eu,us}/*', false],
    ['eu/churn (v?)', false],
    ['eu*n*v2)', true],
    ['eu*eu*v2)', false],
    ['eu/churn (v2)*(v2)', false],
    [`${'*e'.repeat(40)}*`, false],
  ])('%s: %s', (pattern, expected) => {
    expect(matches(pattern, snapshot)).toBe(expected)
  })
})
