import { describe, expect, it } from '@jest/globals'
import type { SmokeSuite, Source } from '../../../src/config/schema.ts'
import { commonest, sourceOf, suitesToRun } from '../../../src/smoke/choose.ts'

const FILE: SmokeSuite[] = [
  { command: 'pytest', timeout: 100 },
  { command: 'make smoke', timeout: 900, source: 'second' },
]
const NOTHING = { command: undefined, junit: undefined, timeoutSeconds: undefined }

describe('the suites to run', () => {
  it('are those of the file', () => {
    expect(suitesToRun(FILE, NOTHING)).toEqual(FILE)
  })

  it('end no later than the inputs say, and no later than the file says', () => {
    expect(suitesToRun(FILE, { ...NOTHING, timeoutSeconds: 300 })).toEqual([
      FILE[0],
      { ...FILE[1], timeout: 300 },
    ])
  })

  it('are the command of the inputs alone', () => {
    expect(suitesToRun(FILE, { ...NOTHING, command: 'tox' })).toEqual([
      { command: 'tox', timeout: 1800 },
    ])
    expect(suitesToRun(FILE, { command: 'tox', junit: 'j.xml', timeoutSeconds: 5 })).toEqual([
      { command: 'tox', timeout: 5, junit: 'j.xml' },
    ])
  })

  it('have no JUnit file of the inputs without a command of theirs', () => {
    expect(() => suitesToRun(FILE, { ...NOTHING, junit: 'j.xml' })).toThrow('without input command')
  })
})

it('gives a suite the source that it names, else the first', () => {
  const sources = [{ name: 'first' }, { name: 'second' }] as Source[]
  expect(FILE.map((suite) => sourceOf(sources, suite).name)).toEqual(['first', 'second'])
})

it('finds what is there most often', () => {
  expect(commonest(['3.11', '3.12', undefined, '3.12', undefined, undefined])).toBe('3.12')
  expect(commonest(['3.11', '3.12'])).toBe('3.11')
  expect(commonest([undefined])).toBeUndefined()
})
