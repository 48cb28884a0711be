import { describe, expect, it } from '@jest/globals'
import {
  compare,
  isOlder,
  knownBreaks,
  normalise,
  sameVersion,
  supportedPythons,
} from '../../../src/core/versions.ts'

describe('versions of ZenML', () => {
  it('are in PEP 440 order', () => {
    const versions = [
      '0.98.0',
      '0.98.0rc1',
      'v0.9.0',
      '0.98.0.post1',
      '0.98.0.dev20261001',
      '0.100.0',
      '0.98.1',
      '0.98.0a2',
    ]
    expect([...versions].sort(compare)).toEqual([
      'v0.9.0',
      '0.98.0.dev20261001',
      '0.98.0a2',
      '0.98.0rc1',
      '0.98.0',
      '0.98.0.post1',
      '0.98.1',
      '0.100.0',
    ])
  })

  it.each([
    ['v0.98.0', '0.98.0'],
    [' 0.98.0 ', '0.98.0'],
    ['0.98.0-rc.1', '0.98.0rc1'],
    ['0.98', '0.98.0'],
    ['1', '1.0.0'],
    ['0.98.0.0', '0.98.0'],
    ['0.98.0.1', '0.98.0.1'],
    ['0.98rc1', '0.98.0rc1'],
    ['0.98.0+acme.2', '0.98.0'],
    [' v0.98.0\n', '0.98.0'],
    ['V1.0-RC.1', '1.0.0rc1'],
    ['1.0-1', '1.0.0.post1'],
    ['1!2.0', '1!2.0.0'],
    ['latest', undefined],
    ['', undefined],
    ['>=1.0', undefined],
    ['1.0.*', undefined],
    ['1.0, 2.0', undefined],
    ['v', undefined],
  ])('%j is normally %s', (written, normal) => {
    expect(normalise(written)).toBe(normal)
  })

  it('are the same in every spelling', () => {
    expect(sameVersion('0.98', 'v0.98.0')).toBe(true)
    expect(sameVersion('0.98.0rc1', '0.98.0')).toBe(false)
    expect(isOlder('0.98.0rc1', '0.98.0')).toBe(true)
    expect(isOlder('0.98.0', '0.98.0')).toBe(false)
  })

  it('are not the same when one is no version', () => {
    expect(sameVersion('latest', 'latest')).toBe(false)
    expect(sameVersion('0.98.0', '')).toBe(false)
  })

  it('have no order when one is no version', () => {
    expect(() => compare('latest', '0.98.0')).toThrow(new TypeError('"latest" is no version'))
  })
})

describe('knownBreaks', () => {
  it('names what lies after the old and up to the new version', () => {
    expect(knownBreaks('0.94.0', '0.95.0').map(({ version }) => version)).toEqual([
      '0.94.2',
      '0.95.0',
    ])
    expect(knownBreaks('0.85.0', '0.90.0')).toEqual([
      {
        version: '0.90.0',
        sentence: expect.stringContaining('run templates'),
        source: 'https://github.com/zenml-io/zenml/releases/tag/0.90.0',
      },
    ])
  })

  it('is empty for the same version and for a way back', () => {
    expect(knownBreaks('0.98.0', '0.98.0')).toEqual([])
    expect(knownBreaks('0.98.0', '0.85.0')).toEqual([])
  })
})

it.each([
  ['0.90.0', ['3.9', '3.10', '3.11', '3.12']],
  ['0.94.1', ['3.10', '3.11', '3.12', '3.13']],
  ['0.98.0', ['3.10', '3.11', '3.12', '3.13', '3.14']],
])('ZenML %s runs on Python %j', (version, pythons) => {
  expect(supportedPythons(version)).toEqual(pythons)
})
