import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { outcomeOf, type ReasonCode } from '../../src/core/reasons.ts'
import { closeHttp } from '../../src/http/http.ts'
import type { Result } from '../../src/result/result.ts'
import { entriesOf, inAttempt } from '../support/evidence.ts'
import { team, type Team } from '../support/team.ts'
import { GREEN_STAGING, smoke, upgrade } from '../unit/report/results.ts'

// What the comment still says of an earlier run when a later one did nothing: the command `report`
// of the bundle, as the last job of two runs.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
  place.start('staging')
  place.versions.staging = '0.98.0'
  await place.record('staging', { id: 'staging-1', entries: entriesOf(GREEN_STAGING) })
  place.open('staging', 'main')
  await place.run(['report'], { reports: await place.leave(inAttempt('staging-1', GREEN_STAGING)) })
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const LATER = { environment: 'staging', summary: '', minute: 600, attempt: null } as const

/** Rows of the table in the only comment, and the titles of its sections. */
function comment(): { readonly rows: string[]; readonly titles: string[] } {
  const [body = '', ...others] = place.repository.comments.map((one) => one.body)
  expect(others).toEqual([])
  const lines = body.split('\n')
  return {
    rows: lines.filter((line) => line.startsWith('| **')).map((line) => line.replace(/ +/g, ' ')),
    titles: lines.flatMap((line) => /<summary>(.*)<\/summary>/.exec(line)?.[1] ?? []),
  }
}

/** A result of a command that ended before it measured anything. */
function stopped(result: Result, code: ReasonCode): Result {
  return { ...result, outcome: outcomeOf(code), 'reason-code': code, details: null }
}

/** The jobs of a second run before `report`, which left these results. */
async function secondRun(...results: readonly Result[]): Promise<void> {
  place.start('staging')
  const run = await place.run(['report'], { reports: await place.leave(results) })
  expect(run).toMatchObject({ exitCode: 0, outputs: { 'reason-code': 'reported' } })
}

describe('the comment after a second run', () => {
  it('that found everything done shows what the first one measured, with its time', async () => {
    expect(comment().rows).toEqual([
      '| **Server** | ✅ ZenML 0.98.0, was 0.94.1 |',
      '| **Backup** | ✅ 2.3 MB, read back, checksum equal |',
      '| **Smoke suite** | ✅ 3 passed |',
      '| **Snapshots** | ✅ 2 rebuilt and run, 1 excluded |',
    ])
    await secondRun(
      upgrade(
        { ...LATER, code: 'already-green', attempt: 'staging-1' },
        { 'from-version': '0.98.0', backup: null, changed: false, checks: [], phases: [] },
      ),
    )
    expect(comment().rows).toEqual([
      '| **Server** | ✅ ZenML 0.98.0, was 0.94.1 until 2026-11-23 10:00 UTC |',
      '| **Backup** | ✅ 2.3 MB, read back, checksum equal, on 2026-11-23 10:00 UTC |',
      '| **Smoke suite** | ✅ 3 passed, on 2026-11-23 10:05 UTC |',
      '| **Snapshots** | ✅ 2 rebuilt and run, 1 excluded, on 2026-11-23 10:10 UTC |',
    ])
    expect(comment().titles).toContain(
      'Staging · Timeline: server down for 13.2 s, on 2026-11-23 10:00 UTC',
    )
  })

  it('that was cancelled says so first, and keeps what the first one measured', async () => {
    await secondRun(
      stopped(upgrade({ ...LATER, code: 'cancelled' }), 'cancelled'),
      stopped(smoke({ ...LATER, code: 'cancelled' }, []), 'cancelled'),
    )
    expect(comment().rows).toEqual([
      '| **Server** | ❔ cancelled; earlier: ZenML 0.98.0, was 0.94.1, on 2026-11-23 10:00 UTC |',
      '| **Backup** | ✅ 2.3 MB, read back, checksum equal, on 2026-11-23 10:00 UTC |',
      '| **Smoke suite** | ❔ cancelled; earlier: 3 passed, on 2026-11-23 10:05 UTC |',
      '| **Snapshots** | ✅ 2 rebuilt and run, 1 excluded, on 2026-11-23 10:10 UTC |',
    ])
  })

  it('about other content shows the upgrade that both have in common, and no older suite', async () => {
    place.git('switch', '--quiet', 'staging')
    place.push('staging', { 'pipelines.py': 'training = 2\n' }, 'Other content')
    const second = 'staging-2'
    place.start('staging')
    await place.record('staging', { id: second, entries: [] })
    await secondRun(
      upgrade(
        { ...LATER, code: 'already-at-target', attempt: second },
        { 'from-version': '0.98.0', backup: null, changed: false, checks: [], phases: [] },
      ),
    )
    expect(comment().rows).toEqual([
      '| **Server** | ✅ ZenML 0.98.0, was 0.94.1 until 2026-11-23 10:00 UTC |',
      '| **Backup** | ✅ 2.3 MB, read back, checksum equal, on 2026-11-23 10:00 UTC |',
    ])
  })
})
