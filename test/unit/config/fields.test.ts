import { describe, expect, it } from '@jest/globals'
import { parseDuration } from '../../../src/core/duration.ts'
import { freezeProblem } from '../../../src/config/freeze.ts'
import { nearest } from '../../../src/core/did-you-mean.ts'

describe('durations, in seconds', () => {
  it.each([
    ['0s', 0],
    ['30s', 30],
    ['10m', 600],
    ['4h', 14_400],
    ['007m', 420],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it.each(['', '5', 'm', '-5m', '1.5h', '5 m', '5M', '5min', '1h30m', '5m\n', '1234567s', '٣s'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )
})

describe('freeze windows', () => {
  const shape = 'must be a weekly window such as "Fri 15:00 – Mon 07:00 Europe/Berlin"'

  it.each([
    'Fri 15:00 – Mon 07:00 Europe/Berlin',
    'Fri 15:00 - Mon 07:00 America/Argentina/Buenos_Aires',
    'Sat 00:00–Sun 23:59 UTC',
  ])('%s', (text) => {
    expect(freezeProblem(text)).toBeUndefined()
  })

  it.each([
    ['', shape],
    ['Fri 15:00 – Mon 07:00', shape],
    ['Friday 15:00 – Mon 07:00 UTC', shape],
    ['Fri 24:00 – Mon 07:00 UTC', shape],
    ['Fri 15:60 – Mon 07:00 UTC', shape],
    ['Fri 15:00 — Mon 07:00 UTC', shape],
    ['Fri 15:00 – Fri 15:00 UTC', 'begins and ends at Fri 15:00; a window needs a length'],
    [
      'Fri 15:00 – Mon 07:00 Europe/Berln',
      'must end with a time zone of the IANA list, not "Europe/Berln"; did you mean "Europe/Berlin"?',
    ],
    ['Fri 15:00 – Mon 07:00 +01:00', 'must end with a time zone of the IANA list, not "+01:00"'],
    [
      'Fri 15:00 – Mon 07:00 Mars/Olympus_Mons',
      'must end with a time zone of the IANA list, not "Mars/Olympus_Mons"',
    ],
  ])('%s', (text, problem) => {
    expect(freezeProblem(text)).toBe(problem)
  })
})

describe('the nearest word', () => {
  const words = [
    'server',
    'deploy',
    'backup',
    'helm',
    'from',
    'none',
    'scratch-url-env',
    'production',
  ]

  it.each([
    ['sevrer', 'server'],
    ['servers', 'server'],
    ['hlem', 'helm'],
    ['no', 'none'],
    ['prod', 'production'],
    ['scratchUrlEnv', 'scratch-url-env'],
    ['SCRATCH_URL_ENV', 'scratch-url-env'],
    ['scratch-url', 'scratch-url-env'],
    ['from', 'from'],
  ])('%s is %s', (word, right) => {
    expect(nearest(word, words)).toBe(right)
  })

  it.each(['foo', 'x', '', 'destroy', 'to', 'x'.repeat(100_000)])('%j is near to none', (word) => {
    expect(nearest(word, words)).toBeUndefined()
  })
})
