import { describe, expect, it } from '@jest/globals'
import { compareInventories } from '../../../src/zenml/inventory.ts'

const before = {
  counts: { runs: 12, flavors: 71, stacks: 2 },
  names: { stacks: ['default', 'prod'], snapshots: ['default/train/nightly'] },
}

describe('compareInventories', () => {
  it('says nothing when everything is there, also when more is', () => {
    expect(compareInventories(before, before)).toEqual([])
    expect(
      compareInventories(before, {
        counts: { runs: 13, flavors: 84, stacks: 3, new: 1 },
        names: { stacks: ['default', 'prod', 'x'], snapshots: ['default/train/nightly'] },
      }),
    ).toEqual([])
  })

  it('names what is fewer and what is gone', () => {
    expect(
      compareInventories(before, {
        counts: { runs: 11, flavors: 70, stacks: 2 },
        names: { stacks: ['default', 'other'], snapshots: [] },
      }),
    ).toEqual([
      { subject: 'number of runs', message: 'runs: 12 before, 11 now.' },
      { subject: 'number of flavors', message: 'flavors: 71 before, 70 now.' },
      { subject: 'stacks/prod', message: 'stacks: prod is gone.' },
      {
        subject: 'snapshots/default/train/nightly',
        message: 'snapshots: default/train/nightly is gone.',
      },
    ])
  })

  it('never takes what cannot be counted for zero or for equal', () => {
    expect(
      compareInventories(before, { counts: { flavors: 71, stacks: 2 }, names: before.names }),
    ).toEqual([
      {
        subject: 'number of runs',
        message: 'runs: 12 before, and now they cannot be counted.',
      },
    ])
  })

  it('shortens a long list', () => {
    const names = Array.from({ length: 25 }, (_, index) => `p${index}`)
    const lost = compareInventories(
      { counts: {}, names: { pipelines: names } },
      { counts: {}, names: { pipelines: [] } },
    )
    expect(lost).toHaveLength(21)
    expect(lost.at(-1)).toEqual({
      subject: 'more pipelines',
      message: 'pipelines: 5 more are gone.',
    })
  })
})
