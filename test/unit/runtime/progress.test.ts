import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createLog, type Log } from '../../../src/runtime/log.ts'
import { nextLineAt, progressLine, type Work } from '../../../src/runtime/progress.ts'

const work = (what: string, began: number, state = ''): Work => ({
  what,
  began,
  state: () => state,
})

describe('the next line of progress', () => {
  it('is due within five seconds of work that nothing was printed of', () => {
    expect(nextLineAt([work('a', 100)], 99, 9.5)).toBe(104.5)
  })

  it('is due one interval after the last line, whoever printed that', () => {
    expect(nextLineAt([work('a', 100)], 101, 9.5)).toBe(110.5)
  })

  it('is due for the work that has waited longest', () => {
    expect(nextLineAt([work('outer', 100), work('inner', 107)], 101, 9.5)).toBe(110.5)
    expect(nextLineAt([work('outer', 100), work('inner', 104)], 101, 14.5)).toBe(108.5)
  })

  it('is never due while nothing is done', () => {
    expect(nextLineAt([], 0, 9.5)).toBeUndefined()
  })

  it('names the innermost work that lasts, how far it is, and its time', () => {
    const works = [work('outer', 0), work('inner', 10, '3 of 20'), work('quick', 29)]
    expect(progressLine(works, 30)).toBe('… inner · 3 of 20 · 20 s')
  })
})

describe('work that lasts', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  function watched(columns?: number): { log: Log; printed: string[] } {
    const printed: string[] = []
    const start = performance.now()
    const log = createLog({
      write: (text) => {
        printed.push(`${((performance.now() - start) / 1000).toFixed(1)} ${text.trim()}`)
      },
      github: false,
      colour: false,
      columns: () => columns,
    })
    return { log, printed }
  }

  const lasts = (seconds: number) => () =>
    new Promise<void>((resolve) => {
      setTimeout(resolve, seconds * 1000)
    })

  it('prints within 5 s and then every 15 s in a pipe, and nothing after its end', async () => {
    const { log, printed } = watched()
    const done = log.progress('copy', lasts(36))
    await jest.advanceTimersByTimeAsync(60_000)
    await done
    expect(printed).toEqual(['4.5 … copy · 5 s', '19.0 … copy · 19 s', '33.5 … copy · 34 s'])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('prints every 10 s in a terminal', async () => {
    const { log, printed } = watched(80)
    void log.progress('copy', lasts(26))
    await jest.advanceTimersByTimeAsync(60_000)
    expect(printed).toEqual(['4.5 … copy · 5 s', '14.0 … copy · 14 s', '23.5 … copy · 24 s'])
  })

  it('prints nothing when it takes less than that, however much of it there is', async () => {
    const { log, printed } = watched()
    for (let part = 0; part < 10; part += 1) {
      void log.progress('copy', lasts(4))
      await jest.advanceTimersByTimeAsync(4000)
    }
    expect(printed).toEqual([])
  })

  it('waits one interval after each line of its own output', async () => {
    const { log, printed } = watched()
    void log.progress('copy', lasts(20))
    await jest.advanceTimersByTimeAsync(3000)
    log.info('output')
    await jest.advanceTimersByTimeAsync(30_000)
    expect(printed).toEqual(['3.0 output', '17.5 … copy · 18 s'])
  })

  it('prints one line for nested work, and how far that is when the line is printed', async () => {
    const { log, printed } = watched()
    let files = 0
    const counting = setInterval(() => (files += 1), 1000)
    void log.chapter('Back up', () =>
      log.progress('copy', (show) => {
        show(() => `${files} of 9 files`)
        return lasts(6)()
      }),
    )
    await jest.advanceTimersByTimeAsync(6000)
    clearInterval(counting)
    expect(printed).toEqual(['0.0 ▸ Back up', '4.5 … copy · 4 of 9 files · 5 s', '6.0 6.0 s'])
  })

  it('prints nothing while a person is asked', async () => {
    const { log, printed } = watched()
    void log.progress('init', async () => {
      await log.quiet(lasts(60))
      await lasts(16)()
    })
    await jest.advanceTimersByTimeAsync(90_000)
    expect(printed).toEqual(['74.5 … init · 1 min 15 s'])
  })

  it('goes on without a line that cannot be made', async () => {
    const { log, printed } = watched()
    const done = log.progress('copy', (show) => {
      show(() => {
        throw new Error('unknown size')
      })
      return lasts(20)().then(() => {
        show(() => '9 of 9')
        return lasts(20)()
      })
    })
    await jest.advanceTimersByTimeAsync(60_000)
    await done
    expect(printed).toEqual(['33.5 … copy · 9 of 9 · 34 s'])
  })

  it('goes on without a line that cannot be printed', async () => {
    let attempts = 0
    const log = createLog({
      write: () => {
        attempts += 1
        throw new Error('write EPIPE')
      },
      github: false,
      colour: false,
    })
    const done = log.progress('copy', lasts(20))
    await jest.advanceTimersByTimeAsync(60_000)
    await done
    expect(attempts).toBe(2)
  })

  it('ends its lines when it fails', async () => {
    const { log, printed } = watched()
    const failing = log.progress('copy', () => Promise.reject(new Error('disk full')))
    await expect(failing).rejects.toThrow('disk full')
    await jest.advanceTimersByTimeAsync(60_000)
    expect(printed).toEqual([])
  })
})
