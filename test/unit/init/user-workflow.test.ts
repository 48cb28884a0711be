import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { userWorkflow } from '../../../src/init/user-workflow.ts'
import { setup } from './facts.ts'

const SLUG = 'zenml-upgrade/zenml-upgrade'
const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples', 'workflow')
const example = (name: string) => readFileSync(join(EXAMPLES, name), 'utf8')
const PINNED = `@${'c'.repeat(40)} # v1.2.0`
const UNPINNED = `@${'0'.repeat(40)} # v0.0.0`

/** Lines that one text has instead of those of another, by their number. */
function changed(before: string, after: string): string[] {
  const lines = new Set(before.split('\n'))
  return after.split('\n').filter((line) => !lines.has(line))
}

describe("the user's own workflow", () => {
  it('is the example with the release in the called form', () => {
    expect(userWorkflow(setup(), SLUG)).toBe(example('zenml-upgrade.yml').replace(UNPINNED, PINNED))
  })

  it('differs in the own copy by what it uses, and in nothing else', () => {
    const called = example('zenml-upgrade.yml')
    const own = userWorkflow(setup({ form: 'own-copy' }), SLUG)
    expect(changed(called, own)).toEqual(['    uses: $/.github/workflows/zenml-upgrade-front.yml'])
    expect(own.split('\n').length).toBe(called.split('\n').length)
  })

  it.each(['called', 'own-copy'] as const)(
    'has the branches and the file of the repository in its triggers and inputs: %s',
    (form) => {
      const given = setup({ form, head: 'develop', base: 'master', config: 'deploy/on.yml' })
      const text = userWorkflow(given, SLUG)
      expect(changed(userWorkflow(setup({ form }), SLUG), text)).toEqual([
        '  push: { branches: [develop, master] }',
        '  pull_request: { branches: [develop, master], types: [opened, synchronize, reopened, edited, labeled, unlabeled] }',
        "      environment: { description: 'Of which branch (choose it above): develop, or master for production', type: choice, options: [staging, production] }",
        '    with: { head: develop, base: master, config: deploy/on.yml }',
      ])
    },
  )

  it('quotes the name of a branch that YAML would take for something else', () => {
    const text = userWorkflow(setup({ head: '1.0', base: 'null' }), SLUG)
    expect(parse(text)).toMatchObject({
      on: { push: { branches: ['1.0', 'null'] } },
      jobs: { 'zenml-upgrade': { with: { head: '1.0', base: 'null' } } },
    })
  })

  it('is the flow in jobs of its own in the form composites, at the release', () => {
    expect(userWorkflow(setup({ form: 'composites' }), SLUG)).toBe(
      example('zenml-upgrade-composites.yml').replaceAll(UNPINNED, PINNED),
    )
  })

  it('names other branches in every condition of the composites, and to every command', () => {
    const text = userWorkflow(
      setup({ form: 'composites', head: 'develop', base: 'master', config: 'up.yml' }),
      SLUG,
    )
    expect(text).not.toMatch(/refs\/heads\/(staging|main)'|'main'|queue\/main|\[staging, main\]/)
    const { env, jobs } = parse(text) as {
      env: unknown
      jobs: Record<string, { steps: { uses: string; with?: Record<string, string> }[] }>
    }
    expect(env).toEqual({ ZENML_UPGRADE_HEAD: 'develop', ZENML_UPGRADE_BASE: 'master' })
    const ours = Object.values(jobs)
      .flatMap(({ steps }) => steps)
      .filter(({ uses }) => uses.startsWith(SLUG))
    expect(ours.length).toBeGreaterThan(10)
    expect(ours.filter((step) => step.with?.['config'] !== 'up.yml')).toEqual([])
  })
})
