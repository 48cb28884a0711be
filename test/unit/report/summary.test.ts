import { describe, expect, it } from '@jest/globals'
import type { Result } from '../../../src/result/result.ts'
import { rerunCommand } from '../../../src/report/rerun.ts'
import { renderSummary, SUMMARY_LIMIT_BYTES } from '../../../src/report/summary.ts'
import { timeline } from '../../../src/report/timeline.ts'
import { golden } from './golden.ts'
import { NASTY } from './nasty.ts'
import { gate, GREEN_STAGING, PHASES, plan, snapshot, snapshots, upgrade } from './results.ts'

const LINKS = [
  { label: 'This run', url: 'https://github.com/acme/churn/actions/runs/1' },
  { label: 'Dashboard', url: 'https://staging.zenml.example.com' },
]
const summary = (...results: Result[]) =>
  renderSummary({ results, configPath: 'zenml-upgrade.yml', links: LINKS })
const many = (amount: number, length: number) =>
  snapshots(
    { environment: 'staging', code: 'snapshots-failed', summary: 'Many failed.', minute: 10 },
    Array.from({ length: amount }, (_, index) =>
      snapshot(`${NASTY[index % NASTY.length] ?? ''}-${index}`, {
        status: index % 100 === 0 ? 'failed' : 'executed',
        message: `${index} ${'x & y '.repeat(length)}`,
      }),
    ),
  )
const bytes = (text: string) => Buffer.byteLength(text)

describe('the job summary', () => {
  it('reads well: green', () => {
    golden('summary-green.md', summary(...GREEN_STAGING))
  })
  it('draws the phases of its own run, and none of an earlier one that the record has', () => {
    const drawn = (own: readonly Result[]) =>
      renderSummary({
        results: GREEN_STAGING,
        configPath: 'zenml-upgrade.yml',
        links: [],
        github: { results: own, pages: {} },
      }).includes('gantt')
    expect([drawn(GREEN_STAGING), drawn([])]).toEqual([true, false])
  })
  it('reads well: failed', () => {
    golden(
      'summary-failed.md',
      summary(
        ...GREEN_STAGING,
        upgrade(
          {
            environment: 'production',
            code: 'rollback-refused',
            summary: 'The upgrade to 0.98.0 failed, and 17 rows were written since the backup.',
            minute: 30,
          },
          {
            phases: PHASES.map((phase) =>
              phase.name === 'deploy'
                ? { ...phase, status: 'failed' as const, seconds: 300 }
                : phase,
            ).slice(0, 3),
            'migration-log': Array.from(
              { length: 90 },
              (_, index) =>
                `INFO  [alembic.runtime.migration] Running upgrade ${index} -> ${index + 1}`,
            ),
            'written-since-backup': { pipeline_run: 17 },
          },
        ),
      ),
    )
  })
  it('names the artifact that holds the page, where there is one', () => {
    const input = { results: GREEN_STAGING, configPath: 'zenml-upgrade.yml', links: LINKS }
    expect(renderSummary({ ...input, artifact: 'zenml-upgrade-report-1' })).toContain(
      '`report.html` in the artifact `zenml-upgrade-report-1`.',
    )
    expect(renderSummary({ ...input, artifact: '' })).not.toContain('report.html')
  })
  it('lists what a restore left out, and the file that creates it', () => {
    const text = summary(
      upgrade(
        {
          environment: 'production',
          code: 'rolled-back',
          summary: 'ZenML 0.94.1 is back',
          minute: 30,
        },
        {
          'left-out': {
            objects: [{ kind: 'trigger', name: 'audit_flavor', reason: 'ERROR 1227: denied' }],
            file: '/mnt/backups/one/not-restored.sql',
          },
        },
      ),
    )
    expect(text).toMatch(/trigger \| `audit_flavor` \| ERROR 1227: denied/)
    expect(text).toContain('/mnt/backups/one/not-restored.sql')
  })
  it('reads well: held', () => {
    golden(
      'summary-held.md',
      summary(
        gate(
          {
            environment: 'production',
            code: 'staging-not-green',
            summary: 'the gate to production is closed: no upgrade of staging is recorded',
          },
          [{ 'reason-code': 'staging-not-green', message: 'no upgrade of staging is recorded' }],
        ),
      ),
    )
  })
  it('reads well: plan', () => {
    golden(
      'summary-plan.md',
      summary(plan({ environment: 'staging', code: 'planned', summary: 'ZenML 0.94.1 → 0.98.0' })),
    )
  })

  it('has every row where the comment has none, failing ones first', () => {
    const text = summary(many(1000, 10))
    expect(text).not.toContain('Shortened')
    expect(text.match(/^\| .*x &amp; y/gm)).toHaveLength(1000)
    expect(text.indexOf('-900')).toBeLessThan(text.indexOf('-901'))
  })

  it.each([
    [2000, 100],
    [9000, 20],
  ])('stays below the limit with %d snapshots', (amount, length) => {
    const text = summary(many(amount, length))
    expect(bytes(text)).toBeLessThanOrEqual(SUMMARY_LIMIT_BYTES)
    expect(text).toContain('*Shortened:')
    expect(text).toContain('**Next:**')
    expect(text).toContain('node dist/main.cjs rebuild-snapshots --environment staging --mode all')
  })

  it('stays below the limit when everything is as long as it can be', () => {
    const log = Array.from(
      { length: 5000 },
      (_, index) => `${'`'.repeat(index % 9)}${'日'.repeat(3000)}`,
    )
    const text = summary(
      upgrade(
        {
          environment: 'staging',
          code: 'upgrade-failed',
          summary: '&'.repeat(100_000),
          next: '$'.repeat(100_000),
        },
        { 'migration-log': log },
      ),
      many(5000, 200),
    )
    expect(bytes(text)).toBeLessThanOrEqual(SUMMARY_LIMIT_BYTES)
    expect(text.match(/^<details/gm)?.length).toBe(text.match(/^<\/details>$/gm)?.length)
  })

  it('links only to web addresses', () => {
    const text = renderSummary({
      results: [],
      configPath: 'zenml-upgrade.yml',
      links: [{ label: 'x](javascript:alert(1))', url: 'javascript:alert(1)' }],
    })
    expect(text).toContain('x\\](javascript:alert(1))\n')
  })
})

describe('the command that does it again', () => {
  it.each<[Result, string, string]>([
    [
      snapshots({ environment: 'staging', code: 'snapshots-failed', summary: '' }, [], {
        mode: 'execute',
        shard: '2/4',
      }),
      'zenml-upgrade.yml',
      'node dist/main.cjs rebuild-snapshots --environment staging --mode execute --shard 2/4',
    ],
    [
      gate({ environment: 'production', code: 'frozen', summary: '' }, []),
      'zenml-upgrade.yml',
      'node dist/main.cjs promote --environment production --step gate',
    ],
    [
      {
        ...snapshots({ environment: 'staging', code: 'credentials-refused', summary: '' }, []),
        details: null,
        mode: 'plan',
        shard: '2/4',
      },
      'zenml-upgrade.yml',
      'node dist/main.cjs rebuild-snapshots --environment staging --mode plan --shard 2/4',
    ],
    [
      {
        ...gate({ environment: 'production', code: 'server-unreachable', summary: '' }, []),
        details: null,
        step: 'gate',
      },
      'zenml-upgrade.yml',
      'node dist/main.cjs promote --environment production --step gate',
    ],
    [
      {
        ...upgrade({ environment: 'production', code: 'preflight-failed', summary: '' }),
        'dry-run': true,
      },
      'zenml-upgrade.yml',
      'node dist/main.cjs upgrade-workspace --environment production --dry-run',
    ],
    [
      upgrade({ environment: 'production', code: 'dry-run', summary: '' }),
      './zenml-upgrade.yml',
      'node dist/main.cjs upgrade-workspace --environment production --dry-run',
    ],
    [
      upgrade({ environment: 'staging', code: 'upgrade-failed', summary: '' }),
      "it's $(here).yml",
      "node dist/main.cjs upgrade-workspace --environment staging --config 'it'\\''s $(here).yml'",
    ],
  ])('is exact', (result, config, command) => {
    expect(rerunCommand(result, config)).toBe(command)
  })

  it('is left out where a result does not say what its command was given', () => {
    const about = { environment: 'production', code: 'cancelled', summary: '' } as const
    const stopped: Result[] = [
      { ...snapshots(about, []), details: null },
      { ...gate(about, []), details: null },
      { ...upgrade(about), command: 'acknowledge', details: null },
      { ...upgrade(about), command: 'check-out-sources', details: null },
    ]
    for (const result of stopped) expect(rerunCommand(result, 'zenml-upgrade.yml')).toBeUndefined()
    expect(
      renderSummary({ results: stopped, configPath: 'zenml-upgrade.yml', links: [] }),
    ).not.toContain('dist/main.cjs')
  })
})

describe('the timeline', () => {
  it('is left out when nothing has a time', () => {
    expect(
      timeline([gate({ environment: 'production', code: 'frozen', summary: '' }, [])]),
    ).toBeUndefined()
  })

  it('shows no skipped phase, and a failed one as critical', () => {
    const chart = timeline([
      upgrade(
        { environment: 'staging', code: 'upgrade-failed', summary: '' },
        {
          phases: [
            { name: 'backup', status: 'skipped', started: '2026-11-23T10:00:00.000Z', seconds: 0 },
            { name: 'deploy', status: 'failed', started: '2026-11-23T10:00:05.000Z', seconds: 61 },
          ],
        },
      ),
    ])
    expect(chart?.split('\n').slice(5, -1)).toEqual([
      '  section staging',
      '  deploy, 1 min 1 s :crit, 2026-11-23T10:00:05.000, 61000ms',
    ])
  })

  it('lets no name be more than a name', () => {
    const names = [
      ...NASTY,
      'a:b',
      'x; y',
      '# comment',
      '%% comment',
      'section evil',
      'click a href "x"',
      'title x',
      'accTitle: x',
      'gantt',
      '```',
      'end\n```\n<script>',
    ]
    const chart =
      timeline([
        upgrade(
          { environment: 'staging', code: 'upgraded', summary: '' },
          {
            phases: names.map((name, index) => ({
              name,
              status: 'done',
              started: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
              seconds: 5,
            })),
          },
        ),
      ]) ?? ''
    const lines = chart.split('\n')
    expect(lines).toHaveLength(names.length + 7)
    for (const line of lines.slice(6, -1))
      expect(line).toMatch(
        /^ {2}(?!section|click|title|acc|gantt|%%)[^:;#"`<>]+, 5 s :done, 2026-01-01T[\d:.]+, 5000ms$/,
      )
  })
})
