import { describe, expect, it } from '@jest/globals'
import { plainName } from '../../../src/core/plain-name.ts'

describe('plainName', () => {
  it.each(['nightly', 'churn_training', 'v1.2-rc', 'a'.repeat(100)])(
    'keeps the name %s, which is plain',
    (name) => {
      expect(plainName(name)).toBe(name)
    },
  )

  it.each(['a'.repeat(255), '漢'.repeat(255), '🙂'.repeat(127), 'A/'.repeat(127)])(
    'spells %s in few ASCII bytes',
    (name) => {
      expect(plainName(name)).toMatch(/^[a-z0-9_.-]{1,113}$/)
    },
  )

  it('spells no two names alike, also where a file system ignores case', () => {
    const long = 'x'.repeat(254)
    const names = ['a/b', 'a:b', 'a_b', 'a b', 'A_B', 'A/B', `${long}1`, `${long}2`, '', '.', '..']
    // A name that looks like the spelling of another.
    names.push(plainName('a/b'))
    expect(new Set(names.map((name) => plainName(name).toLowerCase())).size).toBe(names.length)
  })

  it.each(['..', '.', '.hidden', '-rf', ''])('begins with no dot or hyphen for "%s"', (name) => {
    expect(plainName(name)).toMatch(/^[a-z0-9_]|^-[0-9a-f]{12}$/)
  })
})
