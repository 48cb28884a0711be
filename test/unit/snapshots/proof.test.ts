import { describe, expect, it } from '@jest/globals'
import {
  codeChange,
  lostAbilities,
  lostReference,
  stillStale,
  willLoseReference,
} from '../../../src/snapshots/proof.ts'
import { changed, record } from './example.ts'

const rebuilt = record('0.98.0', 'churn-cfg')

describe('stillStale', () => {
  it('is content with the target', () => {
    expect(
      stillStale({ record: rebuilt, build: null, version: '0.98.0' }, '0.98.0'),
    ).toBeUndefined()
  })
  it('tells an old client from an old build', () => {
    expect(
      stillStale(
        { record: record('0.94.1', 'churn-cfg'), build: null, version: '0.94.1' },
        '0.98.0',
      )?.message,
    ).toBe(
      'The command succeeded but the snapshot still carries 0.94.1: the client in the environment is old.',
    )
    expect(stillStale({ record: rebuilt, build: null, version: '0.94.1' }, '0.98.0')?.message).toBe(
      'The command succeeded but the snapshot still carries 0.94.1: the build that its configuration names was made with that client.',
    )
  })
  it('is not fooled by an image of another ZenML', () => {
    const pinned = changed(rebuilt, (copy) => {
      copy.metadata.pipeline_configuration['settings'] = {
        docker: { parent_image: 'zenmldocker/zenml:0.94.1' },
      }
    })
    expect(stillStale({ record: pinned, build: null, version: '0.98.0' }, '0.98.0')?.message).toBe(
      'The snapshot was made with 0.98.0, but its docker settings put another ZenML into the image: parent_image zenmldocker/zenml:0.94.1.',
    )
  })
})

describe('codeChange', () => {
  const recorded = changed(rebuilt, (copy) => {
    copy.resources.code_reference = { id: 'c1', body: { commit: 'abc1234ffff', subdirectory: '.' } }
  })
  it.each([
    [recorded, 'def5678ffff', 'abc1234..def5678'],
    [recorded, 'abc1234ffff', null],
    [recorded, undefined, null],
    [rebuilt, 'def5678ffff', null],
  ])('of what is recorded and what is there', (old, commit, expected) => {
    expect(codeChange(old, commit)).toBe(expected)
  })
})

describe('lostAbilities', () => {
  const able = (runnable: boolean, deployable: boolean) =>
    changed(rebuilt, (copy) => {
      Object.assign(copy.body, { runnable, deployable })
    })
  it('names what a server can no longer do with a snapshot', () => {
    expect(lostAbilities(able(true, true), able(false, false))).toEqual([
      'A server could run it, and cannot any more: its build was lost.',
      'A server could deploy it, and cannot any more.',
    ])
    expect(lostAbilities(able(false, false), able(true, true))).toEqual([])
  })
})

describe('lostReference', () => {
  it('names a code reference that is gone', () => {
    const referring = changed(rebuilt, (copy) => {
      copy.resources.code_reference = {
        id: 'c1',
        body: { commit: 'abc1234ffff', subdirectory: '.' },
      }
    })
    expect(lostReference(referring, rebuilt)).toEqual([
      'It had a code reference (abc1234) and has none now: its runs no longer take the code from the code repository.',
    ])
    expect(lostReference(referring, referring)).toEqual([])
  })
  it('is told before the rebuild where the checkout is not that of a pushed commit', () => {
    const referring = changed(rebuilt, (copy) => {
      copy.resources.code_reference = {
        id: 'r',
        body: { commit: 'abc1234def', subdirectory: '.' },
      }
    })
    const notPushed = '1 file (run.py) is changed and not committed'
    expect(willLoseReference(referring, { notPushed })).toEqual([
      'It has a code reference (abc1234) and would lose it, because 1 file (run.py) is changed and not committed: its code would be put into the image or the artifact store. Commit and push, and let Git ignore other files.',
    ])
    expect(willLoseReference(rebuilt, { notPushed })).toEqual([])
    expect(willLoseReference(referring, { notPushed: undefined })).toEqual([])
  })
})
