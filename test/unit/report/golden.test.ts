import { describe, it } from '@jest/globals'
import { renderComment } from '../../../src/report/comment.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import { golden } from './golden.ts'
import { CASES } from './cases.ts'

describe('the report as a person reads it', () => {
  for (const [name, results] of Object.entries(CASES)) {
    it(`comment: ${name}`, () => {
      golden(`${name}.md`, renderComment({ results, configPath: 'zenml-upgrade.yml' }))
    })
    it(`terminal: ${name}`, () => {
      golden(`${name}.txt`, renderTerminal(results, { colour: false }))
    })
  }
})
