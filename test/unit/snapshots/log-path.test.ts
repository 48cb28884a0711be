import { describe, expect, it } from '@jest/globals'
import { logPathOf } from '../../../src/snapshots/log-path.ts'

const pathOf = (name: string, pipeline = 'churn', project = 'default') =>
  logPathOf('/report/logs', { project, pipeline, name }, 'rebuild')

describe('logPathOf', () => {
  it('names project, pipeline, and snapshot', () => {
    expect(pathOf('nightly')).toBe('/report/logs/default/churn/nightly.rebuild.log')
  })

  it('fits into a file system for names of 255 characters of any script', () => {
    for (const letter of ['a', '漢', '/']) {
      const name = letter.repeat(255)
      for (const part of pathOf(name, name, name).split('/'))
        expect(Buffer.byteLength(part)).toBeLessThanOrEqual(255)
    }
  })

  it('gives each snapshot a file of its own', () => {
    const long = 'x'.repeat(254)
    const paths = [
      ...['a/b', 'a:b', 'a_b', 'A_B', `${long}1`, `${long}2`].map((name) => pathOf(name)),
      pathOf('c', 'a_b'),
      pathOf('b_c', 'a'),
      pathOf('c', 'b', 'a'),
    ]
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(paths.length)
  })
})
