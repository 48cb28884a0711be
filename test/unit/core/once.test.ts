import { describe, expect, it } from '@jest/globals'
import { once, remember } from '../../../src/core/once.ts'

/** Fails at the first call; afterwards returns how often it was called. */
function failsFirst() {
  let calls = 0
  return () => {
    calls += 1
    return calls === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve(calls)
  }
}

describe('remember', () => {
  it('makes a value once for each key', async () => {
    const known = new Map<string, Promise<string>>()
    const first = remember(known, 'a', () => Promise.resolve('first'))
    expect(remember(known, 'a', () => Promise.resolve('second'))).toBe(first)
    expect(await remember(known, 'b', () => Promise.resolve('second'))).toBe('second')
  })

  it('tries again after a failure', async () => {
    const known = new Map<string, Promise<number>>()
    const make = failsFirst()
    await expect(remember(known, 'a', make)).rejects.toThrow('not yet')
    expect(await remember(known, 'a', make)).toBe(2)
    expect(await remember(known, 'a', make)).toBe(2)
  })
})

describe('once', () => {
  it('tries again after a failure', async () => {
    const value = once(failsFirst())
    await expect(value()).rejects.toThrow('not yet')
    expect(await value()).toBe(2)
    expect(await value()).toBe(2)
  })
})
