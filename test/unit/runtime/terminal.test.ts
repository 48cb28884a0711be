import { describe, expect, it } from '@jest/globals'
import { createLog } from '../../../src/runtime/log.ts'
import { withoutCommands } from '../../../src/runtime/runner-commands.ts'
import { documentColumns, terminalColumns, usesColour } from '../../../src/runtime/terminal.ts'

const TTY = { isTTY: true, columns: 120 }
const PIPE = {}

describe('colour', () => {
  it.each([
    ['a terminal', TTY, {}, true],
    ['a pipe', PIPE, {}, false],
    ['the log of a job on GitHub', PIPE, { GITHUB_ACTIONS: 'true' }, true],
    ['a terminal that can show none', TTY, { TERM: 'dumb' }, false],
    ['NO_COLOR', TTY, { NO_COLOR: '1' }, false],
    ['NO_COLOR on GitHub', PIPE, { GITHUB_ACTIONS: 'true', NO_COLOR: '1' }, false],
    ['an empty NO_COLOR, which counts as not set', TTY, { NO_COLOR: '' }, true],
    ['FORCE_COLOR in a pipe', PIPE, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['FORCE_COLOR=0', TTY, { FORCE_COLOR: '0' }, false],
  ])('is decided for %s', (_what, stream, env, expected) => {
    expect(usesColour(stream, env)).toBe(expected)
  })
})

describe('the width of lines', () => {
  it('is that of the terminal, at least 40 columns', () => {
    expect(terminalColumns(TTY)).toBe(120)
    expect(terminalColumns({ isTTY: true, columns: 10 })).toBe(40)
  })

  it('is 80 columns in a terminal that does not know its size', () => {
    expect(terminalColumns({ isTTY: true, columns: 0 })).toBe(80)
  })

  it('is 80 columns for a document in a pipe, and no limit for a line of the log', () => {
    expect(documentColumns(PIPE)).toBe(80)
    expect(terminalColumns(PIPE)).toBeUndefined()
  })
})

const LONG = 'the server does not answer at https://zenml.example.com/ and that was tried ten times'

describe('a long line of the log', () => {
  function logged(columns?: number) {
    const written: string[] = []
    const log = createLog({
      write: (text) => written.push(text),
      github: false,
      colour: false,
      columns: () => columns,
    })
    return { log, text: () => written.join('') }
  }

  it('is wrapped under its words in a terminal', () => {
    const { log, text } = logged(50)
    log.fail(LONG)
    log.info(LONG)
    expect(text()).toBe(
      [
        '  ✗ the server does not answer at',
        '    https://zenml.example.com/ and that was tried',
        '    ten times',
        '  the server does not answer at',
        '  https://zenml.example.com/ and that was tried',
        '  ten times',
        '',
      ].join('\n'),
    )
  })

  it('stays one line in a pipe, where a search must find it', () => {
    const { log, text } = logged()
    log.fail(LONG)
    expect(text()).toBe(`  ✗ ${LONG}\n`)
  })
})

describe('text that GitHub’s runner reads', () => {
  it('has no command in it, whatever a line begins with', () => {
    const text = withoutCommands('    ::error::x\n\t::warning::y\na ::notice::')
    expect(text).toBe('\u200B    ::error::x\n\u200B\t::warning::y\na ::notice::')
  })
})
