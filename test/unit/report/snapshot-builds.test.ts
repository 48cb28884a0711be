import { describe, expect, it } from '@jest/globals'
import { snapshotSections } from '../../../src/report/test-sections.ts'
import type { SnapshotReport } from '../../../src/result/snapshots.ts'
import { snapshot } from './results.ts'

function blocksOf(...reports: readonly SnapshotReport[]) {
  const facts = reports.map((report) => ({ ...report, since: undefined }))
  const evidence = {
    results: [],
    snapshots: facts,
    gone: [],
    missingShards: [],
    shardGaps: [],
    since: undefined,
  }
  return snapshotSections(evidence).flatMap(({ blocks }) => blocks)
}

const built = (images: number, reused: boolean) => ({
  build: { id: 'b1', 'images-built': images, reused },
})

describe('the section about snapshots', () => {
  it('says how many images were built, and how many snapshots reuse them', () => {
    const blocks = blocksOf(
      snapshot('a', built(3, false)),
      snapshot('b', built(0, true)),
      snapshot('c', built(0, true)),
    )
    expect(blocks).toContainEqual({
      kind: 'text',
      text: '3 images built, 2 snapshots reuse a build.',
    })
  })

  it('says nothing of images where none is involved', () => {
    expect(blocksOf(snapshot('a', { build: null })).map(({ kind }) => kind)).toEqual(['table'])
  })

  it('has the last lines of a failed build', () => {
    const lines = ['Step 3/9 : RUN uv pip install', 'No solution found']
    const blocks = blocksOf(snapshot('a', { status: 'failed', 'log-tail': lines }))
    expect(blocks).toContainEqual({ kind: 'log', lines })
  })
})
