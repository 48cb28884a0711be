import { describe, expect, it } from '@jest/globals'
import { renderComment } from '../../../src/report/comment.ts'
import type { Result } from '../../../src/result/result.ts'
import { REASONS } from '../../../src/core/reasons.ts'
import { firstOf } from '../../../src/core/text.ts'
import type { Pages } from '../../../src/report/pages.ts'
import { buildReport } from '../../../src/report/report.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import {
  DIFFERING,
  gate,
  GREEN_STAGING,
  parity,
  plan,
  PLANNED_PRODUCTION,
  smoke,
  snapshot,
  snapshots,
  stacks,
  suite,
  test,
  upgrade,
} from './results.ts'

const [stagingUpgrade, stagingSmoke, stagingSnapshots] = GREEN_STAGING as [Result, Result, Result]

function cell(
  results: readonly Result[],
  row: string,
  column: 'staging' | 'production' = 'staging',
): string {
  const { rows, columns } = buildReport(results)
  const found = rows.find(({ name }) => name === row)?.cells[columns.indexOf(column)] ?? null
  return found === null ? 'no data' : `${found.mark}: ${found.text}`
}

describe('the table', () => {
  it('has no row and no column where nothing was measured', () => {
    expect(buildReport([])).toMatchObject({ rows: [], columns: [] })
    const { rows, columns } = buildReport([stagingSmoke])
    expect([columns, rows.map(({ name }) => name)]).toEqual([['staging'], ['Smoke suite']])
  })

  it('tells counts that were not measured by their reason, never as 0', () => {
    const timedOut: Result = {
      ...stagingSmoke,
      command: 'run-smoke-suite',
      outcome: 'failure',
      'reason-code': 'smoke-timeout',
      details: {
        'zenml-version': null,
        suites: [],
        total: null,
        passed: null,
        failed: null,
        skipped: null,
        flaky: null,
      },
    }
    expect(cell([timedOut], 'Smoke suite')).toBe('failed: smoke suite timed out')
    expect(
      cell(
        [smoke({ environment: 'staging', code: 'no-tests', summary: '' }, [suite({ tests: [] })])],
        'Smoke suite',
      ),
    ).toBe('failed: smoke suite ran no tests')
    expect(
      cell(
        [
          {
            ...stagingSmoke,
            outcome: 'inconclusive',
            'reason-code': 'server-unreachable',
            details: null,
          },
        ],
        'Smoke suite',
      ),
    ).toBe('unknown: server could not be reached')
  })

  it('tells a backup by how it was verified', () => {
    const made = (stagingUpgrade as Extract<Result, { command: 'upgrade-workspace' }>).details
      ?.backup
    if (made === undefined || made === null) throw new Error('the fixture has a backup')
    const given = { environment: 'staging', code: 'upgraded', summary: '' } as const
    expect(
      cell([upgrade(given, { backup: { ...made, bytes: null, verified: 'not-by-us' } })], 'Backup'),
    ).toBe('none: made by ZenML Pro, not verified by us')
    expect(cell([upgrade(given, { backup: null })], 'Backup')).toBe('warning: none was made')
    expect(
      cell(
        [upgrade({ ...given, code: 'already-at-target' }, { backup: null, changed: false })],
        'Backup',
      ),
    ).toBe('none: not needed')
    expect(
      cell(
        [upgrade({ ...given, code: 'backup-failed' }, { backup: null, changed: false })],
        'Backup',
      ),
    ).toBe('failed: backup failed, nothing was changed')
  })

  it('shows what the last upgrade did where a later one found nothing to do', () => {
    const done = upgrade({ environment: 'staging', code: 'upgraded', summary: '' })
    if (done.details === null) throw new Error('the fixture has details')
    const again = {
      ...upgrade(
        { environment: 'staging', code: 'already-green', summary: '', minute: 90 },
        { 'from-version': '0.98.0', backup: null, changed: false, checks: [], phases: [] },
      ),
      'last-work': {
        'reason-code': 'upgraded' as const,
        summary: '',
        ended: done.ended,
        details: done.details,
      },
    }
    expect(cell([again], 'Server')).toBe(
      'passed: ZenML 0.98.0, was 0.94.1 until 2026-11-23 10:01 UTC',
    )
    expect(cell([again], 'Backup')).toBe('passed: 2.3 MB, read back, checksum equal')
    expect(buildReport([again]).sections.map(({ since }) => since)).toEqual(
      Array(3).fill(done.ended),
    )
    expect(cell([{ ...again, 'last-work': null }], 'Server')).toBe(
      'passed: ZenML 0.98.0, nothing to do',
    )
  })

  it('shows what was rebuilt where a later run found nothing to rebuild', () => {
    const done = snapshots({ environment: 'staging', code: 'snapshots-executed', summary: '' }, [
      snapshot('daily', { status: 'executed' }),
    ])
    if (done.details === null) throw new Error('the fixture has details')
    const again = {
      ...snapshots(
        { environment: 'staging', code: 'nothing-to-rebuild', summary: '', minute: 90 },
        [snapshot('daily', { status: 'current' })],
      ),
      'last-work': {
        'reason-code': 'snapshots-executed' as const,
        summary: '',
        ended: done.ended,
        details: done.details,
      },
    }
    expect(cell([again], 'Snapshots')).toBe('passed: 1 rebuilt and run')
  })

  it('tells how the stacks stand to each other, from whichever command compared them last', () => {
    const given = { environment: 'production', code: 'upgraded', summary: '' } as const
    const of = (...results: readonly Result[]) => cell(results, 'Stack parity', 'production')
    expect(of(upgrade(given))).toBe('no data')
    expect(of(upgrade(given, { parity: null }))).toBe('no data')
    expect(of(upgrade(given, { parity: parity() }))).toBe('passed: 4 stacks mirrored')
    expect(of(upgrade(given, { parity: parity({ compared: 0 }) }))).toBe('none: no stack in use')
    expect(of(upgrade(given, { parity: DIFFERING }))).toBe('warning: 2 differences')
    expect(of(upgrade({ ...given, code: 'stacks-not-mirrored' }, { parity: DIFFERING }))).toBe(
      'held: 2 differences',
    )
    expect(of(upgrade({ ...given, code: 'parity-unknown' }, { parity: null }))).toBe(
      'unknown: stacks of staging and production could not be compared',
    )
    expect(
      of(
        stacks({ ...given, code: 'stacks-differ' }, { parity: DIFFERING }),
        upgrade({ ...given, minute: 5 }, { parity: parity() }),
      ),
    ).toBe('passed: 4 stacks mirrored')
    expect(of({ ...stacks({ ...given, code: 'credentials-refused' }), details: null })).toBe(
      'unknown: API key is missing or was refused',
    )
  })

  it('does not judge an environment by its stacks alone', () => {
    expect(
      buildReport([
        ...GREEN_STAGING,
        {
          ...stacks({
            environment: 'staging',
            code: 'credentials-refused',
            summary: '',
            minute: 30,
          }),
          details: null,
        },
      ]).headline,
    ).toMatch(/^Staging: green/)
  })

  it('counts a snapshot once, by its newest result, over plan, rebuild and execution', () => {
    const at = (
      minute: number,
      code: 'snapshots-planned' | 'snapshots-rebuilt' | 'snapshots-failed' | 'snapshots-executed',
    ) => ({ environment: 'staging', code, summary: '', minute }) as const
    const planned = snapshots(
      at(1, 'snapshots-planned'),
      [snapshot('a', { status: 'planned' }), snapshot('b', { status: 'planned' })],
      { mode: 'plan' },
    )
    const rebuilt = snapshots(
      at(2, 'snapshots-rebuilt'),
      [snapshot('a', { status: 'rebuilt' }), snapshot('b', { status: 'rebuilt' })],
      { mode: 'rebuild' },
    )
    const failed = snapshots(
      at(3, 'snapshots-failed'),
      [snapshot('a'), snapshot('b', { status: 'failed', 'failed-at': 'execute' })],
      { mode: 'execute' },
    )
    const mended = snapshots(
      at(4, 'snapshots-executed'),
      [snapshot('a', { status: 'current' }), snapshot('b')],
      { mode: 'execute' },
    )
    expect(cell([planned], 'Snapshots')).toBe('none: 2 can be rebuilt')
    expect(cell([planned, rebuilt], 'Snapshots')).toBe('passed: 2 rebuilt')
    expect(cell([failed, rebuilt, planned], 'Snapshots')).toBe(
      'failed: 1 of 2 failed, 1 rebuilt and run',
    )
    expect(cell([planned, rebuilt, failed, mended], 'Snapshots')).toBe(
      'passed: 1 rebuilt and run, 1 rebuilt',
    )
  })

  it('is not green while a shard has no result', () => {
    const shard = (number: number) =>
      snapshots(
        { environment: 'staging', code: 'snapshots-executed', summary: '', minute: number },
        [snapshot(`s${number}`)],
        { shard: `${number}/3` },
      )
    const results = [stagingUpgrade, stagingSmoke, shard(1), shard(3)]
    expect(cell(results, 'Snapshots')).toBe('unknown: shard 2/3 has no result; 2 rebuilt and run')
    expect(buildReport(results).headline).toContain('still to come: shard 2/3 of the snapshots')
    expect(buildReport([...results, shard(2)]).headline).toContain('Staging: green')
  })

  it('lets an older attempt tell nothing about a newer one', () => {
    const again = upgrade({
      environment: 'staging',
      code: 'upgraded',
      summary: '',
      attempt: 'staging-2',
      minute: 60,
    })
    expect(cell([...GREEN_STAGING, again], 'Smoke suite')).toBe('no data')
    expect(cell([again, ...GREEN_STAGING], 'Snapshots')).toBe('no data')
  })

  it('lets nothing found with another version tell about this one', () => {
    const before: Result[] = GREEN_STAGING.map((result): Result => ({
      ...result,
      attempt: null,
    })).map((result) => {
      if (result.command === 'run-smoke-suite' || result.command === 'rebuild-snapshots')
        return {
          ...result,
          details:
            result.details === null ? null : { ...result.details, 'zenml-version': '0.94.1' },
        } as Result
      return result
    })
    expect(cell(before, 'Smoke suite')).toBe('no data')
    expect(cell(before, 'Snapshots')).toBe('no data')
  })

  it('tells that there was nothing to rebuild only when that was measured', () => {
    expect(
      cell(
        [snapshots({ environment: 'staging', code: 'nothing-to-rebuild', summary: '' }, [])],
        'Snapshots',
      ),
    ).toBe('none: none on the server')
    expect(
      cell(
        [
          {
            ...stagingSnapshots,
            outcome: 'inconclusive',
            'reason-code': 'server-unreachable',
            details: null,
          },
        ],
        'Snapshots',
      ),
    ).toBe('unknown: server could not be reached')
  })
})

describe('the verdict', () => {
  const cases: readonly [string, readonly Result[], string, string][] = [
    [
      'staging upgraded only',
      [stagingUpgrade],
      'Staging: on ZenML 0.98.0, still to come: the smoke suite and the snapshots',
      'Run the smoke suite and the snapshots in staging.',
    ],
    [
      'rebuilt but not run',
      [
        stagingUpgrade,
        stagingSmoke,
        snapshots(
          { environment: 'staging', code: 'snapshots-rebuilt', summary: '' },
          [snapshot('a', { status: 'rebuilt' })],
          { mode: 'rebuild' },
        ),
      ],
      'Staging: on ZenML 0.98.0, still to come: the snapshots',
      'Run the snapshots in staging.',
    ],
    [
      'run but not rebuilt',
      [
        stagingUpgrade,
        stagingSmoke,
        snapshots({ environment: 'staging', code: 'nothing-to-execute', summary: '' }, [], {
          mode: 'execute',
        }),
      ],
      'Staging: on ZenML 0.98.0, still to come: the snapshots',
      'Run the snapshots in staging.',
    ],
    [
      'no suite in the file',
      [
        stagingUpgrade,
        smoke({ environment: 'staging', code: 'no-smoke-suite', summary: '' }, []),
        stagingSnapshots,
      ],
      'Staging: green on ZenML 0.98.0, without a smoke suite',
      'Merge staging into main; that upgrades production.',
    ],
    [
      'planned everywhere',
      [
        ...PLANNED_PRODUCTION.map((result): Result => ({ ...result, environment: 'staging' })),
        ...PLANNED_PRODUCTION,
      ],
      'Staging: still on ZenML 0.94.1, nothing was changed',
      'Upgrade staging: every check that could be made has passed.',
    ],
    [
      'superseded',
      [
        upgrade(
          { environment: 'staging', code: 'superseded', summary: '' },
          { 'from-version': null, 'to-version': null, changed: null, backup: null },
        ),
      ],
      'Staging: nothing was changed',
      'Upgrade staging: every check that could be made has passed.',
    ],
    [
      'unreachable',
      [
        upgrade({
          environment: 'staging',
          code: 'server-unreachable',
          summary: 'https://zenml.example.com does not answer',
        }),
      ],
      'Staging: server could not be reached',
      'Check the address, DNS, proxy and certificates from this machine, then run again.',
    ],
    [
      'gate open, production not begun',
      [...GREEN_STAGING, gate({ environment: 'production', code: 'gate-open', summary: '' }, [])],
      'Staging: green on ZenML 0.98.0',
      'Merge staging into main; that upgrades production.',
    ],
    [
      'production has it already',
      [
        gate({ environment: 'production', code: 'already-at-target', summary: '' }, [], {
          gate: null,
        }),
      ],
      'Production: already at the target version',
      'Nothing to do.',
    ],
    [
      'production has it already, and staging was green',
      [
        ...GREEN_STAGING,
        gate({ environment: 'production', code: 'already-at-target', summary: '' }, [], {
          gate: null,
        }),
      ],
      'Staging: green on ZenML 0.98.0',
      'Nothing to do.',
    ],
    [
      'a staging server that was only asked has not run',
      [
        gate({ environment: 'staging', code: 'already-at-target', summary: '' }, [], {
          gate: null,
        }),
      ],
      'Nothing has run yet',
      'Push to staging, or run upgrade-workspace for staging.',
    ],
    [
      'held by staging',
      [
        upgrade({
          environment: 'staging',
          code: 'upgrade-failed',
          summary: 'It failed',
          next: 'Mend staging.',
        }),
        gate({ environment: 'production', code: 'staging-not-green', summary: 'No record' }, []),
      ],
      'Staging: upgrade failed, and was not rolled back',
      'Mend staging.',
    ],
    [
      'production fails after a green staging',
      [
        ...GREEN_STAGING,
        upgrade({
          environment: 'production',
          code: 'rollback-impossible',
          summary: 'No way back',
          next: 'Restore the backup by hand.',
        }),
      ],
      'Production: upgrade failed, and it cannot be rolled back',
      'Restore the backup by hand.',
    ],
    [
      'a failed test outweighs a cancelled part',
      [
        stagingUpgrade,
        smoke({ environment: 'staging', code: 'smoke-failed', summary: 'One failed' }, [
          suite({ tests: [test('t', 'failed')] }),
        ]),
        snapshots(
          { environment: 'staging', code: 'cancelled', summary: 'Stopped', minute: 20 },
          [],
        ),
      ],
      'Staging: 1 of 1 smoke tests failed: t',
      'Read the failed tests, fix them or the pipelines, then run the smoke suite again.',
    ],
  ]
  for (const [name, results, headline, next] of cases) {
    it(name, () => {
      const report = buildReport(results)
      expect([report.headline, report.next]).toEqual([headline, next])
    })
  }

  it('is not green by a suite that is not in the record after the recorded one failed', () => {
    const failed = smoke({ environment: 'staging', code: 'smoke-failed', summary: '' }, [suite()])
    const other = smoke(
      { environment: 'staging', code: 'smoke-passed', summary: '', attempt: null, minute: 30 },
      [suite()],
    )
    expect(buildReport([stagingUpgrade, failed, stagingSnapshots, other]).mark).toBe('failed')
  })

  it('shows a green mark only for a measured green', () => {
    const marks = [[], [stagingUpgrade], PLANNED_PRODUCTION, GREEN_STAGING].map(
      (results) => buildReport(results).mark,
    )
    expect(marks).toEqual(['none', 'none', 'none', 'passed'])
  })
})

describe('a file with several problems', () => {
  const PROBLEMS = [
    'zenml-upgrade.yml:1:8 zenml: must be a version such as 0.98.0, not "latest"',
    'zenml-upgrade.yml:4:5 environments.staging.sever: unknown key "sever"',
    'zenml-upgrade.yml:9:1 smok: unknown key "smok"',
  ]
  const summary = `zenml-upgrade.yml has 3 problems:\n${PROBLEMS.join('\n')}`
  const invalid = (result: Result): Result => ({
    ...result,
    outcome: 'invalid',
    'reason-code': 'invalid-file',
    summary,
    details: null,
  })

  it.each([
    [
      'an upgrade',
      invalid(upgrade({ environment: 'staging', code: 'invalid-file', summary })),
      'Staging: configuration file has 3 problems, nothing was contacted',
    ],
    [
      'a gate',
      invalid(gate({ environment: 'production', code: 'invalid-file', summary }, [])),
      'Production: configuration file has 3 problems, nothing was contacted',
    ],
    [
      'a plan',
      invalid(plan({ environment: 'staging', code: 'invalid-file', summary })),
      'Plan for staging: configuration file has 3 problems, nothing was contacted',
    ],
  ])(
    'is reported by %s with their number in the headline and all of them below',
    (_what, result, headline) => {
      const report = buildReport([result])
      expect(report.headline).toBe(headline)
      const sections = [...report.plans.flatMap((one) => one.sections), ...report.sections]
      expect(sections.flatMap(({ blocks }) => blocks)).toEqual([
        { kind: 'text', text: 'zenml-upgrade.yml has 3 problems:' },
        { kind: 'log', lines: PROBLEMS },
      ])
      for (const shown of [
        renderTerminal([result], { colour: false, columns: 80 }),
        renderComment({ results: [result], configPath: 'zenml-upgrade.yml' }),
      ])
        for (const problem of PROBLEMS)
          expect(shown.split('\n').map((line) => line.trim())).toContain(problem)
    },
  )

  it('is one line where there is one thing to tell, and needs no heading', () => {
    expect(firstOf('the server does not answer', 100)).toBe('the server does not answer')
    expect(firstOf('input a is missing\ninput b is missing\n', 100)).toBe(
      'input a is missing (and 1 more)',
    )
    expect(firstOf('the file has a problem:\n  f:1:1: is empty', 100)).toBe(
      'the file has a problem: f:1:1: is empty',
    )
    expect(firstOf('it stopped at:', 100)).toBe('it stopped at:')
    expect(firstOf(`${'x'.repeat(200)}\ny`, 10)).toBe(`${'x'.repeat(9)}… (and 1 more)`)
  })
})

describe('the next step', () => {
  const red = smoke({ environment: 'staging', code: 'smoke-failed', summary: '1 failed' }, [])
  const held = gate({ environment: 'production', code: 'hold-label', summary: 'held' }, [])
  const pages: Pages = {
    rerun: 'https://github.com/acme/ml/actions/runs/1',
    runs: 'https://github.com/acme/ml/actions/workflows/zenml.yml',
    'pull-request': 'https://github.com/acme/ml/pull/2',
  }
  const link = (result: Result, own: readonly Result[]) =>
    buildReport([result], { github: { pages, results: own } }).link

  it('links to the jobs of the run that left what stopped', () => {
    expect(link(red, [red])).toEqual({ label: 'Re-run failed jobs', url: pages.rerun })
  })

  it('links to all runs where another run left what stopped', () => {
    expect(link(red, [])).toEqual({ label: 'Open the runs', url: pages.runs })
  })

  it('links to the pull request whose label holds production back', () => {
    expect(link(held, [held])).toEqual({
      label: 'Open the pull request',
      url: pages['pull-request'],
    })
  })

  it('is a command line outside GitHub', () => {
    const { command, link: none } = buildReport([red], { configPath: 'a b.yml' })
    expect([command, none]).toEqual([
      "node dist/main.cjs run-smoke-suite --environment staging --config 'a b.yml'",
      undefined,
    ])
  })

  it('names what to press on GitHub, and what to run elsewhere', () => {
    const usual = { ...red, next: REASONS['smoke-failed'].next }
    expect(buildReport([usual]).next).toMatch(/run the smoke suite again/)
    expect(buildReport([usual], { github: { pages, results: [usual] } }).next).toMatch(
      /re-run the failed jobs/,
    )
  })

  it('is the one of the result where it brings its own', () => {
    const own = { ...red, next: 'Start the mail server.' }
    expect(buildReport([own], { github: { pages, results: [own] } }).next).toBe(own.next)
  })
})
