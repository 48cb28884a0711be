import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { makeSuite, type Suite } from '../support/act.ts'
import { runFlow, STUB } from '../support/flow.ts'

// A pull request, and a merge queue: a plan, the commit status of a promotion, and the comment; no
// secrets. A stub takes the place of the bundle.

jest.setTimeout(120_000)

let suite: Suite
beforeAll(async () => {
  suite = await makeSuite({ bundle: STUB })
})
afterAll(() => suite.remove())

const pull = (base: string) => ({
  action: 'opened',
  number: 7,
  pull_request: {
    number: 7,
    head: { ref: 'bump', sha: 'a'.repeat(40) },
    base: { ref: base, sha: 'b'.repeat(40) },
  },
})

describe('a pull request', () => {
  it('into main is planned, gets its status and the comment, and sees no secret', async () => {
    const { run, order, calls } = await runFlow(suite, {
      branch: 'bump',
      event: 'pull_request',
      payload: pull('main'),
    })
    expect(run.jobs).toEqual({ plan: 'success' })
    expect(order).toEqual(['plan: plan', 'plan: promote', 'plan: report'])
    expect(calls[1]?.inputs).toMatchObject({ environment: 'production', step: 'gate' })
    expect(calls[2]?.found).toEqual(['plan.json', 'production/promote-gate.json'])
    for (const { seen, inputs } of calls) expect([seen, inputs['api-key']]).toEqual([[], undefined])
  })

  it('into staging has no gate', async () => {
    const { order } = await runFlow(suite, {
      branch: 'bump',
      event: 'pull_request',
      payload: pull('staging'),
    })
    expect(order).toEqual(['plan: plan', 'plan: report'])
  })

  it('whose plan stops still gets its status and the comment', async () => {
    const { run, order } = await runFlow(suite, {
      branch: 'bump',
      event: 'pull_request',
      payload: pull('main'),
      scenario: { plan: { exitCode: 2 } },
    })
    expect(run.jobs).toEqual({ plan: 'failure' })
    expect(order).toEqual(['plan: plan', 'plan: promote', 'plan: report'])
  })
})

describe('a merge queue', () => {
  it('of main is planned and gets the status', async () => {
    const { order } = await runFlow(suite, {
      branch: 'gh-readonly-queue/main/pr-7-abc',
      event: 'merge_group',
      payload: {
        ref: 'refs/heads/gh-readonly-queue/main/pr-7-abc',
        action: 'checks_requested',
        merge_group: {
          head_ref: 'refs/heads/gh-readonly-queue/main/pr-7-abc',
          base_ref: 'refs/heads/main',
          head_sha: 'a'.repeat(40),
          base_sha: 'b'.repeat(40),
        },
      },
    })
    expect(order).toEqual(['plan: plan', 'plan: promote', 'plan: report'])
  })
})
