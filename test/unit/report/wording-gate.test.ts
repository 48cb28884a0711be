import { describe, expect, it } from '@jest/globals'
import type { GateDecision, GateFact, MissingFact } from '../../../src/report/gate-fact.ts'
import { gatePreview, gateReasonWords, gateSummary } from '../../../src/report/wording-gate.ts'

const until = new Date('2026-11-30T05:59:30Z')
const newest = { id: 'a2', version: '0.97.0' }
const about = { environment: 'production', attempt: 'a1' } as const

const REASONS: [GateFact, string][] = [
  [{ kind: 'never-upgraded' }, 'no upgrade of staging is recorded'],
  [
    { kind: 'content-never-tested', newest, parts: [], sources: [] },
    'staging was never tested with this content; its newest attempt a2 tested other content or another version (0.97.0)',
  ],
  [
    {
      kind: 'tested-before',
      attempt: 'a1',
      newest,
      parts: ['zenml', 'smoke'],
      sources: [{ name: 'churn', tested: 'a'.repeat(40), now: 'b'.repeat(40) }],
    },
    'staging was tested with this content in attempt a1, but its newest attempt a2 tested something else; what differs: zenml and smoke; source churn was tested at aaaaaaaa, and production would get bbbbbbbb',
  ],
  [
    { kind: 'loss-not-acknowledged', ...about, losses: ['stacks: prod is gone.'] },
    'production lost data in attempt a1, and the loss is not acknowledged: stacks: prod is gone.',
  ],
  [
    { kind: 'loss-not-measured', ...about },
    'attempt a1 changed production and ended before its data was compared with the inventory from before the upgrade',
  ],
  [
    { kind: 'staging-unknown', why: 'connection refused' },
    'the staging server could not be asked for its version: connection refused',
  ],
  [
    { kind: 'staging-replaced', id: 'new', tested: 'old' },
    'the staging server has the id new, but the newest attempt tested another server, old',
  ],
  [
    { kind: 'staging-version', version: '0.97.0', target: '0.98.0' },
    'the staging server runs ZenML 0.97.0, not the tested 0.98.0',
  ],
  [
    { kind: 'blocked', ...about, target: '0.98.0' },
    'the upgrade of production to ZenML 0.98.0 was rolled back in attempt a1, and none of its inputs has changed since',
  ],
  [
    { kind: 'ahead', environment: 'production', version: '0.99.0', target: '0.98.0' },
    'production runs ZenML 0.99.0, the file says 0.98.0',
  ],
  [
    { kind: 'downgrade', environment: 'production', version: '0.99.0', target: '0.98.0' },
    'production runs ZenML 0.99.0, which was deployed from this file; the file now asks for the older 0.98.0',
  ],
  [{ kind: 'labels-unknown', why: '403' }, 'the labels of the pull request could not be read: 403'],
  [
    { kind: 'label', pullRequest: 7, label: 'upgrade-hold' },
    'pull request #7 carries the label upgrade-hold',
  ],
  [
    { kind: 'frozen', windows: ['Fri 15:00 – Mon 07:00 Europe/Berlin'], until },
    'production is frozen (Fri 15:00 – Mon 07:00 Europe/Berlin) until 2026-11-30 06:00 UTC',
  ],
  [
    { kind: 'frozen', windows: ['a'], until: null },
    'production is frozen (a), and the windows in the file leave no gap, so this does not end by itself',
  ],
  [
    { kind: 'soaking', seconds: 86_400, until },
    'staging must stay green for 24 h 0 min, until 2026-11-30 06:00 UTC',
  ],
  [
    { kind: 'soak-not-measured', seconds: 3600, since: until },
    'staging must stay green for 1 h 0 min, but how long it has been green is not known: the record says since 2026-11-30 06:00 UTC, which is in the future by the clock of this machine',
  ],
]

const MISSING: [MissingFact, string][] = [
  [{ kind: 'record-unreadable' }, 'a line of its record cannot be read'],
  [{ kind: 'upgrade-unfinished' }, 'the upgrade did not end'],
  [{ kind: 'losses-open', amount: 1 }, '1 loss of the upgrade is open'],
  [{ kind: 'losses-open', amount: 2 }, '2 losses of the upgrade are open'],
  [{ kind: 'upgrade-ended', code: 'rolled-back' }, 'the upgrade ended with rolled-back'],
  [{ kind: 'part-not-run', part: 'rebuild' }, 'the rebuild of the snapshots did not run'],
  [
    { kind: 'part-ended', part: 'smoke-suite', code: 'smoke-failed' },
    'the smoke suite ended with smoke-failed',
  ],
  [
    { kind: 'part-of-other-version', part: 'execution', version: '0.97.0', target: '0.98.0' },
    'the execution of the snapshots ran against ZenML 0.97.0, not 0.98.0',
  ],
  [{ kind: 'rebuilt-after-execution' }, 'snapshots were rebuilt after the last execution'],
]

const DECISIONS: [GateDecision, string][] = [
  [
    { kind: 'nothing-to-do', target: '0.98.0' },
    'production already runs ZenML 0.98.0 and no work is left, so the gate was not asked',
  ],
  [
    { kind: 'green', target: '0.98.0' },
    'staging is green for exactly this content at ZenML 0.98.0',
  ],
  [
    { kind: 'unfinished', attempt: 'a1' },
    'attempt a1 left the upgrade of production unfinished; it is finished first, whatever the other conditions are',
  ],
  [
    { kind: 'overridden', by: { actor: 'octocat', reason: 'urgent' }, conditions: 2 },
    'opened by octocat: urgent (2 conditions not met)',
  ],
  [
    {
      kind: 'closed',
      facts: [{ kind: 'never-upgraded' }, { kind: 'labels-unknown', why: '403' }],
    },
    'the gate to production is closed: no upgrade of staging is recorded; the labels of the pull request could not be read: 403',
  ],
]

describe('the words of the gate', () => {
  it.each(REASONS)('say of the condition %j: %s', (fact, words) => {
    expect(gateReasonWords(fact)).toBe(words)
  })

  it.each(MISSING)('say of a staging that is not green by %j: %s', (missing, words) => {
    expect(gateReasonWords({ kind: 'not-green', missing })).toBe(`staging is not green: ${words}`)
  })

  it.each(DECISIONS)('say of the decision %j: %s', (decision, words) => {
    expect(gateSummary(decision)).toBe(words)
  })

  it('name before a merge the sources that were not read', () => {
    expect(gatePreview({ kind: 'green', target: '0.98.0' }, ['churn'])).toBe(
      'what the gate would say after the merge: staging is green for exactly this content at ZenML 0.98.0; not read in a run for a pull request, and assumed to be as staging was tested with it: churn',
    )
  })
})
