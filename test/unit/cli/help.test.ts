import { describe, expect, it } from '@jest/globals'
import { commandHelp, generalHelp } from '../../../src/cli/help.ts'
import { width } from '../../../src/core/text.ts'
import { COMMAND_NAMES } from '../../../src/inputs/inputs.ts'

describe('help', () => {
  it('fits 80 columns, of every command', () => {
    const lines = [generalHelp(), ...COMMAND_NAMES.map(commandHelp)].flatMap((text) =>
      text.split('\n'),
    )
    expect(lines.filter((line) => width(line) > 80)).toEqual([])
  })
})
