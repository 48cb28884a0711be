import { describe, expect, it } from '@jest/globals'
import { flowEnd } from '../../../src/report/flow.ts'
import type { JobEnd } from '../../../src/report/job-end.ts'
import type { Result } from '../../../src/result/result.ts'
import { inAttempt } from '../../support/evidence.ts'
import { gate, GREEN_STAGING, plan, smoke, snapshot, snapshots, suite, upgrade } from './results.ts'

const [upgraded, tested] = GREEN_STAGING as [Result, Result]
const red = smoke({ environment: 'staging', code: 'smoke-failed', summary: 'Red.', minute: 5 }, [
  suite({ 'reason-code': 'smoke-failed' }),
])
const proposal = gate(
  {
    environment: 'staging',
    code: 'proposal-forbidden',
    summary: 'Not allowed.',
    minute: 50,
    attempt: null,
  },
  [],
  { step: 'propose', gate: null },
)
const code = (
  environment: 'staging' | 'production' | undefined,
  all: readonly Result[],
  own = all,
) => flowEnd(environment, all, own)['reason-code']

describe('the end of a flow', () => {
  it.each<[string, string, readonly Result[], readonly Result[] | undefined]>([
    ['the newest when all went well', 'snapshots-executed', GREEN_STAGING, undefined],
    ['the gravest when something did not', 'smoke-failed', [upgraded, red], undefined],
    [
      'a failure although something later went well',
      'smoke-failed',
      [
        upgraded,
        red,
        snapshots(
          { environment: 'staging', code: 'snapshots-executed', summary: 'Ran.', minute: 10 },
          [snapshot('a')],
        ),
      ],
      undefined,
    ],
    [
      'what an earlier run found out for the same attempt',
      'smoke-failed',
      [upgraded, red],
      [upgraded],
    ],
    [
      'what this run did, also where the record knows of more',
      'upgraded',
      GREEN_STAGING,
      [upgraded],
    ],
    ['incomplete when the upgrade alone left a result', 'incomplete', [upgraded], undefined],
    ['incomplete when the snapshots left none', 'incomplete', [upgraded, tested], undefined],
    [
      'the same for a proposal that was forbidden, which says nothing about staging',
      'snapshots-executed',
      [...GREEN_STAGING, proposal],
      undefined,
    ],
    ['cancelled when no command left a result', 'cancelled', GREEN_STAGING, []],
    ['cancelled when only the proposal left one', 'cancelled', [proposal], undefined],
  ])('is %s', (_what, expected, all, own) => {
    expect(code('staging', all, own)).toBe(expected)
  })

  it('is what the record says where the file of a job that ended well is missing', () => {
    const jobs = { ends: [], fromRecord: ['Rebuild and run the snapshots'] }
    for (const own of [[], [upgraded]])
      expect(flowEnd('staging', GREEN_STAGING, own, jobs)['reason-code']).toBe('snapshots-executed')
  })

  it('is a job that left no result, and not one that another job judges', () => {
    const job: JobEnd = {
      id: 'smoke',
      environment: 'staging',
      name: 'Smoke suite',
      outcome: 'inconclusive',
      'reason-code': 'job-failed',
      summary: 'The job failed.',
      next: 'Re-run it.',
      url: 'https://github.test/job',
      step: null,
      decides: true,
    }
    const code = (end: JobEnd) =>
      flowEnd('staging', GREEN_STAGING, GREEN_STAGING, { ends: [end], fromRecord: [] })[
        'reason-code'
      ]
    expect(code(job)).toBe('job-failed')
    expect(code({ ...job, decides: false })).toBe('snapshots-executed')
    expect(code({ ...job, environment: 'production' })).toBe('snapshots-executed')
  })

  it('is about one environment', () => {
    const held = gate(
      { environment: 'production', code: 'frozen', summary: 'Frozen.', minute: 40, attempt: null },
      [{ 'reason-code': 'frozen', message: 'Frozen.' }],
    )
    expect(code('production', [upgraded, red, held])).toBe('frozen')
    expect(code('staging', [...GREEN_STAGING, held])).toBe('snapshots-executed')
    expect(code('production', GREEN_STAGING)).toBe('cancelled')
  })

  it('is of a pull request the gravest of what its own run says', () => {
    const planned = plan({ environment: 'production', code: 'planned', summary: 'Planned.' })
    const ahead = plan({ environment: 'production', code: 'server-ahead', summary: 'Ahead.' })
    expect(code(undefined, [upgraded, red, planned], [planned])).toBe('planned')
    expect(code(undefined, [], [ahead, planned])).toBe('server-ahead')
    expect(code(undefined, [upgraded], [])).toBe('cancelled')
  })

  it('of a production whose gate found nothing to do is that', () => {
    const done = gate(
      {
        environment: 'production',
        code: 'already-at-target',
        summary: 'Done.',
        minute: 40,
        attempt: null,
      },
      [],
      { gate: null },
    )
    expect(flowEnd('production', [...GREEN_STAGING, done], [done])).toMatchObject({
      outcome: 'noop',
      'reason-code': 'already-at-target',
    })
  })

  it('names what is still to come', () => {
    expect(flowEnd('staging', [upgraded], [upgraded])).toEqual({
      outcome: 'inconclusive',
      'reason-code': 'incomplete',
      summary: 'staging: still to come: the smoke suite and the snapshots',
    })
  })

  it('names the newest of an attempt that was begun anew', () => {
    const again = upgrade({
      environment: 'staging',
      code: 'upgraded',
      summary: 'Again.',
      attempt: 'staging-2',
      minute: 90,
    })
    const rest = inAttempt('staging-2', GREEN_STAGING.slice(1))
    expect(flowEnd('staging', [upgraded, tested, red, again, ...rest], [again])).toMatchObject({
      outcome: 'success',
      summary: 'Again.',
    })
    expect(code('staging', [upgraded, tested, red, again], [again])).toBe('incomplete')
  })
})
