import { describe, expect, it } from '@jest/globals'
import { renderTerminal } from '../../../src/report/terminal.ts'
import type { ReasonCode } from '../../../src/core/reasons.ts'
import { buildReport } from '../../../src/report/report.ts'
import {
  DIFFERING,
  gate,
  GREEN_STAGING,
  plan,
  smoke,
  snapshot,
  snapshots,
  stacks,
  suite,
  test,
  upgrade,
} from './results.ts'

const at = (environment: 'staging' | 'production', code: ReasonCode, minute = 0) =>
  ({ environment, code, summary: 'What happened.', minute }) as const
const failedSmoke = smoke(at('staging', 'smoke-failed', 30), [
  suite({ 'reason-code': 'smoke-failed', tests: [test('t', 'failed')] }),
])

describe('the environment that the headline names', () => {
  const refused = upgrade(at('staging', 'rollback-refused'), {
    'written-since-backup': { step_run: 17 },
  })

  it.each([
    'loss-open',
    'version-blocked',
    'server-ahead',
    'downgrade-requested',
    'hold-label',
    'approval-rejected',
    'stacks-not-mirrored',
  ] as const)('is production for its own hold %s, also beside a failed smoke test', (code) => {
    const held = gate(at('production', code, 60), [])
    expect(buildReport([...GREEN_STAGING, failedSmoke, held]).headline).toMatch(/^Production: /)
  })

  it.each(['staging-not-green', 'staging-moved', 'waiting-for-soak', 'frozen'] as const)(
    'is the stopped staging where production only waits (%s)',
    (code) => {
      const held = gate(at('production', code, 60), [])
      const unknown = smoke(at('staging', 'server-unreachable', 30), [])
      for (const stopped of [failedSmoke, unknown])
        expect(buildReport([...GREEN_STAGING, stopped, held]).headline).toMatch(/^Staging: /)
      expect(buildReport([...GREEN_STAGING, held]).headline).toMatch(/^Production: /)
    },
  )

  it('is the one with a failure or a hold before one that could not be measured', () => {
    const unknown = gate(at('production', 'github-unreachable', 60), [])
    expect(buildReport([refused, unknown]).headline).toBe(
      'Staging: rollback refused, 17 rows would be lost',
    )
    const blocked = upgrade(at('staging', 'version-blocked'))
    expect(buildReport([blocked, unknown]).headline).toMatch(/^Staging: version is blocked/)
    const failed = upgrade(at('production', 'upgrade-failed', 60))
    expect(buildReport([blocked, failed]).headline).toMatch(/^Production: /)
  })

  it('is production among equals', () => {
    const failed = upgrade(at('production', 'upgrade-failed', 60))
    expect(buildReport([refused, failed]).headline).toMatch(/^Production: /)
    const unknown = [
      upgrade(at('staging', 'server-unreachable')),
      gate(at('production', 'github-unreachable', 60), []),
    ]
    expect(buildReport(unknown).headline).toMatch(/^Production: /)
  })
})

describe('a server that was deployed before its backup', () => {
  const [, passed, executed] = GREEN_STAGING
  if (passed === undefined || executed === undefined) throw new Error('the fixture has results')
  const exposed = upgrade(at('staging', 'deployed-before-backup'), { backup: null })

  it('is green with a warning that names what to do', () => {
    const report = buildReport([exposed, passed, executed])
    expect(report).toMatchObject({
      mark: 'warning',
      headline: 'Staging: green on ZenML 0.98.0, without a backup to go back to',
      next: 'Make a backup of staging by hand before anything else is changed; then merge staging into main; that upgrades production.',
    })
    expect(report.sections[0]).toMatchObject({
      title: 'Staging · Upgrade: no backup to go back to',
      failing: true,
      sign: 'warning',
      blocks: [
        { text: 'What happened.' },
        {
          text: 'Make a backup by hand before anything else is changed, then run the smoke suite.',
        },
      ],
    })
  })

  it('is named while the rest is still to come, and after staging was green', () => {
    expect(buildReport([exposed])).toMatchObject({
      mark: 'warning',
      headline:
        'Staging: on ZenML 0.98.0, without a backup to go back to, still to come: the smoke suite and the snapshots',
    })
    const production = [
      upgrade(at('production', 'deployed-before-backup', 60), { backup: null }),
      snapshots(at('production', 'snapshots-rebuilt', 70), [snapshot('a', { status: 'rebuilt' })]),
    ]
    expect(buildReport([...GREEN_STAGING, ...production])).toMatchObject({
      mark: 'warning',
      headline: 'Production: green on ZenML 0.98.0, without a backup to go back to',
      next: 'Make a backup of production by hand before anything else is changed.',
    })
  })

  it('is named in staging, also beside a production that is green with a backup', () => {
    const production = [
      upgrade(at('production', 'upgraded', 60)),
      snapshots(at('production', 'snapshots-rebuilt', 70), [snapshot('a', { status: 'rebuilt' })]),
    ]
    expect(buildReport([exposed, passed, executed, ...production])).toMatchObject({
      mark: 'warning',
      headline: 'Staging: green on ZenML 0.98.0, without a backup to go back to',
      next: 'Make a backup of staging by hand before anything else is changed.',
    })
  })

  it('is history once a later run found nothing to do', () => {
    const again = {
      ...upgrade(at('staging', 'already-green', 90), {
        'from-version': '0.98.0',
        backup: null,
        changed: false,
      }),
    }
    const report = buildReport([exposed, passed, executed, again])
    expect(report.mark).toBe('passed')
    expect(
      report.sections.find(({ title }) => title.includes('no backup to go back to')),
    ).toMatchObject({ failing: false, since: exposed.ended })
  })
})

describe('stacks of which alone something is known', () => {
  it('make the headline, with the mark of their cell and their next step', () => {
    const differ = stacks(at('production', 'stacks-differ'), { parity: DIFFERING })
    expect(buildReport([differ])).toMatchObject({
      mark: 'warning',
      headline: 'Production: stacks differ from staging in 2 places',
      next: 'Make the stacks alike, or name the right twins under stacks: in the file.',
    })
    const refused = { ...stacks(at('production', 'credentials-refused')), details: null }
    const report = buildReport([refused])
    expect([report.mark, report.headline]).toEqual([
      'unknown',
      'Production: API key is missing or was refused',
    ])
    expect(report.next).toBe(buildReport([{ ...refused, command: 'check-stacks' }]).next)
    expect(report.next).not.toMatch(/^Push to/)
  })

  it('judge no environment beside what ran', () => {
    const differ = stacks(at('production', 'stacks-differ', 60), { parity: DIFFERING })
    expect(buildReport([...GREEN_STAGING, differ]).headline).toMatch(/^Staging: green/)
  })
})

describe('production that was upgraded without staging', () => {
  it('is followed by merging its branch back', () => {
    const results = [
      upgrade(at('production', 'upgraded')),
      snapshots(at('production', 'snapshots-rebuilt', 10), [snapshot('a', { status: 'rebuilt' })]),
    ]
    expect(buildReport(results)).toMatchObject({
      headline: 'Production: green on ZenML 0.98.0',
      next: 'Merge main back into staging; that upgrades staging.',
    })
    expect(buildReport(results, { branches: { head: 'develop', base: 'live' } }).next).toBe(
      'Merge live back into develop; that upgrades staging.',
    )
  })
})

describe('a plan', () => {
  const check = (code: ReasonCode, name = 'version') => ({
    name,
    status: 'failed' as const,
    message: 'It does not fit',
    next: 'Change it.',
    'reason-code': code,
  })
  const stopped = (code: ReasonCode, checks: ReturnType<typeof check>[], minute = -60) =>
    plan(at('staging', code, minute), { checks })

  it('is no plan any more once its environment was worked on', () => {
    const old = stopped('server-ahead', [check('server-ahead')])
    expect(buildReport([old, ...GREEN_STAGING])).toMatchObject({
      mark: 'passed',
      headline: 'Staging: green on ZenML 0.98.0',
      plans: [],
    })
    const fine = plan(at('staging', 'planned', -60))
    expect(buildReport([...GREEN_STAGING, fine]).plans).toEqual([])
    expect(buildReport([...GREEN_STAGING, plan(at('staging', 'planned', 60))]).plans).toHaveLength(
      1,
    )
    expect(
      buildReport([...GREEN_STAGING, plan(at('production', 'planned', -60))]).plans,
    ).toHaveLength(1)
    const read = stacks(at('staging', 'inventory-read', 60))
    expect(buildReport([fine, read]).plans).toHaveLength(1)
  })

  it('that one check stops says what the check found, with one mark', () => {
    const report = buildReport([stopped('server-ahead', [check('server-ahead')])])
    expect([report.mark, report.headline]).toEqual([
      'held',
      'Plan for staging: server is newer than the file',
    ])
    expect(report.plans[0]?.sections.find(({ title }) => title.startsWith('Checks'))?.sign).toBe(
      'held',
    )
    expect(
      buildReport([stopped('preflight-failed', [check('preflight-failed', 'disk')])]).headline,
    ).toBe('Plan for staging: preflight check "disk" failed, nothing was changed')
  })

  it('that several checks stop says how many', () => {
    const checks = [check('server-ahead'), check('preflight-failed', 'disk')]
    expect(buildReport([stopped('server-ahead', checks)]).headline).toBe(
      'Plan for staging: 2 problems would stop the upgrade',
    )
  })

  it('of no environment has no empty words in its title', () => {
    const invalid = {
      ...plan(at('staging', 'invalid-input')),
      environment: null,
      details: null,
    }
    expect(buildReport([invalid]).headline).toBe('Plan: invalid input, nothing was contacted')
  })

  it('joins the version to snapshots that nothing is known of', () => {
    const unknown = plan(at('staging', 'planned'), { snapshots: null, inventory: null })
    expect(buildReport([unknown]).headline).toBe(
      'Plan for staging: ZenML 0.94.1 → 0.98.0, no snapshots recorded yet',
    )
  })

  it('counts warnings as warnings', () => {
    const warned = plan(at('staging', 'planned'), {
      checks: [{ name: 'backup', status: 'warning', message: 'none', next: 'Name one.' }],
    })
    expect(buildReport([warned]).plans[0]?.sections.map(({ title }) => title)).toContain(
      'Checks: 1 warning',
    )
  })
})

describe('numbers', () => {
  it('have one format, and a plural noun after "of"', () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      snapshot(`s${index}`, { status: 'failed' }),
    )
    const shown = renderTerminal([snapshots(at('staging', 'snapshots-failed'), many)], {
      colour: false,
      columns: 200,
    })
    expect(shown).toContain('3,000 of 3,000 snapshots failed: s0')
    expect(shown).not.toMatch(/\b3000\b/)
    const tests = Array.from({ length: 24_000 }, (_, index) => test(`t${index}`, 'failed'))
    const red = buildReport([smoke(at('staging', 'smoke-failed'), [suite({ tests })])])
    expect(red.headline).toBe('Staging: 24,000 of 24,000 smoke tests failed: t0')
    expect(red.rows[0]?.cells[0]?.text).toBe('24,000 of 24,000 failed')
    expect(buildReport([failedSmoke]).headline).toBe('Staging: 1 of 1 smoke tests failed: t')
  })
})

describe('the section of the promotion', () => {
  const proposal = gate(at('production', 'proposed'), [], {
    step: 'propose',
    'back-merge': ['git merge main'],
  })
  const title = (context = {}) => buildReport([proposal], context).sections[0]?.title

  it('names the branches to merge where they are known', () => {
    expect(title({ branches: { head: 'develop', base: 'live' } })).toBe(
      'Production · Promotion: merge live back into develop first',
    )
    expect(title()).toBe('Production · Promotion: a branch must be merged back first')
  })
})
