import { describe, expect, it } from '@jest/globals'
import {
  checkOfEarlierPlan,
  namedPythons,
  snapshotsCheck,
} from '../../../src/snapshots/preflight-check.ts'
import type { SnapshotsOutcome } from '../../../src/snapshots/modes.ts'

const outcome = (
  code: SnapshotsOutcome['code'],
  snapshots: readonly object[] = [],
  next: string | null = null,
) => ({ code, summary: 'in short', next, details: { snapshots } }) as unknown as SnapshotsOutcome
const one = (name: string, status: string, message: string | null = null) => ({
  project: 'p',
  pipeline: 'churn',
  name,
  status,
  message,
})

describe('the check of the snapshots before an upgrade', () => {
  it.each(['snapshots-planned', 'nothing-to-rebuild'] as const)('passes for %s', (code) => {
    expect(snapshotsCheck(outcome(code))).toEqual({
      name: 'snapshots',
      status: 'passed',
      message: 'in short',
    })
  })

  it('is not made where the server is too old to have snapshots', () => {
    const found = outcome('nothing-to-rebuild')
    const unmeasured = { ...found, details: { ...found.details, discovered: null } }
    expect(snapshotsCheck(unmeasured)).toEqual({
      name: 'snapshots',
      status: 'not-checked',
      message: 'in short',
    })
  })

  it('fails with each snapshot that is bad, and only those', () => {
    expect(
      snapshotsCheck(
        outcome('snapshots-failed', [
          one('bad', 'failed', 'no import'),
          one('good', 'planned'),
          one('gone', 'lost'),
        ]),
      ),
    ).toEqual({
      name: 'snapshots',
      status: 'failed',
      message: 'in short\np/churn/bad: no import\np/churn/gone: unknown',
      next: expect.stringContaining('nothing was changed'),
    })
    expect(snapshotsCheck(outcome('snapshots-lost', [], 'Restore.')).next).toBe('Restore.')
  })

  it('names a problem that many snapshots share once', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const { message } = snapshotsCheck(
      outcome(
        'snapshots-failed',
        names.map((name) => one(name, 'failed', 'no engine')),
      ),
    )
    expect(message).toBe(
      'in short\np/churn/a, p/churn/b, p/churn/c, p/churn/d, p/churn/e and 2 more: no engine',
    )
  })
})

it('lists the Pythons of sources and snapshots, each once', () => {
  expect(
    namedPythons([{ python: '3.12' }, {}], [{ python: '3.11' }, { python: '3.12' }, {}]),
  ).toEqual(['3.11', '3.12'])
  expect(namedPythons([{}], [])).toEqual([])
})

describe('the plan that an earlier job made', () => {
  const run = 'https://github.com/acme/ml/actions/runs/7'

  it.each(['snapshots-planned', 'nothing-to-rebuild', 'superseded'])('passes with %s', (code) => {
    expect(checkOfEarlierPlan(code, run)).toMatchObject({ name: 'snapshots', status: 'passed' })
  })

  it('fails with a snapshot that cannot be rebuilt, and links the run', () => {
    expect(checkOfEarlierPlan('snapshots-failed', run)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('(snapshots-failed)'),
      next: expect.stringContaining(`Open ${run}, read the result of that job.`),
    })
    expect(checkOfEarlierPlan('snapshots-failed', run)['reason-code']).toBeUndefined()
  })

  it('keeps what could not be measured apart from what is wrong', () => {
    expect(checkOfEarlierPlan('server-unreachable', run)).toMatchObject({
      status: 'failed',
      'reason-code': 'server-unreachable',
    })
  })

  it.each(['failure', 'cancelled', 'skipped', 'success'])(
    'fails where its job ended with %s and left no reason code',
    (result) => {
      expect(checkOfEarlierPlan(result, undefined)).toMatchObject({
        status: 'failed',
        message: expect.stringContaining(`left no result (${result})`),
        next: expect.stringContaining('re-run all jobs'),
      })
    },
  )
})
