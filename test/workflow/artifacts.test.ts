import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import { makeSuite, type Suite } from '../support/act.ts'
import { runFlow, STUB } from '../support/flow.ts'

// What the report gets of the artifacts of earlier jobs, when one of them cannot be downloaded.

jest.setTimeout(120_000)

let suite: Suite
beforeAll(async () => {
  suite = await makeSuite({ bundle: STUB })
})
afterAll(() => suite.remove())

it('reports what could be downloaded, with a warning, when an artifact of an earlier attempt is lost', async () => {
  const { run, call } = await runFlow(suite, {
    branch: 'staging',
    attempt: 2,
    artifacts: {
      'zenml-upgrade-staging-run-smoke-suite-1': 'lost',
      'zenml-upgrade-staging-upgrade-workspace-1': { 'staging/upgrade.json': '{}' },
    },
  })
  expect(run.jobs['report']).toBe('success')
  expect(call('report').found).toContain('staging/upgrade.json')
  expect(run.log).toMatch(/Some results of the earlier jobs of this run could not be downloaded/)
})
