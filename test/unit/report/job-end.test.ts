import { describe, expect, it } from '@jest/globals'
import { JOB_IDS } from '../../../src/report/flow-jobs.ts'
import { judgeJobs, type JobFacts, type Need, type SeenJob } from '../../../src/report/job-end.ts'
import { gate, GREEN_STAGING, smoke, snapshot, snapshots, suite, upgrade } from './results.ts'

const RUN = 'https://github.test/run'
const need = (result: Need['result'], outputs: Need['outputs'] = {}): Need => ({ result, outputs })
const seen = (name: string, more: Partial<SeenJob> = {}): SeenJob => ({
  name,
  url: `https://github.test/${name}`,
  conclusion: 'failure',
  step: 'Set up the cloud',
  started: '2026-11-23T09:00:00.000Z',
  ...more,
})
const ends = (facts: Partial<JobFacts>) =>
  judgeJobs({
    environment: 'staging',
    needs: {},
    own: [],
    all: facts.own ?? [],
    seen: [],
    rejection: undefined,
    runUrl: RUN,
    ...facts,
  }).ends
const OPEN = gate(
  { environment: 'production', code: 'gate-open', summary: 'Open.', attempt: null },
  [],
)
const RED = smoke({ environment: 'staging', code: 'smoke-failed', summary: 'Red.', minute: 5 }, [
  suite({ 'reason-code': 'smoke-failed' }),
])
const shard = (shard: string) =>
  snapshots(
    { environment: 'staging', code: 'snapshots-executed', summary: 'Ran.' },
    [snapshot('a')],
    { shard },
  )

describe('a job that failed without a result', () => {
  it('is named with its step and its page', () => {
    const failed = { needs: { upgrade: need('failure') }, seen: [seen('Upgrade')] }
    expect(ends(failed)).toMatchObject([
      {
        id: 'upgrade',
        outcome: 'inconclusive',
        'reason-code': 'job-failed',
        summary: 'the job "Upgrade" failed in its step "Set up the cloud" and left no result',
        url: 'https://github.test/Upgrade',
        decides: true,
      },
    ])
  })

  it('is named with the page of the run where GitHub did not show it', () => {
    expect(ends({ needs: { smoke: need('failure') } })).toMatchObject([
      { summary: 'the job "Smoke suite" failed and left no result', url: RUN },
    ])
  })

  it('is not excused by the gate that opened for it, and is by one that closed', () => {
    const production = {
      environment: 'production',
      needs: { upgrade: need('failure') },
      own: [OPEN],
    } as const
    expect(ends(production)).toMatchObject([{ 'reason-code': 'job-failed' }])
    const closed = gate(
      { environment: 'production', code: 'hold-label', summary: 'Held.', attempt: null },
      [],
    )
    expect(ends({ ...production, own: [closed] })).toEqual([])
  })

  it('is excused by the result of its shard, also by one without details', () => {
    const job = seen('Rebuild and run the snapshots 2/4')
    const stopped = {
      ...snapshots({ environment: 'staging', code: 'server-unreachable', summary: 'x' }, []),
      details: null,
      mode: 'all',
    } as const
    const facts = { needs: { snapshots: need('failure') }, seen: [job] }
    expect(ends({ ...facts, own: [{ ...stopped, shard: '2/4' }] })).toEqual([])
    expect(ends({ ...facts, own: [{ ...stopped, shard: '1/4' }] })).toHaveLength(1)
  })

  it('is not excused by what an earlier attempt of the run left', () => {
    const late = seen('Smoke suite', { started: '2026-11-23T11:00:00.000Z' })
    const facts = { needs: { smoke: need('failure') }, own: [RED] }
    expect(ends({ ...facts, seen: [late] })).toMatchObject([{ 'reason-code': 'job-failed' }])
    expect(ends({ ...facts, seen: [seen('Smoke suite')] })).toEqual([])
  })

  it('tells how its command ended where only a later step failed', () => {
    const facts = { needs: { upgrade: need('failure') }, own: GREEN_STAGING }
    const step = seen('Upgrade', { step: 'Keep the report' })
    expect(ends({ ...facts, seen: [step] })[0]?.summary).toBe(
      'the job "Upgrade" failed in its step "Keep the report", although its command ended with upgraded',
    )
  })

  it('is each shard of a matrix that left none', () => {
    const found = ends({
      needs: { snapshots: need('failure') },
      own: [shard('1/2')],
      seen: [
        seen('Rebuild and run the snapshots 1/2', { conclusion: 'success', step: null }),
        seen('Rebuild and run the snapshots 2/2', { step: null }),
      ],
    })
    expect(found.map(({ summary }) => summary)).toEqual([
      'the job "Rebuild and run the snapshots 2/2" failed and left no result',
    ])
  })

  it('says what the acknowledgement before it was refused for', () => {
    const refused = {
      ...OPEN,
      command: 'acknowledge' as const,
      outcome: 'invalid' as const,
      'reason-code': 'invalid-input' as const,
      summary: 'no such attempt',
      next: 'Name another.',
      details: null,
    }
    const facts = { environment: 'production', needs: { upgrade: need('failure') } } as const
    expect(ends({ ...facts, own: [OPEN, refused] })).toMatchObject([
      {
        'reason-code': 'invalid-input',
        summary: 'the job "Upgrade" failed: no such attempt',
        next: 'Name another.',
      },
    ])
  })

  it.each(['propose', 'staging', 'stacks'] as const)(
    'decides nothing where another job judges what it found: %s',
    (id) => {
      expect(ends({ needs: { [id]: need('failure') } })).toMatchObject([{ decides: false }])
    },
  )
})

describe('a job that was stopped', () => {
  it.each([
    ['cancelled', 'was cancelled'],
    ['timed_out', 'exceeded its time'],
  ])('because it was %s is no failure of what it did', (conclusion, words) => {
    expect(
      ends({
        needs: { upgrade: need('cancelled') },
        seen: [seen('Upgrade', { conclusion, step: 'Upgrade' })],
      }),
    ).toMatchObject([
      {
        outcome: 'cancelled',
        'reason-code': 'job-cancelled',
        summary: `the job "Upgrade" ${words} in its step "Upgrade" and left no result`,
      },
    ])
  })

  it('is judged by the plan that its job left, also where that stopped before it had details', () => {
    const common = { environment: 'staging', code: 'source-unreachable', summary: 'Gone.' } as const
    const stopped = { ...snapshots(common, []), details: null, mode: 'plan' as const }
    expect(ends({ needs: { 'plan-snapshots': need('failure') }, own: [stopped] })).toEqual([])
    expect(ends({ needs: { snapshots: need('failure') }, own: [stopped] })).toMatchObject([
      { id: 'snapshots', 'reason-code': 'job-failed' },
    ])
  })

  it('is told by its own result where that says so', () => {
    const interrupted = upgrade({ environment: 'staging', code: 'interrupted', summary: 'Cut.' })
    expect(ends({ needs: { upgrade: need('cancelled') }, own: [interrupted] })).toEqual([])
  })
})

describe('an approval', () => {
  const rejection = { by: 'ada', comment: 'Not on a Friday.', of: JOB_IDS }

  it('that was rejected holds, and names who rejected it and why', () => {
    expect(
      ends({
        environment: 'production',
        needs: { gate: need('success'), approve: need('failure') },
        own: [OPEN],
        seen: [seen('Approve', { step: null })],
        rejection,
      }),
    ).toMatchObject([
      {
        outcome: 'held',
        'reason-code': 'approval-rejected',
        summary: 'ada rejected the approval that the job "Approve" waited for: Not on a Friday.',
      },
    ])
  })

  it('that was rejected in an earlier attempt does not explain a step that failed', () => {
    expect(
      ends({ needs: { upgrade: need('failure') }, seen: [seen('Upgrade')], rejection }),
    ).toMatchObject([{ 'reason-code': 'job-failed' }])
  })

  it('that was rejected in an earlier attempt does not explain another job that failed without a step', () => {
    const facts = { needs: { upgrade: need('failure') }, seen: [seen('Upgrade', { step: null })] }
    const ofApproval = { ...rejection, of: ['approve'] as const }
    expect(ends({ ...facts, rejection: ofApproval })).toMatchObject([
      { 'reason-code': 'job-failed' },
    ])
  })

  it('leaves no result, and is not said to have left none', () => {
    expect(ends({ needs: { approve: need('failure') } })[0]?.summary).toBe(
      'the job "Approve" failed',
    )
    expect(ends({ needs: { approve: need('success') } })).toEqual([])
  })
})

describe('a job that ended well', () => {
  it('without a result in the files is read from the record, which is told', () => {
    const facts = { needs: { upgrade: need('success'), smoke: need('success') }, own: [RED] }
    expect(ends({ ...facts, all: [...GREEN_STAGING, RED] })).toEqual([])
    expect(
      judgeJobs({
        environment: 'staging',
        all: GREEN_STAGING,
        seen: [],
        rejection: undefined,
        runUrl: RUN,
        ...facts,
      }).fromRecord,
    ).toEqual(['Upgrade'])
  })

  it('without a result in files and record makes the flow incomplete', () => {
    expect(
      ends({ environment: 'production', needs: { upgrade: need('success') }, own: [OPEN] }),
    ).toMatchObject([
      { outcome: 'inconclusive', 'reason-code': 'incomplete', decides: true, url: RUN },
    ])
  })
})

describe('an upgrade that was skipped', () => {
  const ofGate = (gateOutput: string, approve: Need['result']) =>
    ends({
      environment: 'production',
      needs: {
        gate: need('success', { gate: gateOutput }),
        approve: need(approve),
        upgrade: need('skipped'),
      },
      own: [OPEN],
    })

  it('although nothing held it back makes the flow incomplete', () => {
    expect(ofGate('open', 'success')).toMatchObject([
      {
        'reason-code': 'incomplete',
        summary: 'the job "Upgrade" was skipped, although nothing held it back',
      },
    ])
  })

  it('because the gate was not open, or a job before it failed, is no fault of its own', () => {
    expect(ofGate('', 'skipped')).toEqual([])
    expect(ofGate('open', 'failure').map(({ id }) => id)).toEqual(['approve'])
  })
})

it('a job that ended badly without a result is never passed over, whichever it is', () => {
  for (const result of ['failure', 'cancelled'] as const)
    for (const id of JOB_IDS) expect(ends({ needs: { [id]: need(result) } })).toHaveLength(1)
})
