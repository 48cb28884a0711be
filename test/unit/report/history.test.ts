import { describe, expect, it } from '@jest/globals'
import { renderComment } from '../../../src/report/comment.ts'
import type { ReportContext } from '../../../src/report/context.ts'
import { buildReport } from '../../../src/report/report.ts'
import type { JobEnd } from '../../../src/report/job-end.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import { outcomeOf, type ReasonCode } from '../../../src/core/reasons.ts'
import type { Result } from '../../../src/result/result.ts'
import {
  gate,
  GREEN_STAGING,
  parity,
  smoke,
  snapshot,
  snapshots,
  stacks,
  suite,
  upgrade,
} from './results.ts'

const [upgraded, passed, executed] = GREEN_STAGING as [Result, Result, Result]
const staging = (code: ReasonCode, minute: number) =>
  ({ environment: 'staging', code, summary: '', minute }) as const

/** A result of a run that ended before it measured anything. */
function stopped<R extends Result>(result: R, code: ReasonCode): R {
  return { ...result, outcome: outcomeOf(code), 'reason-code': code, attempt: null, details: null }
}

/** An upgrade that found its work done. */
const again = upgrade(staging('already-green', 90), {
  'from-version': '0.98.0',
  backup: null,
  changed: false,
  checks: [],
  phases: [],
  'downtime-seconds': null,
})

/** Cells of the column of staging as a terminal shows them, by row. */
function cells(results: readonly Result[], context: ReportContext = {}): Record<string, string> {
  const { rows, columns } = buildReport(results, context)
  const shown = renderTerminal(results, { ...context, colour: false, columns: 200 }).split('\n')
  return Object.fromEntries(
    rows
      .filter(({ cells: of }) => of[columns.indexOf('staging')] !== null)
      .map(({ name }) => [
        name,
        shown
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length)
          .trim() ?? '',
      ]),
  )
}

const titles = (results: readonly Result[], context: ReportContext = {}) =>
  renderComment({ results, configPath: 'zenml-upgrade.yml', ...context })
    .split('\n')
    .flatMap((line) => /<summary>(.*)<\/summary>/.exec(line)?.[1] ?? [])

describe('a run that found everything done', () => {
  it('shows what the run before it measured, with the time of that run', () => {
    const results = [...GREEN_STAGING, again]
    expect(cells(results)).toEqual({
      Server: '✓ ZenML 0.98.0, was 0.94.1 until 2026-11-23 10:01 UTC',
      Backup: '✓ 2.3 MB, read back, checksum equal, on 2026-11-23 10:01 UTC',
      'Smoke suite': '✓ 3 passed, on 2026-11-23 10:06 UTC',
      Snapshots: '✓ 2 rebuilt and run, 1 excluded, on 2026-11-23 10:11 UTC',
    })
    expect(titles(results)).toEqual([
      'Staging · Snapshots: 2 rebuilt and run, 1 excluded, on 2026-11-23 10:11 UTC',
      'Staging · Smoke suite of churn: 3 tests, on 2026-11-23 10:06 UTC',
      'Staging · Preflight checks: 1 not checked, 3 passed, on 2026-11-23 10:01 UTC',
      'Staging · Timeline: server down for 13.2 s, on 2026-11-23 10:01 UTC',
      'Staging · Versions and counts, on 2026-11-23 10:01 UTC',
    ])
    expect(buildReport(results).headline).toContain('green on ZenML 0.98.0')
  })

  it('shows what it measured itself without a time', () => {
    const anew = smoke(staging('smoke-passed', 95), [suite()])
    expect(cells([...GREEN_STAGING, again, anew])).toMatchObject({ 'Smoke suite': '✓ 3 passed' })
    expect(cells(GREEN_STAGING)).toMatchObject({
      Backup: '✓ 2.3 MB, read back, checksum equal',
      'Smoke suite': '✓ 3 passed',
      Snapshots: '✓ 2 rebuilt and run, 1 excluded',
    })
  })

  it('keeps what failed before it open, with its time', () => {
    const failed = snapshots(staging('snapshots-failed', 20), [
      snapshot('a', { status: 'failed', 'failed-at': 'execute' }),
    ])
    expect(cells([upgraded, passed, failed, again])).toMatchObject({
      Snapshots: '✗ 1 of 1 failed, on 2026-11-23 10:21 UTC',
    })
    expect(buildReport([upgraded, passed, failed, again]).sections[0]).toMatchObject({
      failing: true,
      since: failed.ended,
    })
  })

  it('dates a comparison of the stacks that it did not make again', () => {
    const compared = upgrade(staging('upgraded', 0), { parity: parity() })
    expect(cells([compared, again])).toMatchObject({
      'Stack parity': '✓ 4 stacks mirrored, on 2026-11-23 10:01 UTC',
    })
  })
})

describe('a run that measured nothing', () => {
  it.each(['cancelled', 'interrupted', 'version-blocked', 'server-unreachable'] as const)(
    'that ended with %s comes first in the cell of the server, and erases no upgrade',
    (code) => {
      const { Server: server, ...rest } = cells([
        ...GREEN_STAGING,
        stopped(upgrade(staging(code, 90)), code),
      ])
      expect(server).toMatch(
        /^[?=] .*; earlier: ZenML 0\.98\.0, was 0\.94\.1, on 2026-11-23 10:01 UTC$/,
      )
      expect(rest).toMatchObject({
        Backup: '✓ 2.3 MB, read back, checksum equal, on 2026-11-23 10:01 UTC',
      })
    },
  )

  it('keeps the rollback that blocks the version', () => {
    const rolledBack = upgrade(staging('rolled-back', 0), { 'rolled-back': true })
    const held = upgrade(staging('version-blocked', 90), {
      'to-version': '0.94.1',
      backup: null,
      changed: false,
      checks: [],
      phases: [],
      'downtime-seconds': null,
    })
    expect(cells([rolledBack, held])).toEqual({
      Server:
        '= version is blocked since it was rolled back; earlier: rolled back to ZenML 0.94.1, on 2026-11-23 10:01 UTC',
      Backup: '✓ 2.3 MB, read back, checksum equal, on 2026-11-23 10:01 UTC',
    })
    expect(titles([rolledBack, held])).toContain(
      'Staging · Timeline: server down for 13.2 s, on 2026-11-23 10:01 UTC',
    )
  })

  it('of the smoke suite comes before the suites that an earlier run counted', () => {
    const refused = stopped(passed, 'credentials-refused')
    const results = [
      ...GREEN_STAGING,
      { ...refused, started: '2026-11-23T11:00:00Z', ended: '2026-11-23T11:01:00Z' },
    ]
    expect(cells(results)).toMatchObject({
      'Smoke suite':
        '? API key is missing or was refused; earlier: 3 passed, on 2026-11-23 10:06 UTC',
    })
    expect(titles(results)).toContain(
      'Staging · Smoke suite of churn: 3 tests, on 2026-11-23 10:06 UTC',
    )
    expect(buildReport(results).headline).toContain('API key is missing or was refused')
  })

  it('of the snapshots comes before those that an earlier run made', () => {
    const cancelled = {
      ...stopped(executed, 'cancelled'),
      started: '2026-11-23T11:00:00Z',
      ended: '2026-11-23T11:01:00Z',
    }
    expect(cells([...GREEN_STAGING, again, cancelled])).toMatchObject({
      Snapshots: '? cancelled; earlier: 2 rebuilt and run, 1 excluded, on 2026-11-23 10:11 UTC',
    })
  })

  it('of the stacks comes before the comparison of an earlier run', () => {
    const compared = upgrade(staging('upgraded', 0), { parity: parity() })
    const refused = {
      ...stacks(staging('credentials-refused', 60)),
      details: null,
    }
    expect(cells([compared, refused])).toMatchObject({
      'Stack parity':
        '? API key is missing or was refused; earlier: 4 stacks mirrored, on 2026-11-23 10:01 UTC',
    })
  })

  it('because it was superseded takes the place of nothing', () => {
    const superseded = [upgraded, passed, executed].map((result) => ({
      ...stopped(result, 'superseded'),
      started: '2026-11-23T11:00:00Z',
      ended: '2026-11-23T11:01:00Z',
    }))
    expect(cells([...GREEN_STAGING, ...superseded])).toEqual(cells(GREEN_STAGING))
    expect(buildReport([...GREEN_STAGING, ...superseded]).mark).toBe('passed')
  })

  it('because its job was cancelled stands before what the record has', () => {
    const jobs: JobEnd[] = [
      {
        id: 'smoke',
        environment: 'staging',
        name: 'Smoke suite',
        outcome: 'cancelled',
        'reason-code': 'job-cancelled',
        summary: 'the job "Smoke suite" was cancelled',
        next: 'Re-run it.',
        step: null,
        url: 'https://github.com/acme/ml/actions/runs/1/job/1',
        decides: true,
      },
    ]
    expect(cells([...GREEN_STAGING, again], { jobs })).toMatchObject({
      'Smoke suite':
        '? job "Smoke suite" was cancelled, and left no result; earlier: 3 passed, on 2026-11-23 10:06 UTC',
    })
  })
})

describe('a loss', () => {
  it.each([
    ['loss-acknowledged', 'loss acknowledged'],
    ['upgraded', 'what was missing is there again'],
  ] as const)(
    'that became %s says what became of it, with the time of the upgrade',
    (code, title) => {
      const resolved = upgrade(
        {
          ...staging(code, 0),
          summary: 'Acknowledged by octocat on 2026-11-24 09:00 UTC: old runs',
        },
        { lost: [{ subject: 'number of runs', message: '2 runs are missing' }] },
      )
      expect(titles([resolved, again])).toContain(
        `Staging · Upgrade: ${title}, on 2026-11-23 10:01 UTC`,
      )
      expect(
        renderComment({ results: [resolved, again], configPath: 'zenml-upgrade.yml' }),
      ).toContain('Acknowledged by octocat on 2026-11-24 09:00 UTC: old runs')
    },
  )
})

describe('what was found about other content', () => {
  const other = GREEN_STAGING.map((result) => ({ ...result, attempt: 'staging-0' }))
  const held = upgrade(
    { ...staging('version-blocked', 90), attempt: null },
    { backup: null, changed: false, checks: [], phases: [], 'downtime-seconds': null },
  )

  it('is shown as history where the newest run measured nothing', () => {
    const refused = stopped(smoke(staging('smoke-passed', 95), []), 'credentials-refused')
    expect(cells([again, refused], { history: other })).toEqual({
      Server: '✓ ZenML 0.98.0, was 0.94.1 until 2026-11-23 10:01 UTC',
      Backup: '✓ 2.3 MB, read back, checksum equal, on 2026-11-23 10:01 UTC',
      'Smoke suite':
        '? API key is missing or was refused; earlier: 3 passed, on 2026-11-23 10:06 UTC',
    })
    expect(cells([held], { history: other })).toMatchObject({
      Backup: '✓ 2.3 MB, read back, checksum equal, on 2026-11-23 10:01 UTC',
    })
  })

  it('is no evidence, and is not shown beside a newer measurement', () => {
    const [green, verdict] = [
      buildReport(GREEN_STAGING, { history: other }),
      buildReport([again], { history: other }),
    ]
    expect(green).toEqual(buildReport(GREEN_STAGING))
    expect(verdict.headline).toContain('still to come: the smoke suite and the snapshots')
    expect(verdict.mark).toBe('none')
  })

  it('is not shown where it is newer, or was measured with another version', () => {
    const refused = stopped(smoke(staging('smoke-passed', 95), []), 'credentials-refused')
    const older = other.map((result) =>
      result.command === 'run-smoke-suite' && result.details !== null
        ? { ...result, details: { ...result.details, 'zenml-version': '0.94.1' } }
        : result,
    )
    const newer = other.map((result) => ({ ...result, ended: '2026-11-24T00:00:00Z' }))
    for (const history of [older, newer])
      expect(cells([again, refused], { history })['Smoke suite']).toBe(
        '? API key is missing or was refused',
      )
  })
})

describe('a later question of the gate', () => {
  it('dates what production measured before it', () => {
    const production = upgrade({ environment: 'production', code: 'upgraded', summary: '' })
    const asked = gate(
      { environment: 'production', code: 'already-at-target', summary: '', minute: 60 },
      [],
      { gate: null },
    )
    const [server] = buildReport([production, asked]).rows
    expect(server?.cells).toEqual([
      { mark: 'passed', text: 'ZenML 0.98.0, was 0.94.1', since: production.ended },
    ])
  })

  it('of staging does not', () => {
    const asked = gate({ ...staging('already-at-target', 60) }, [], { gate: null })
    expect(cells([...GREEN_STAGING, asked])).toEqual(cells(GREEN_STAGING))
  })
})

describe('what an earlier run found lost or failed, and a later one does not list', () => {
  const production = (code: ReasonCode, minute: number) =>
    ({ environment: 'production', code, summary: '', minute }) as const
  const work = (...list: Parameters<typeof snapshots>[1]) => {
    const { details } = snapshots(production('snapshots-lost', 0), list, { mode: 'rebuild' })
    if (details === null) throw new Error('the fixture has details')
    return {
      'last-work': {
        'reason-code': 'snapshots-lost' as const,
        summary: '',
        ended: '2026-11-22T10:00:00.000Z',
        details,
      },
    }
  }
  const before = work(
    snapshot('lost', { status: 'lost' }),
    snapshot('broken', { status: 'failed' }),
    snapshot('kept', { status: 'rebuilt' }),
  )
  const report = (...list: Parameters<typeof snapshots>[1]) =>
    buildReport([
      upgrade(production('upgraded', 60)),
      {
        ...snapshots(production('nothing-to-rebuild', 70), list, { mode: 'rebuild' }),
        ...before,
      },
    ])

  it('counts no more, and is folded with its time', () => {
    const { mark, rows, sections } = report(snapshot('kept', { status: 'current' }))
    expect(mark).toBe('passed')
    expect(rows.find(({ name }) => name === 'Snapshots')?.cells[0]).toEqual({
      mark: 'passed',
      text: '1 rebuilt',
      since: '2026-11-22T10:00:00.000Z',
    })
    expect(sections.filter(({ failing }) => failing)).toEqual([])
    expect(sections.find(({ title }) => title.includes('earlier run'))).toMatchObject({
      title: 'Production · Snapshots of an earlier run: 1 failed, 1 lost',
      failing: false,
      since: '2026-11-22T10:00:00.000Z',
    })
  })

  it('is settled where the later run lists it as excluded or current', () => {
    const { rows, sections } = report(
      snapshot('lost', { status: 'excluded' }),
      snapshot('broken', { status: 'current' }),
      snapshot('kept', { status: 'current' }),
    )
    expect(rows.find(({ name }) => name === 'Snapshots')?.cells[0]?.text).toBe(
      '1 rebuilt, 1 already current, 1 excluded',
    )
    expect(sections.some(({ title }) => title.includes('earlier run'))).toBe(false)
  })
})

describe('a server that an earlier run found at the target', () => {
  it('is shown with the time of that run', () => {
    const found = upgrade(
      { environment: 'production', code: 'already-at-target', summary: '', minute: 0 },
      { backup: null, changed: false },
    )
    const today = gate(
      { environment: 'production', code: 'gate-open', summary: '', minute: 600 },
      [],
    )
    const { rows } = buildReport([found, today])
    expect(rows.map(({ name, cells: [one] }) => [name, one?.since])).toEqual([
      ['Server', found.ended],
      ['Backup', found.ended],
    ])
  })
})
