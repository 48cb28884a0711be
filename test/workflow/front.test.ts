import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { makeSuite, type Suite } from '../support/act.ts'
import { runFlow, STUB, type FlowOptions } from '../support/flow.ts'
import { EXAMPLES, read } from '../support/workflow-files.ts'

// Which flow an event starts, by the front alone. A stub takes the place of the bundle.

jest.setTimeout(120_000)

let suite: Suite
beforeAll(async () => {
  suite = await makeSuite({ bundle: STUB })
})
afterAll(() => suite.remove())

const SCHEDULED = {
  event: 'schedule',
  payload: {},
  workflow: read(EXAMPLES[0]).replace('# schedule:', 'schedule:'),
} as const
const form = (environment: string) => ({
  inputs: { run: 'upgrade', environment, reason: '', attempt: '' },
})
const flow = async (options: FlowOptions) => {
  const { run, order } = await runFlow(suite, {
    // Which flow it is shows in its first jobs.
    scenario: {
      'production/promote-gate': { exitCode: 3, outputs: { gate: 'closed' } },
      'staging/upgrade-workspace': { exitCode: 1 },
    },
    ...options,
  })
  return { jobs: Object.keys(run.jobs).sort(), order, log: run.log }
}
const STAGING = ['plan-snapshots', 'propose', 'report', 'upgrade']
const PRODUCTION = ['gate', 'report', 'staging']

describe('the front', () => {
  it.each([
    ['a push on staging', { branch: 'staging' }, STAGING],
    ['a push on main', { branch: 'main' }, PRODUCTION],
    ['a schedule on main', { branch: 'main', ...SCHEDULED }, PRODUCTION],
    [
      'a form for staging, on staging',
      { branch: 'staging', event: 'workflow_dispatch', payload: form('staging') },
      STAGING,
    ],
    [
      'a form for production, on main',
      { branch: 'main', event: 'workflow_dispatch', payload: form('production') },
      PRODUCTION,
    ],
  ] as const)('takes %s to its flow', async (_, options, jobs) => {
    expect((await flow(options)).jobs).toEqual(jobs)
  })

  it.each([
    ['staging', 'production', /started on staging for production\. .*from main for production/],
    ['main', 'staging', /started on main for staging\. .*from staging for staging/],
    ['feature', 'staging', /started on feature for staging\. /],
  ])(
    'fails a form on %s for %s, and says which branch to choose',
    async (branch, environment, says) => {
      const { jobs, order, log } = await flow({
        branch,
        event: 'workflow_dispatch',
        payload: form(environment),
      })
      expect([jobs, order]).toEqual([['wrong-branch'], []])
      expect(log).toMatch(says)
    },
  )

  it('fails a schedule of a default branch that deploys nothing, and says what to set', async () => {
    const { jobs, log } = await flow({ branch: 'develop', ...SCHEDULED })
    expect(jobs).toEqual(['wrong-branch'])
    expect(log).toContain('Make main the default branch')
  })

  it('follows the branches that the file names', async () => {
    const workflow = read(EXAMPLES[0])
      .replace('[staging, main]', '[develop, master]')
      .replace('    secrets:', '    with: { head: develop, base: master }\n    secrets:')
    expect((await flow({ branch: 'develop', workflow })).jobs).toEqual(STAGING)
    expect((await flow({ branch: 'master', workflow })).jobs).toEqual(PRODUCTION)
  })
})
