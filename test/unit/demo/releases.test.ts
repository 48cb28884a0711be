import { expect, it } from '@jest/globals'
import { Stop } from '../../../src/core/stop.ts'
import { releasesOf } from '../../../src/demo/releases.ts'

const read = (from: string, to: string) => releasesOf({ 'from-version': from, 'to-version': to })

it('reads both releases of the demo without a leading v', () => {
  expect(read('v0.94.1', 'v0.98.0')).toEqual({ from: '0.94.1', to: '0.98.0' })
})

it.each([
  ['0.98.0', '0.94.1'],
  ['0.98.0', '0.98'],
  ['newest', '0.98.0'],
])('refuses a demo from %s to %s', (from, to) => {
  expect(() => read(from, to)).toThrow(Stop)
})
