import { describe, expect, it } from '@jest/globals'
import { createLog } from '../../../src/runtime/log.ts'
import { registerKey } from '../../../src/runtime/secrets.ts'

const LRE_TO_RLO = '\u202A\u202B\u202C\u202D\u202E'
const ISOLATES = '\u2066\u2067\u2068\u2069'
const HOSTILE = `a\u001B[2J\u001B[31mred\u001B[0m\u0007\u009B2K${LRE_TO_RLO}${ISOLATES}\u200E\u200Fb`

function logged(target: { github: boolean; colour: boolean }) {
  const written: string[] = []
  const log = createLog({
    write: (text) => {
      written.push(text)
    },
    debug: true,
    ...target,
  })
  return { log, text: () => written.join('') }
}

describe('the log', () => {
  it('shows no control or bidirectional character of foreign text, in any kind of line', async () => {
    for (const github of [true, false]) {
      const { log, text } = logged({ github, colour: false })
      for (const kind of ['info', 'pass', 'fail', 'warn', 'debug'] as const) log[kind](HOSTILE)
      await log.chapter(HOSTILE, () => Promise.resolve())
      expect(text()).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
      expect(text().match(/ared/g)).toHaveLength(6)
      expect(text()).toContain('\\u{202e}')
    }
  })

  it('keeps its own colours', () => {
    const { log, text } = logged({ github: true, colour: true })
    log.pass('green \u001B[31mred')
    log.debug('quiet')
    expect(text()).toBe('  \u001B[32m✓\u001B[0m green red\n\u001B[2m  quiet\u001B[0m\n')
  })

  it('keeps the lines of a text and their indentation', () => {
    const { log, text } = logged({ github: false, colour: false })
    log.info('one\n    two\r\nthree')
    expect(text()).toBe('  one\n    two\nthree\n')
  })

  it('hides a key of ours that colours take apart', () => {
    registerKey('a key', 'secret-taken-apart')
    const { log, text } = logged({ github: false, colour: false })
    log.info('key secret-\u001B[1mtaken-apart')
    expect(text()).toBe('  key ***\n')
  })

  it('never gives a command to the runner, also not where a control character hides one', () => {
    const { log, text } = logged({ github: true, colour: false })
    log.info('x\n\u001B[1m::error::x\n\r::warning::y')
    expect(text()).not.toMatch(/^\s*::/m)
  })
})
