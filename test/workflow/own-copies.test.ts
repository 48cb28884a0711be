import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { LAST_RELEASE } from '../../src/core/release.ts'
import { ownWorkflows } from '../../src/init/own-workflows.ts'
import { userWorkflow } from '../../src/init/user-workflow.ts'
import { makeSuite, type Suite } from '../support/act.ts'
import { downLevel } from '../support/down-level.ts'
import { runFlow, STUB, type FlowOptions } from '../support/flow.ts'
import { SLUG } from '../support/workflow-files.ts'

// The workflows as files of the user's repository, which init wrote. A stub takes the place of the
// bundle.

jest.setTimeout(240_000)

let suite: Suite
beforeAll(async () => {
  suite = await makeSuite({ bundle: STUB })
})
afterAll(() => suite.remove())

const setup = { head: 'develop', base: 'master', config: 'up.yml', release: LAST_RELEASE }
/** act knows no `$/`; in one repository `./` is the same. */
const forAct = (text: string) => downLevel(text.replaceAll('uses: $/', 'uses: ./'), SLUG)
const copies = Object.fromEntries(
  ownWorkflows({ repository: SLUG, version: '9.9.9', release: LAST_RELEASE }).map(
    ({ path, text }) => [path, forAct(text)],
  ),
)

async function run(form: 'called' | 'own-copy', options: FlowOptions) {
  const { calls, run: ended } = await runFlow(suite, {
    ...options,
    workflow: forAct(userWorkflow({ ...setup, form }, SLUG)),
    files: { 'up.yml': 'zenml: 0.98.0\n', ...(form === 'own-copy' ? copies : {}) },
  })
  return {
    jobs: ended.jobs,
    // Jobs that wait for the same ones run in any order.
    calls: calls
      .map((call) => ({ ...call, workflows: 'compared apart' }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    versions: [...new Set(calls.map(({ workflows }) => workflows))],
  }
}

describe('the own copy', () => {
  it.each([
    ['develop', {}],
    ['master', { 'production/promote-gate': { outputs: { gate: 'open' } } }],
  ] as const)(
    'does on %s what the called form does, with the same secrets and inputs',
    async (branch, scenario) => {
      const { versions, ...own } = await run('own-copy', { branch, scenario })
      const { versions: ofCalled, ...called } = await run('called', { branch, scenario })
      expect(own).toEqual(called)
      // By it the bundle sees that the copies are older than it is.
      expect([versions, ofCalled]).toEqual([['v9.9.9'], ['called']])
      expect(own.calls.length).toBeGreaterThanOrEqual(5)
      expect(new Set(own.calls.map(({ inputs }) => inputs['config']))).toEqual(new Set(['up.yml']))
    },
  )
})
