import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { closeHttp } from '../../src/zenml/http.ts'
import { team, type Team } from '../support/team.ts'

// The bundle as a job runs it, with the record on GitHub. The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => { place = await team() })
afterEach(async () => { await closeHttp(); await place.close() })

const GATE = ['promote', '--environment', 'production', '--step', 'gate']

/** Staging was upgraded and everything was done in it. */
async function greenStaging(): Promise<void> {
  place.start('staging')
  await place.record('staging')
  place.versions.staging = '0.98.0'
}

describe('the gate on GitHub', () => {
  it.each(['merge', 'squash', 'rebase'] as const)('is open for what staging was tested with, merged by %s', async (method) => {
    await greenStaging()
    place.merge(place.open('staging', 'main'), method)
    place.start('main')
    const run = await place.run(GATE)
    expect(run.log).toContain('gate-open')
    expect(run.outputs).toMatchObject({ outcome: 'success', 'reason-code': 'gate-open', gate: 'open', reasons: '[]' })
  })

  it('is closed for a hotfix that staging never saw', async () => {
    await greenStaging()
    place.checkout('main')
    place.push('main', { 'hotfix.py': 'x\n', 'zenml-upgrade.yml': place.config() })
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject({ outcome: 'held', 'reason-code': 'staging-not-green', gate: 'closed' })
  })
})
