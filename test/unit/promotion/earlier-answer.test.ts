import { describe, expect, it } from '@jest/globals'
import { isOpenFor } from '../../../src/promotion/earlier-answer.ts'
import type { GateDetails } from '../../../src/result/promotion.ts'
import { gate } from '../report/results.ts'

const NOW = new Date('2026-01-01T12:00:00Z')
const ASKING = { run: '7.1', tested: 'tested', target: '0.98.0', now: NOW }
const answer = (changes: Partial<GateDetails> = {}, ended = '2026-01-01T11:45:00.000Z') => ({
  ...gate({ environment: 'production', code: 'gate-open', summary: '' }, [], {
    tested: 'tested',
    'target-version': '0.98',
    run: '7.1',
    ...changes,
  }),
  ended,
})

describe('the answer of a gate', () => {
  it('counts for the same run attempt and content for half an hour', () => {
    expect(isOpenFor(answer(), ASKING)).toBe(true)
  })

  it.each([
    ['there is none', undefined],
    ['it was closed', answer({ gate: 'closed' })],
    ['it is of an earlier attempt of the run', answer({ run: '7.0' })],
    ['it is of no run', answer({ run: null })],
    ['it is about other content', answer({ tested: 'other' })],
    ['it is about another version', answer({ 'target-version': '0.97.0' })],
    ['it is older', answer({}, '2026-01-01T11:29:59.000Z')],
    ['it is from the future', answer({}, '2026-01-01T12:00:01.000Z')],
  ])('does not count when %s', (_why, result) => {
    expect(isOpenFor(result, ASKING)).toBe(false)
  })
})
