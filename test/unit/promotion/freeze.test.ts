import { describe, expect, it } from '@jest/globals'
import { firstThaw, freezeAt } from '../../../src/promotion/freeze.ts'
import { WEEKEND } from './facts.ts'

const NIGHT = 'Sat 23:00 – Sun 02:30 Europe/Berlin'

// Each row: when, windows, when it ends (undefined: not frozen; null: never).
const CASES: [string, string, string[], string | null | undefined][] = [
  ['the minute before it begins', '2026-11-27T13:59:59Z', [WEEKEND], undefined],
  ['the moment it begins', '2026-11-27T14:00:00Z', [WEEKEND], '2026-11-30T06:00:00Z'],
  [
    'the middle, after the week wrapped around',
    '2026-11-29T12:00:00Z',
    [WEEKEND],
    '2026-11-30T06:00:00Z',
  ],
  ['the last moment', '2026-11-30T05:59:59.999Z', [WEEKEND], '2026-11-30T06:00:00Z'],
  ['the moment it ends', '2026-11-30T06:00:00Z', [WEEKEND], undefined],
  ['a Wednesday', '2026-11-25T12:00:00Z', [WEEKEND], undefined],
  [
    'summer: the same clock, another offset',
    '2026-07-03T13:00:00Z',
    [WEEKEND],
    '2026-07-06T05:00:00Z',
  ],
  ['a minute before, in summer', '2026-07-03T12:59:00Z', [WEEKEND], undefined],
  [
    'the weekend in which summer time begins',
    '2026-03-28T12:00:00Z',
    [WEEKEND],
    '2026-03-30T05:00:00Z',
  ],
  [
    'the weekend in which summer time ends',
    '2026-10-24T12:00:00Z',
    [WEEKEND],
    '2026-10-26T06:00:00Z',
  ],
  [
    'an end that does not exist that night: late',
    '2026-03-28T23:00:00Z',
    [NIGHT],
    '2026-03-29T01:30:00Z',
  ],
  [
    'an end that comes twice that night: the second',
    '2026-10-25T00:45:00Z',
    [NIGHT],
    '2026-10-25T01:30:00Z',
  ],
  [
    'a beginning that comes twice: the first',
    '2026-10-25T00:30:00Z',
    ['Sun 02:30 – Sun 04:00 Europe/Berlin'],
    '2026-10-25T03:00:00Z',
  ],
  [
    'a beginning that does not exist: early',
    '2026-03-29T00:30:00Z',
    ['Sun 02:30 – Sun 04:00 Europe/Berlin'],
    '2026-03-29T02:00:00Z',
  ],
  ['within one day', '2026-11-25T10:00:00Z', ['Wed 09:00 – Wed 17:00 UTC'], '2026-11-25T17:00:00Z'],
  [
    'all of the week but one hour',
    '2026-11-25T07:00:00Z',
    ['Wed 09:00 – Wed 08:00 UTC'],
    '2026-11-25T08:00:00Z',
  ],
  ['that one hour', '2026-11-25T08:30:00Z', ['Wed 09:00 – Wed 08:00 UTC'], undefined],
  [
    'after that one hour',
    '2026-11-25T09:00:00Z',
    ['Wed 09:00 – Wed 08:00 UTC'],
    '2026-12-02T08:00:00Z',
  ],
  [
    'a window that begins where the other ends',
    '2026-11-29T12:00:00Z',
    [WEEKEND, 'Mon 07:00-Mon 09:00 Europe/Berlin'],
    '2026-11-30T08:00:00Z',
  ],
  [
    'windows that overlap',
    '2026-11-27T15:00:00Z',
    ['Fri 12:00 – Sat 12:00 UTC', 'Sat 00:00 – Sun 00:00 UTC'],
    '2026-11-29T00:00:00Z',
  ],
  [
    'windows without a gap',
    '2026-11-25T10:00:00Z',
    ['Mon 00:00 – Thu 00:00 UTC', 'Thu 00:00 – Mon 00:00 UTC'],
    null,
  ],
  [
    'another part of the world',
    '2026-11-27T04:00:00Z',
    ['Fri 15:00 – Mon 07:00 Asia/Tokyo'],
    undefined,
  ],
  [
    'a zone with quarters of an hour',
    '2026-11-27T09:15:00Z',
    ['Fri 15:00 – Mon 07:00 Asia/Kathmandu'],
    '2026-11-30T01:15:00Z',
  ],
]

describe('a freeze', () => {
  it.each(CASES)('%s', (_when, now, windows, end) => {
    const until = end === undefined ? undefined : end === null ? null : new Date(end)
    expect(freezeAt(new Date(now), windows)?.until).toEqual(until)
  })

  it('names the windows that hold, not the others', () => {
    expect(
      freezeAt(new Date('2026-11-28T12:00:00Z'), ['Wed 09:00 – Wed 17:00 UTC', WEEKEND])?.windows,
    ).toEqual([WEEKEND])
  })

  it('is over now where none holds', () => {
    const now = new Date('2026-11-25T12:00:00Z')
    expect(firstThaw(now, [WEEKEND])).toEqual(now)
  })
})
