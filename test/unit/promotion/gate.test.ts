import { describe, expect, it } from '@jest/globals'
import { judgeGate, type GateFacts } from '../../../src/promotion/gate.ts'
import type { Entry } from '../../../src/state/attempt.ts'
import type { ReasonCode } from '../../../src/core/reasons.ts'
import { gateNext, gateReasonWords, gateSummary } from '../../../src/report/wording-gate.ts'
import { closed, evidence, greenAttempt } from '../state/attempts.ts'
import { OPEN, policy, WEEKEND } from './facts.ts'

const UPGRADED = closed('upgraded')
const SMOKE = evidence('run-smoke-suite', null, 'smoke-passed')
const ALL = evidence('rebuild-snapshots', 'all', 'snapshots-executed')
const staging = (...entries: Entry[]): Partial<GateFacts> => ({
  stagingAttempts: [greenAttempt({ entries })],
})
const production = (...entries: Entry[]) => greenAttempt({ environment: 'production', entries })
const at = (time: string, entry: Entry): Entry => ({ ...entry, at: time })
const phase = (name: 'backup' | 'deploy'): Entry => ({
  kind: 'phase',
  at: '2026-01-05T11:00:00.000Z',
  phase: name,
  state: 'started',
})
const noon = (date: string) => new Date(`${date}T12:00:00Z`)

// What the content digests are called here: `first` and `second` are two bumps, one after the
// other; `hotfix` was made on main.
const first = greenAttempt({
  tested: 'first',
  id: 'a1',
  sha: 'a'.repeat(40),
  'target-version': '0.97.0',
  entries: [
    UPGRADED,
    evidence('run-smoke-suite', null, 'smoke-passed', '0.97.0'),
    evidence('rebuild-snapshots', 'all', 'snapshots-executed', '0.97.0'),
  ],
})
const second = greenAttempt({ tested: 'second', id: 'a2', sha: 'b'.repeat(40) })
const merged = greenAttempt({
  tested: 'second with hotfix',
  id: 'a3',
  sha: 'c'.repeat(40),
  entries: [closed('already-at-target'), SMOKE, ALL],
})

const OPENING: [string, Partial<GateFacts>][] = [
  ['staging is green', {}],
  [
    'rebuild and execution ran as two commands',
    staging(
      UPGRADED,
      SMOKE,
      evidence('rebuild-snapshots', 'rebuild', 'snapshots-rebuilt'),
      evidence('rebuild-snapshots', 'execute', 'snapshots-executed'),
    ),
  ],
  [
    'a red smoke suite was run again and is green now',
    staging(UPGRADED, evidence('run-smoke-suite', null, 'smoke-failed'), SMOKE, ALL),
  ],
  [
    'the file asks for no smoke suite',
    { ...staging(UPGRADED, ALL), expectations: { smokeSuite: false, executeSnapshots: true } },
  ],
  [
    'the file asks for no execution',
    {
      ...staging(UPGRADED, SMOKE, evidence('rebuild-snapshots', 'rebuild', 'snapshots-rebuilt')),
      expectations: { smokeSuite: true, executeSnapshots: false },
    },
  ],
  [
    'no snapshot was stale',
    {
      ...staging(UPGRADED, SMOKE, evidence('rebuild-snapshots', 'rebuild', 'nothing-to-rebuild')),
      expectations: { smokeSuite: true, executeSnapshots: false },
    },
  ],
  ['staging needed no upgrade', staging(closed('already-at-target'), SMOKE, ALL)],
  [
    'another version was rolled back in production',
    {
      productionAttempts: [
        greenAttempt({
          environment: 'production',
          'target-version': '0.97.0',
          entries: [closed('rolled-back')],
        }),
      ],
    },
  ],
  [
    'this version was rolled back and an input of the upgrade changed since',
    {
      productionAttempts: [
        greenAttempt({
          environment: 'production',
          inputs: 'other',
          entries: [closed('rolled-back')],
        }),
      ],
    },
  ],
  [
    'the merge made a commit that staging never saw, of the same content',
    { stagingAttempts: [greenAttempt({ sha: 'a'.repeat(40) })] },
  ],
  [
    'a first squash: the same content in another commit',
    { tested: 'first', target: '0.97.0', stagingAttempts: [first], staging: { version: '0.97.0' } },
  ],
  [
    'a second squash right after the first',
    {
      tested: 'second',
      stagingAttempts: [first, second],
      productionAttempts: [
        greenAttempt({ environment: 'production', tested: 'first', 'target-version': '0.97.0' }),
      ],
      production: { version: '0.97.0' },
    },
  ],
  [
    'the hotfix came back to staging and was tested there, then the promotion',
    {
      tested: 'second with hotfix',
      stagingAttempts: [second, merged],
      productionAttempts: [
        greenAttempt({ environment: 'production', tested: 'hotfix', 'target-version': '0.94.1' }),
      ],
    },
  ],
  [
    'the soak is over to the second',
    { ...policy({ soak: 4 * 3600 }), now: new Date('2026-01-01T04:00:00Z') },
  ],
  [
    'the weekend is over to the second',
    { ...policy({ freeze: [WEEKEND] }), now: new Date('2026-01-05T06:00:00Z') },
  ],
  [
    'the pull request carries other labels',
    { pullRequest: { number: 7, labels: ['upgrade-hold-not', 'bug'] } },
  ],
  ['the push came without a pull request', { pullRequest: null }],
  [
    'production could not be asked; the upgrade will say so',
    { production: { unknown: 'refused' } },
  ],
  [
    'somebody else brought production to the version, and nothing was done after it',
    {
      production: { version: '0.98.0' },
      productionAttempts: [greenAttempt({ environment: 'production', 'target-version': '0.97.0' })],
    },
  ],
  ['the staging server is the one that was tested', { staging: { version: '0.98.0', id: 'id' } }],
  [
    'production was left half way with other content, which is finished first',
    { tested: 'other', productionAttempts: [production(phase('deploy'))] },
  ],
  [
    'production was left half way, whatever else holds',
    {
      ...policy({ freeze: [WEEKEND] }),
      now: noon('2026-01-03'),
      production: { unknown: 'refused' },
      productionAttempts: [production(phase('backup'), phase('deploy'))],
    },
  ],
]

const LOSS: Entry = {
  kind: 'compared',
  at: '2026-01-01T00:00:00.000Z',
  lost: [{ subject: 'stacks/prod', message: 'stacks: prod is gone.' }],
}
const INVENTORY: Entry = {
  kind: 'inventory',
  at: '2026-01-01T00:00:00.000Z',
  counts: {},
  names: {},
}
const NOT_GREEN = 'staging-not-green'
// Each row: when, what is different, every condition that is listed, the code that ends the push.
const CLOSING: [string, Partial<GateFacts>, ReasonCode[], ReasonCode][] = [
  ['staging has no record', { stagingAttempts: [] }, [NOT_GREEN], NOT_GREEN],
  ['the content is another', { tested: 'other' }, [NOT_GREEN], NOT_GREEN],
  [
    'the version is another',
    { target: '0.98.1', staging: { version: '0.98.1' } },
    [NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'staging went on to other content',
    { stagingAttempts: [greenAttempt(), greenAttempt({ tested: 'other' })] },
    [NOT_GREEN],
    NOT_GREEN,
  ],
  ['the upgrade did not end', staging(SMOKE, ALL), [NOT_GREEN], NOT_GREEN],
  [
    'the upgrade was rolled back',
    staging(closed('rolled-back'), SMOKE, ALL),
    [NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'something decreased in staging',
    staging(closed('counts-decreased'), SMOKE, ALL),
    [NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'an older attempt in staging lost something',
    {
      stagingAttempts: [
        greenAttempt({ id: 'older', tested: 'other', entries: [LOSS, closed('counts-decreased')] }),
        greenAttempt(),
      ],
    },
    ['loss-open'],
    'loss-open',
  ],
  [
    'an older attempt in staging ended before anything was compared',
    {
      stagingAttempts: [
        greenAttempt({
          id: 'older',
          tested: 'other',
          entries: [INVENTORY, phase('deploy'), closed('rollback-impossible')],
        }),
        greenAttempt(),
      ],
    },
    ['loss-open'],
    'loss-open',
  ],
  [
    'the smoke suite is red',
    staging(UPGRADED, evidence('run-smoke-suite', null, 'smoke-failed'), ALL),
    [NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'the smoke suite turned red later',
    staging(UPGRADED, SMOKE, ALL, evidence('run-smoke-suite', null, 'smoke-failed')),
    [NOT_GREEN],
    NOT_GREEN,
  ],
  ['the smoke suite did not run', staging(UPGRADED, ALL), [NOT_GREEN], NOT_GREEN],
  [
    'the smoke suite ran against the old version',
    staging(UPGRADED, evidence('run-smoke-suite', null, 'smoke-passed', '0.94.1'), ALL),
    [NOT_GREEN],
    NOT_GREEN,
  ],
  ['a dry run is all there is', staging(closed('dry-run'), SMOKE, ALL), [NOT_GREEN], NOT_GREEN],
  [
    'the snapshots were only planned',
    staging(UPGRADED, SMOKE, evidence('rebuild-snapshots', 'plan', 'snapshots-planned')),
    [NOT_GREEN, NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'the snapshots were rebuilt and not executed',
    staging(UPGRADED, SMOKE, evidence('rebuild-snapshots', 'rebuild', 'snapshots-rebuilt')),
    [NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'a snapshot failed',
    staging(UPGRADED, SMOKE, evidence('rebuild-snapshots', 'all', 'snapshots-failed')),
    [NOT_GREEN, NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'main got a hotfix that staging never saw',
    { tested: 'hotfix', stagingAttempts: [second] },
    [NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'staging was promoted over a hotfix that did not come back',
    { tested: 'second with hotfix', stagingAttempts: [second] },
    [NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'the second squash arrives while staging tests it',
    {
      tested: 'second',
      stagingAttempts: [first, greenAttempt({ tested: 'second', entries: [UPGRADED, SMOKE] })],
    },
    [NOT_GREEN, NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'the staging server left the version',
    { staging: { version: '0.97.0' } },
    ['staging-moved'],
    'staging-moved',
  ],
  [
    'the staging server went ahead',
    { staging: { version: '0.99.0' } },
    ['staging-moved'],
    'staging-moved',
  ],
  [
    'the staging server does not answer',
    { staging: { unknown: 'refused' } },
    ['server-unreachable'],
    'server-unreachable',
  ],
  [
    'another server of the same version answers at the address of staging',
    { staging: { version: '0.98.0', id: 'another' } },
    ['staging-moved'],
    'staging-moved',
  ],
  [
    'a line of the record cannot be read, whatever the others say',
    staging(UPGRADED, SMOKE, ALL, { kind: 'unreadable', at: '2026-01-01T00:00:00.000Z' }),
    [NOT_GREEN],
    NOT_GREEN,
  ],
  [
    'the version was rolled back in production',
    { productionAttempts: [production(closed('rolled-back'))] },
    ['version-blocked'],
    'version-blocked',
  ],
  [
    'production is ahead of the file',
    { production: { version: '0.99.0' } },
    ['server-ahead'],
    'server-ahead',
  ],
  [
    'the file goes back behind what it deployed',
    {
      production: { version: '0.99.0' },
      productionAttempts: [
        greenAttempt({
          environment: 'production',
          'target-version': '0.99.0',
          entries: [UPGRADED],
        }),
      ],
    },
    ['downgrade-requested'],
    'downgrade-requested',
  ],
  [
    'the pull request carries the label',
    { pullRequest: { number: 7, labels: ['bug', 'upgrade-hold'] } },
    ['hold-label'],
    'hold-label',
  ],
  [
    'the label is written in other letters',
    { ...policy({ 'hold-label': 'Wait' }), pullRequest: { number: 7, labels: ['WAIT'] } },
    ['hold-label'],
    'hold-label',
  ],
  [
    'the labels could not be read',
    { pullRequest: { unknown: '403' } },
    ['github-unreachable'],
    'github-unreachable',
  ],
  [
    'it is the weekend',
    { ...policy({ freeze: [WEEKEND] }), now: noon('2026-01-03') },
    ['frozen'],
    'frozen',
  ],
  [
    'the soak has a second to go',
    { ...policy({ soak: 3600 }), now: new Date('2026-01-01T00:59:59Z') },
    ['waiting-for-soak'],
    'waiting-for-soak',
  ],
  [
    'soak and freeze at once',
    { ...policy({ soak: 200 * 3600, freeze: [WEEKEND] }), now: noon('2026-01-03') },
    ['frozen', 'waiting-for-soak'],
    'frozen',
  ],
  [
    'label, freeze and soak at once',
    {
      ...policy({ soak: 200 * 3600, freeze: [WEEKEND] }),
      now: noon('2026-01-03'),
      pullRequest: { number: 7, labels: ['upgrade-hold'] },
    },
    ['hold-label', 'frozen', 'waiting-for-soak'],
    'hold-label',
  ],
  [
    'the soak runs and the server does not answer',
    { ...policy({ soak: 200 * 3600 }), staging: { unknown: 'refused' } },
    ['server-unreachable', 'waiting-for-soak'],
    'server-unreachable',
  ],
  [
    'staging is not green on a weekend: there is no soak to wait for',
    {
      ...policy({ soak: 200 * 3600, freeze: [WEEKEND] }),
      now: noon('2026-01-03'),
      tested: 'other',
    },
    [NOT_GREEN, 'frozen'],
    NOT_GREEN,
  ],
  [
    'staging is not green and does not answer',
    { stagingAttempts: [], staging: { unknown: 'refused' } },
    [NOT_GREEN, 'server-unreachable'],
    NOT_GREEN,
  ],
  [
    'several things at once, all of them listed',
    {
      stagingAttempts: [],
      staging: { version: '0.97.0' },
      pullRequest: { number: 7, labels: ['upgrade-hold'] },
    },
    [NOT_GREEN, 'staging-moved', 'hold-label'],
    NOT_GREEN,
  ],
  [
    'production was prepared for and not touched yet',
    {
      ...policy({ freeze: [WEEKEND] }),
      now: noon('2026-01-03'),
      productionAttempts: [production(phase('backup'))],
    },
    ['frozen'],
    'frozen',
  ],
]

describe('the gate', () => {
  it.each(OPENING)('is open when %s', (_when, change) => {
    expect(judgeGate({ ...OPEN, ...change })).toMatchObject({
      gate: 'open',
      reasonCode: 'gate-open',
      opensAt: null,
      override: null,
    })
  })

  it.each(CLOSING)('is closed when %s', (_when, change, codes, decisive) => {
    const verdict = judgeGate({ ...OPEN, ...change })
    expect(verdict.closedFor.map(({ code }) => code)).toEqual(codes)
    expect(verdict).toMatchObject({ gate: 'closed', reasonCode: decisive })
    const summary = gateSummary(verdict.decision)
    for (const { fact } of verdict.closedFor) expect(summary).toContain(gateReasonWords(fact))
  })

  it.each(CLOSING)('is opened by a person when %s, who is shown', (_when, change) => {
    const override = { reason: 'The fix cannot wait.', actor: 'octocat' }
    const verdict = judgeGate({ ...OPEN, ...change, override })
    expect(verdict).toMatchObject({ gate: 'open', reasonCode: 'gate-open', override })
    expect(verdict.closedFor).not.toEqual([])
    expect(gateSummary(verdict.decision)).toMatch(
      /^opened by octocat: The fix cannot wait\. \(\d conditions? not met\)$/,
    )
  })

  it('does not name a person where nothing had to be opened', () => {
    expect(
      judgeGate({ ...OPEN, override: { reason: 'to be safe', actor: 'octocat' } }).override,
    ).toBeNull()
  })

  it('is not asked where production has the version and no work is open', () => {
    expect(
      judgeGate({ ...OPEN, stagingAttempts: [], production: { version: '0.98.0' } }),
    ).toMatchObject({ gate: null, reasonCode: 'already-at-target', closedFor: [] })
    expect(
      judgeGate({
        ...OPEN,
        stagingAttempts: [],
        production: { version: '0.98.0' },
        productionAttempts: [production(phase('backup'))],
      }).gate,
    ).toBe('closed')
  })
})

describe('a soak by evidence from the future', () => {
  const soakAt = (now: string) =>
    judgeGate({ ...OPEN, ...policy({ soak: 3600 }), now: new Date(now) })

  it('was not measured, and holds with a fact that says so', () => {
    const { gate, closedFor } = soakAt('2025-12-31T22:00:00Z')
    expect(gate).toBe('closed')
    expect(closedFor).toMatchObject([
      {
        code: 'waiting-for-soak',
        fact: { kind: 'soak-not-measured', since: new Date('2026-01-01T00:00:00Z') },
      },
    ])
  })

  it('is told apart from clocks that differ by minutes', () => {
    expect(soakAt('2025-12-31T23:57:00Z').closedFor[0]?.fact.kind).toBe('soaking')
  })
})

describe('when the gate opens by itself', () => {
  const soaking = policy({ soak: 4 * 3600 })
  const [early, later, last] = [
    '2026-01-01T10:00:00.000Z',
    '2026-01-01T11:00:00.000Z',
    '2026-01-01T12:00:00.000Z',
  ] as const
  const opensAt = (change: Partial<GateFacts>) =>
    judgeGate({
      ...OPEN,
      now: new Date('2026-01-01T12:30:00Z'),
      ...change,
    }).opensAt?.toISOString() ?? null

  it('is when the soak ends, from the time the last missing evidence was there', () => {
    expect(
      opensAt({ ...soaking, ...staging(at(early, UPGRADED), at(later, SMOKE), at(last, ALL)) }),
    ).toBe('2026-01-01T16:00:00.000Z')
  })

  it('does not move when something green is run again', () => {
    expect(
      opensAt({
        ...soaking,
        ...staging(at(early, UPGRADED), at(early, ALL), at(later, SMOKE), at(last, SMOKE)),
      }),
    ).toBe('2026-01-01T15:00:00.000Z')
  })

  it('begins anew after something was red', () => {
    const red = evidence('run-smoke-suite', null, 'smoke-failed')
    expect(
      opensAt({
        ...soaking,
        ...staging(
          at(early, UPGRADED),
          at(early, ALL),
          at(early, SMOKE),
          at(later, red),
          at(last, SMOKE),
        ),
      }),
    ).toBe('2026-01-01T16:00:00.000Z')
  })

  it('is when the freeze ends', () => {
    expect(opensAt({ ...policy({ freeze: [WEEKEND] }), now: noon('2026-01-03') })).toBe(
      '2026-01-05T06:00:00.000Z',
    )
  })

  it('is after the freeze that begins before the soak ends', () => {
    const verdict = judgeGate({
      ...OPEN,
      ...policy({ soak: 40 * 3600, freeze: [WEEKEND] }),
      now: noon('2026-01-02'),
    })
    expect(verdict).toMatchObject({
      reasonCode: 'waiting-for-soak',
      opensAt: new Date('2026-01-05T06:00:00Z'),
      soakUntil: new Date('2026-01-02T16:00:00Z'),
    })
    expect(gateNext(verdict.reasonCode, verdict.opensAt)).toBe(
      'Nothing to do: the first scheduled run after 2026-01-05 06:00 UTC continues.',
    )
  })

  it('is never while a person must do something', () => {
    expect(
      opensAt({
        ...policy({ freeze: [WEEKEND] }),
        now: noon('2026-01-03'),
        pullRequest: { number: 7, labels: ['upgrade-hold'] },
      }),
    ).toBeNull()
    expect(
      opensAt({
        ...policy({ freeze: ['Mon 00:00 – Thu 00:00 UTC', 'Thu 00:00 – Mon 00:00 UTC'] }),
      }),
    ).toBeNull()
    expect(opensAt({ ...soaking, stagingAttempts: [] })).toBeNull()
  })
})
