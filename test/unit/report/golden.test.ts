import { describe, expect, it } from '@jest/globals'
import { renderComment } from '../../../src/report/comment.ts'
import { buildReport } from '../../../src/report/report.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import { CASES, JOBS } from './golden-cases.ts'
import { goldenInput } from './golden-input.ts'
import { golden } from './golden.ts'

describe('the report as a person reads it', () => {
  for (const [name, results] of Object.entries(CASES)) {
    it(`comment: ${name}`, () => {
      golden(`${name}.md`, renderComment(goldenInput(name)))
    })
    it(`terminal: ${name}`, () => {
      golden(
        `${name}.txt`,
        renderTerminal(results, { jobs: JOBS[name] ?? [], colour: false, columns: 80 }),
      )
    })
    it(`${name} is said in a headline of at most 120 characters, and in one next step with its link`, () => {
      const { headline, next, link } = buildReport(results, goldenInput(name))
      expect(headline.length).toBeLessThanOrEqual(117)
      expect(next.length).toBeLessThanOrEqual(200)
      if (!next.startsWith('Nothing to')) expect(link?.url).toMatch(/^https:/)
    })
  }
})
