import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { makeSuite, type Suite } from '../support/act.ts'
import { runFlow, STUB } from '../support/flow.ts'
import { EXAMPLES, read } from '../support/workflow-files.ts'

// The flow in jobs of the user's own. A stub takes the place of the bundle.

jest.setTimeout(120_000)

let suite: Suite
beforeAll(async () => {
  suite = await makeSuite({ bundle: STUB })
})
afterAll(() => suite.remove())

const composites = read(EXAMPLES[1])

describe('the flow in jobs of the user’s own', () => {
  const READING = ['ZENML_UPGRADE_SOURCES_TOKEN']

  it('does on staging what the workflow does; a red suite is reported', async () => {
    const green = await runFlow(suite, { branch: 'staging', workflow: composites })
    expect(green.run.jobs).toEqual({ staging: 'success' })
    expect(green.calls.map(({ command, seen }) => [command, seen])).toEqual([
      ['promote', READING],
      ['upgrade-workspace', ['ZENML_DATABASE_URL', ...READING]],
      ['run-smoke-suite', READING],
      ['rebuild-snapshots', READING],
      ['report', READING],
    ])
    const red = await runFlow(suite, {
      branch: 'staging',
      workflow: composites,
      scenario: { 'staging/run-smoke-suite': { exitCode: 1 } },
    })
    expect(red.run.jobs).toEqual({ staging: 'failure' })
    expect(red.order.slice(1)).toEqual([
      'staging: upgrade-workspace',
      'staging: run-smoke-suite',
      'staging: report',
    ])
  })

  it('leaves the rest alone when staging is superseded', async () => {
    const { order } = await runFlow(suite, {
      branch: 'staging',
      workflow: composites,
      scenario: { 'staging/upgrade-workspace': { outputs: { 'reason-code': 'superseded' } } },
    })
    expect(order).toEqual(['staging: promote', 'staging: upgrade-workspace', 'staging: report'])
  })

  it('asks the gate on main', async () => {
    const open = await runFlow(suite, {
      branch: 'main',
      workflow: composites,
      scenario: { 'production/promote-gate': { outputs: { gate: 'open' } } },
    })
    expect(open.order).toEqual([
      'production: promote',
      'production: upgrade-workspace',
      'production: rebuild-snapshots',
      'production: report',
    ])
    const closed = await runFlow(suite, {
      branch: 'main',
      workflow: composites,
      scenario: { 'production/promote-gate': { exitCode: 3, outputs: { gate: 'closed' } } },
    })
    expect(closed.order).toEqual(['production: promote', 'production: report'])
    expect(closed.run.succeeded).toBe(false)
  })

  it('plans a pull request', async () => {
    const { order } = await runFlow(suite, {
      branch: 'bump',
      workflow: composites,
      event: 'pull_request',
      payload: {
        action: 'opened',
        number: 7,
        pull_request: {
          number: 7,
          head: { ref: 'bump', sha: 'a'.repeat(40) },
          base: { ref: 'main', sha: 'b'.repeat(40) },
        },
      },
    })
    expect(order).toEqual(['plan: plan', 'plan: promote', 'plan: report'])
  })
})
