import { describe, expect, it } from '@jest/globals'
import { renderComment } from '../../../src/report/comment.ts'
import { buildReport, type ReportContext } from '../../../src/report/report.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import type { Result } from '../../../src/result/result.ts'
import { CASES, JOBS } from './golden-cases.ts'
import { golden } from './golden.ts'

const REPOSITORY = 'https://github.com/acme/churn'
const RUN = `${REPOSITORY}/actions/runs/81/attempts/1`

/** What a report on GitHub knows: all of it was found out by this very run. */
const onGithub = (results: readonly Result[], name: string): ReportContext => ({
  jobs: JOBS[name] ?? [],
  github: {
    results,
    pages: {
      rerun: RUN,
      'rerun-all': RUN,
      runs: `${REPOSITORY}/actions/workflows/zenml.yml`,
      form: `${REPOSITORY}/actions/workflows/zenml.yml`,
      file: `${REPOSITORY}/blob/4f2c1e0/zenml-upgrade.yml`,
      'file-zenml': `${REPOSITORY}/blob/4f2c1e0/zenml-upgrade.yml#L2`,
      'file-smoke': `${REPOSITORY}/blob/4f2c1e0/zenml-upgrade.yml#L20`,
      'pull-request': `${REPOSITORY}/pull/7`,
      secrets: `${REPOSITORY}/settings/secrets/actions`,
      settings: `${REPOSITORY}/settings/actions`,
    },
  },
})

describe('the report as a person reads it', () => {
  for (const [name, results] of Object.entries(CASES)) {
    it(`comment: ${name}`, () => {
      golden(
        `${name}.md`,
        renderComment({
          results,
          configPath: 'zenml-upgrade.yml',
          ...onGithub(results, name),
          commit: { label: 'commit 4f2c1e0', url: `${REPOSITORY}/commit/4f2c1e0` },
          run: { label: 'run 81.1', url: RUN },
        }),
      )
    })
    it(`terminal: ${name}`, () => {
      golden(`${name}.txt`, renderTerminal(results, { jobs: JOBS[name] ?? [], colour: false }))
    })
    it(`${name} is said in a headline of at most 120 characters, and in one next step with its link`, () => {
      const { headline, next, link } = buildReport(results, onGithub(results, name))
      expect(headline.length).toBeLessThanOrEqual(117)
      expect(next.length).toBeLessThanOrEqual(200)
      if (!next.startsWith('Nothing to')) expect(link?.url).toMatch(/^https:/)
    })
  }
})
