import { describe, expect, it } from '@jest/globals'
import { longestWord, wrap } from '../../../src/core/text.ts'

describe('a text that is wrapped', () => {
  it('is broken at spaces, and goes on under its indentation', () => {
    expect(wrap('  one two three four', 11, 2)).toEqual(['  one two', '  three', '  four'])
  })

  it('is left alone where it fits, with all its spaces', () => {
    expect(wrap('a   b', 5)).toEqual(['a   b'])
  })

  it('keeps an address whole that is longer than the line', () => {
    expect(wrap('see https://example.com/a/b/c now', 10, 2)).toEqual([
      'see',
      '  https://example.com/a/b/c',
      '  now',
    ])
  })

  it('keeps a command between backticks whole', () => {
    expect(wrap('run `node dist/main.cjs plan` again', 12)).toEqual([
      'run',
      '`node dist/main.cjs plan`',
      'again',
    ])
  })

  it('is measured in columns of a terminal: wide characters take two, combining ones none', () => {
    expect(wrap('日本 日本', 8)).toEqual(['日本', '日本'])
    expect(wrap('e\u0301e\u0301 e\u0301', 4)).toEqual(['e\u0301e\u0301 e\u0301'])
    expect(longestWord('a 日本 bcd')).toBe(4)
  })
})
