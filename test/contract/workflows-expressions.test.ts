import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import { describe, expect, it } from '@jest/globals'
import { REUSABLE, reusablePath, workflow } from '../support/workflow-files.ts'

// What GitHub's own evaluator makes of the inputs that name runners.

/** The value of `${{ … }}`, as JSON. */
function evaluate(template: string, inputs: Readonly<Record<string, string>>): unknown {
  const expression = /^\$\{\{ (.*) \}\}$/.exec(template)?.[1] ?? ''
  const context = new data.Dictionary({
    key: 'inputs',
    value: new data.Dictionary(
      ...Object.entries(inputs).map(([key, value]) => ({
        key,
        value: new data.StringData(value),
      })),
    ),
  })
  const tree = new Parser(new Lexer(expression).lex().tokens, ['inputs'], []).parse()
  return JSON.parse(JSON.stringify(new Evaluator(tree, context).evaluate(), data.replacer))
}

const RUNNERS = ['runs-on', 'staging-runs-on', 'report-runs-on']
const jobs = REUSABLE.flatMap((name) =>
  Object.entries(workflow(reusablePath(name)).jobs).flatMap(([job, { 'runs-on': runsOn = '' }]) =>
    runsOn.includes('inputs.') ? [[`${name}: ${job}`, runsOn] as const] : [],
  ),
)

describe('runs-on', () => {
  it.each([
    ['a label', 'ubuntu-latest', 'ubuntu-latest'],
    ['a label as JSON', '"ubuntu-latest"', 'ubuntu-latest'],
    ['several labels', '["self-hosted", "zenml"]', ['self-hosted', 'zenml']],
    ['a group', '{ "group": "zenml", "labels": ["large"] }', { group: 'zenml', labels: ['large'] }],
  ])('takes %s, in every job', (_, input, runner) => {
    expect(jobs).not.toEqual([])
    const inputs = Object.fromEntries(RUNNERS.map((name) => [name, input]))
    for (const [job, runsOn] of jobs) expect([job, evaluate(runsOn, inputs)]).toEqual([job, runner])
  })

  it('of staging is that of all jobs where staging has none of its own', () => {
    const handedOver = Object.values(workflow(reusablePath('zenml-upgrade')).jobs).flatMap(
      ({ with: inputs = {} }) =>
        Object.entries(inputs).flatMap(([name, value]) =>
          name.endsWith('runs-on') && String(value).includes('staging-runs-on')
            ? [String(value)]
            : [],
        ),
    )
    expect(handedOver).toHaveLength(3)
    for (const value of handedOver) {
      expect(evaluate(value, { 'runs-on': 'mine', 'staging-runs-on': '' })).toBe('mine')
      expect(evaluate(value, { 'runs-on': 'mine', 'staging-runs-on': 'its own' })).toBe('its own')
    }
  })
})

describe('the setup action', () => {
  it('is looked for with both of its spellings, by every job that may run it', () => {
    const conditions = REUSABLE.flatMap((name) =>
      Object.values(workflow(reusablePath(name)).jobs)
        .flatMap(({ steps = [] }) => steps)
        .filter(({ uses }) => uses === './.github/actions/zenml-upgrade-setup')
        .map((step) => step.if),
    )
    expect(conditions).not.toEqual([])
    // One pattern that matches is enough: the result is empty only where none does.
    for (const condition of conditions)
      expect(condition).toContain(
        "hashFiles('.github/actions/zenml-upgrade-setup/action.yml', '.github/actions/zenml-upgrade-setup/action.yaml') != ''",
      )
  })
})
