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

  it('keeps a command whole that is longer than several lines', () => {
    const command = `\`zenml-upgrade plan ${'--source some/path '.repeat(20)}--environment staging\``
    expect(wrap(`run ${command}, again`, 40)).toEqual(['run', `${command},`, 'again'])
  })

  it.each([
    ['before a word', 'the name `odd'],
    ['in a word', 'the name don`t'],
    ['after a word', 'the name odd`'],
    ['alone', 'the name ` is'],
    ['twice in a word', 'the name ``odd'],
  ])('fits its columns with a stray backtick %s, and keeps a command whole', (_, stray) => {
    const words = `${'is one of many words '.repeat(6)}here`
    for (const text of [
      `${stray} ${words}(\`plan --all\`) ${words}`,
      `${words}\`plan --all\` ${words}${stray} ${words}`,
    ]) {
      const lines = wrap(text, 30)
      expect(lines.filter((line) => line.length > 30)).toEqual([])
      expect(lines.join('\n')).toContain('`plan --all`')
      expect(lines.join(' ')).toBe(text)
    }
  })

  it('is measured in columns of a terminal: wide characters take two, combining ones none', () => {
    expect(wrap('日本 日本', 8)).toEqual(['日本', '日本'])
    expect(wrap('e\u0301e\u0301 e\u0301', 4)).toEqual(['e\u0301e\u0301 e\u0301'])
    expect(longestWord('a 日本 bcd')).toBe(4)
  })
})
