import { describe, expect, it } from '@jest/globals'
import {
  answeredAt,
  fixedPauses,
  growingPauses,
  retry,
  retryAfterSeconds,
} from '../../../src/http/backoff.ts'
import { testMachine } from '../../support/machine.ts'

const START = new Date('2026-11-23T12:00:00Z')
const STEPS = { deadlineSeconds: 20, firstSeconds: 1, longestSeconds: 4 }

/** A machine whose clocks stand still unless `tick` moves them, in seconds. */
function stillMachine() {
  let elapsed = 0
  const slept: number[] = []
  const machine = {
    ...testMachine(),
    now: () => new Date(START.getTime() + elapsed * 1000),
    monotonic: () => elapsed,
    sleep: (seconds: number) => {
      slept.push(seconds)
      return Promise.resolve()
    },
  }
  return { machine, slept, tick: (seconds: number) => (elapsed += seconds) }
}

describe('growing pauses', () => {
  it('double up to the longest one and end at the deadline, also when the clock stands still', () => {
    const backoff = growingPauses(stillMachine().machine, STEPS)
    const pauses = Array.from({ length: 8 }, () => backoff({}))
    expect(pauses).toEqual([1, 2, 4, 4, 4, 4, 1, undefined])
  })

  it('end at the deadline of the clock', () => {
    const { machine, tick } = stillMachine()
    const backoff = growingPauses(machine, STEPS)
    tick(19.5)
    expect(backoff({})).toBe(0.5)
    tick(1)
    expect(backoff({})).toBeUndefined()
  })

  it.each([7200, -7200])('are the same where the wall clock is set by %d s', (seconds) => {
    const machine = testMachine()
    const backoff = growingPauses(machine, STEPS)
    machine.setWallClockBy(seconds)
    expect([backoff({}), backoff({})]).toEqual([1, 2])
  })

  it('are at least as long as the attempt asks, and go on from there', () => {
    const backoff = growingPauses(stillMachine().machine, STEPS)
    expect([backoff({ leastSeconds: 3 }), backoff({})]).toEqual([3, 4])
  })

  it('keep exactly to what the server asks, and give up where that is too long', () => {
    const backoff = growingPauses(stillMachine().machine, STEPS)
    expect([
      backoff({ askedSeconds: 0 }),
      backoff({ askedSeconds: 19 }),
      backoff({ askedSeconds: 2 }),
    ]).toEqual([0, 19, undefined])
  })

  it('end after the given number of attempts', () => {
    const backoff = growingPauses(stillMachine().machine, { ...STEPS, tries: 3 })
    expect([backoff({}), backoff({}), backoff({})]).toEqual([1, 2, undefined])
  })

  it('are none without a deadline', () => {
    expect(growingPauses(stillMachine().machine, { ...STEPS, deadlineSeconds: 0 })({})).toBe(
      undefined,
    )
  })
})

describe('retry', () => {
  it('repeats until the work is done, and names every pause before it', async () => {
    const { machine, slept } = stillMachine()
    const named: number[] = []
    let attempts = 0
    const end = await retry<string>(machine, fixedPauses([2, 10]), () => {
      attempts += 1
      return Promise.resolve(
        attempts === 3
          ? { done: 'here' }
          : { again: {}, giveUp: () => 'gone', onPause: (pause) => named.push(pause) },
      )
    })
    expect([end, attempts, slept, named]).toEqual(['here', 3, [2, 10], [2, 10]])
  })

  it('ends as the last attempt says when there is no further pause', async () => {
    const { machine, slept } = stillMachine()
    const failing = () =>
      Promise.resolve({
        again: {},
        giveUp: () => {
          throw new Error('still away')
        },
      })
    await expect(retry(machine, fixedPauses([1]), failing)).rejects.toThrow('still away')
    expect(slept).toEqual([1])
  })

  it('is ended by an abort during a pause', async () => {
    const machine = {
      ...testMachine(),
      sleep: () => Promise.reject(new Error('stopped by SIGTERM')),
    }
    await expect(
      retry(machine, fixedPauses([1]), () => Promise.resolve({ again: {}, giveUp: () => 1 })),
    ).rejects.toThrow('stopped by SIGTERM')
  })
})

describe('Retry-After', () => {
  it('is counted from when the answer was given, by the clock of who gave it', () => {
    const machine = testMachine()
    machine.setWallClockBy(-7200)
    const given = answeredAt('Mon, 23 Nov 2026 12:00:00 GMT', machine)
    expect(retryAfterSeconds('Mon, 23 Nov 2026 12:00:30 GMT', given)).toBe(30)
    expect(answeredAt(undefined, machine)).toEqual(machine.now())
    expect(answeredAt('soon', machine)).toEqual(machine.now())
  })

  it.each([
    [undefined, undefined],
    ['7', 7],
    [' 7 ', 7],
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
  ])('%p is %p seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, START)).toBe(seconds)
  })
})
