import { describe, expect, it } from '@jest/globals'
import type { Entry, EntryOf } from '../../../../src/state/attempt.ts'
import { comesBeforeChange, joined, whenKept } from '../../../../src/state/github/kept-entries.ts'
import { backup } from '../../../support/github-attempts.ts'

const at = '2026-01-01T00:00:00.000Z'
const phase = (
  name: EntryOf<'phase'>['phase'],
  state: EntryOf<'phase'>['state'] = 'started',
): Entry => ({ kind: 'phase', at, phase: name, state })
const child = (name: string): Entry => ({ kind: 'child', at, name, host: 'h', identity: null })
const note = (message: string): Entry => ({ kind: 'note', at, message })

describe('when GitHub gets an entry', () => {
  it.each<[string, Entry]>([
    ['a backup', backup],
    ['that somebody else deployed first', { kind: 'overtaken', at }],
    ['the end', { kind: 'closed', at, 'reason-code': 'upgraded', details: null }],
    ['the begin of the deployment', phase('deploy')],
    ['a rollback that began', phase('rollback')],
    ['a rollback that failed', phase('rollback', 'failed')],
    ['a migration', child('migration')],
  ])('is now for %s', (_what, entry) => {
    expect(whenKept(entry, [])).toBe('now')
  })

  it('is with the next for the inventory, which only a change needs', () => {
    expect(whenKept({ kind: 'inventory', at, counts: {}, names: {} }, [])).toBe('with the next')
  })

  it.each<[string, Entry]>([
    ['a note', note('x')],
    ['a line that cannot be read', { kind: 'unreadable', at }],
    ['the end of the deployment', phase('deploy', 'done')],
    ['a rollback that is done', phase('rollback', 'done')],
    ['a phase that changes nothing', phase('verify')],
    ['another process', child('deploy command')],
  ])('is never for %s', (_what, entry) => {
    expect(whenKept(entry, [])).toBe('never')
  })

  it('is once for each step', () => {
    expect(whenKept(phase('deploy'), [phase('deploy'), phase('deploy', 'done')])).toBe('never')
    expect(whenKept(phase('rollback'), [phase('deploy')])).toBe('now')
    expect(whenKept(phase('deploy'), [phase('deploy'), phase('rollback')])).toBe('now')
    expect(whenKept(child('migration'), [child('migration')])).toBe('never')
  })
})

describe('an entry before the first change', () => {
  it('is the begin of the deployment, and a backup before it', () => {
    expect(comesBeforeChange(phase('deploy'), [])).toBe(true)
    expect(comesBeforeChange(backup, [phase('backup')])).toBe(true)
  })

  it('is nothing after the deployment began', () => {
    expect(comesBeforeChange(backup, [phase('deploy')])).toBe(false)
    expect(comesBeforeChange(phase('rollback'), [phase('deploy')])).toBe(false)
  })
})

it('joins entries of this process with what others added, each once', () => {
  const [first, second, theirs] = [note('first'), note('second'), note('theirs')]
  expect(joined([first, second], [second, theirs])).toEqual([first, second, theirs])
})
