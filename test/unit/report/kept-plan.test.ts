import { describe, expect, it } from '@jest/globals'
import { COMMENT_LIMIT_BYTES, renderComment } from '../../../src/report/comment.ts'
import { shownPlans } from '../../../src/report/kept-plan.ts'
import type { Result } from '../../../src/result/result.ts'
import { GREEN_STAGING, plan, stacks, upgrade } from './results.ts'

const PLAN = plan(
  { environment: 'production', code: 'planned', summary: 'ZenML 0.94.1 → 0.98.0' },
  { 'target-version': '0.98.0' },
)
const render = (results: readonly Result[], shown = shownPlans(before)) =>
  renderComment({ results, configPath: 'zenml-upgrade.yml', shown })
const before = renderComment({ results: [PLAN], configPath: 'zenml-upgrade.yml' })

describe('the plan that a comment shows', () => {
  it('is found with its environment and its target', () => {
    expect(shownPlans(before)).toEqual([
      {
        environment: 'production',
        target: '0.98.0',
        markdown: expect.stringMatching(/^Backed up by mysql, deployed by helm\.\n/) as unknown,
      },
    ])
    expect(shownPlans(before.replaceAll('\n', '\r\n'))).toEqual(shownPlans(before))
  })

  it('stays when staging reports, in every later comment too', () => {
    const after = render(GREEN_STAGING)
    expect(shownPlans(after)).toEqual(shownPlans(before))
    // That the stacks were read changes nothing.
    expect(
      shownPlans(
        render([
          ...GREEN_STAGING,
          stacks({ environment: 'production', code: 'inventory-read', summary: 'read' }),
        ]),
      ),
    ).toEqual(shownPlans(before))
    expect(after.indexOf('#### Results')).toBeGreaterThan(after.indexOf('Plan for production'))
    expect(render(GREEN_STAGING, shownPlans(after))).toBe(after)
  })

  it('goes for a newer plan, and once the environment was worked on', () => {
    const newer = plan(
      { environment: 'production', code: 'planned', summary: '', minute: 50 },
      { 'target-version': '0.99.0' },
    )
    expect(render([...GREEN_STAGING, newer]).match(/#### Plan for production/g)).toHaveLength(1)
    expect(render([...GREEN_STAGING, newer])).toContain('ZenML 0.94.1 → 0.99.0')
    expect(
      render([
        ...GREEN_STAGING,
        upgrade({ environment: 'production', code: 'upgraded', summary: 'Upgraded.', minute: 50 }),
      ]),
    ).not.toContain('Plan for production')
  })

  it('goes before anything else is shortened', () => {
    const [shown] = shownPlans(before)
    if (shown === undefined) throw new Error('a plan is shown')
    const long = render(GREEN_STAGING, [{ ...shown, markdown: 'x'.repeat(COMMENT_LIMIT_BYTES) }])
    expect(long).toBe(render(GREEN_STAGING, []))
  })

  it.each([
    ['was edited', (body: string) => body.replace('Backed up by mysql', 'Backed up by nothing')],
    [
      'says another digest',
      (body: string) => body.replace(/(zenml-upgrade-plan production \S+) \S/, '$1 x'),
    ],
    ['has no end', (body: string) => body.replace('<!-- /zenml-upgrade-plan -->', '')],
    ['is of no environment', (body: string) => body.replace('plan production', 'plan elsewhere')],
  ])('is none where it %s', (_what, change) => {
    expect(shownPlans(change(before))).toEqual([])
  })
})
