import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { makeSuite, type ActRun, type Suite } from '../support/act.ts'
import { NEW, OLD } from '../support/environments.ts'
import { teamPlace, type Team } from '../support/team-place.ts'

// The whole way with nothing in place of anything of ours: pushes on both branches, the committed
// bundle, two real servers. One story, told in order.

jest.setTimeout(300_000)

let suite: Suite
let team: Team
beforeAll(async () => {
  suite = await makeSuite()
  team = await teamPlace(suite)
})
afterAll(async () => {
  await team.close()
  await suite.remove()
})

const ALL_OLD = { report: OLD, scoring: OLD, training: OLD }
const ALL_NEW = { report: NEW, scoring: NEW, training: NEW }
const pulls = () => team.repository.pulls
const status = () =>
  team.repository.statuses
    .filter(
      ({ sha, context }) =>
        sha === team.repository.branches['staging'] && context === 'zenml-upgrade/promotion',
    )
    .at(-1)
/** The one comment of a pull request, as text of its rows. */
function comment(number: number): string {
  const found = team.repository.comments.filter(({ issue }) => issue === number)
  expect(found.map(({ user }) => user)).toEqual(['github-actions[bot]'])
  return found[0]?.body ?? ''
}
const row = (body: string, name: string) =>
  body
    .split('\n')
    .find((line) => line.startsWith(`| **${name}**`))
    ?.split('|')
    .slice(2, -1)
    .map((cell) => cell.trim())

/**
 * What GitHub was asked since it was looked at last, as "GET /repos/{owner}/{repo}/deployments".
 */
function requests(): string[] {
  const all = team.github.requests.map(({ method, route }) => `${method} ${route ?? '?'}`)
  const fresh = all.slice(seen)
  seen = all.length
  return fresh
}
let seen = 0

/**
 * What the job of the snapshots asks: the tip of the branch, the record and the lock, and one more
 * line in the record with its state.
 */
const SNAPSHOTS_JOB = [
  'GET /repos/{owner}/{repo}/branches/{branch}',
  'GET /repos/{owner}/{repo}/deployments',
  'GET /repos/{owner}/{repo}/deployments',
  'POST /repos/{owner}/{repo}/deployments',
  'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
]

/** With the log when the jobs ended otherwise. */
function expectJobs(run: ActRun, jobs: ActRun['jobs']): void {
  if (
    JSON.stringify(Object.entries(run.jobs).sort()) !== JSON.stringify(Object.entries(jobs).sort())
  )
    console.error(run.log)
  expect(run.jobs).toEqual(jobs)
}

describe('a team with two servers of the old version', () => {
  it('pushes the new version on staging, with a test that fails: staging is upgraded, and red', async () => {
    expect(await team.snapshots('staging')).toEqual(ALL_OLD)
    const run = await team.push(
      'staging',
      {
        'zenml-upgrade.yml': team.config(NEW),
        'tests/smoke/test_red.py': 'def test_that_fails():\n    assert "staging" == "fine"\n',
      },
      `ZenML ${NEW}`,
    )
    expectJobs(run, {
      propose: 'success',
      'plan-snapshots': 'success',
      upgrade: 'success',
      smoke: 'failure',
      report: 'success',
    })
    expect([await team.version('staging'), await team.version('production')]).toEqual([NEW, OLD])
    expect(pulls()).toMatchObject([
      { number: 1, state: 'open', head: { ref: 'staging' }, base: { ref: 'main' } },
    ])
    expect(row(comment(1), 'Smoke suite')).toEqual([expect.stringMatching(/^❌ .*1/)])
    expect(comment(1)).toContain('test_that_fails')
    expect(status()).toMatchObject({ state: 'failure' })
    expect([...requests(), ...SNAPSHOTS_JOB].length).toBeLessThanOrEqual(50)
  })

  it('merges all the same: the gate is closed, and production is as it was', async () => {
    const run = await team.merge(1)
    expectJobs(run, { staging: 'success', gate: 'failure', report: 'success' })
    expect(await team.version('production')).toBe(OLD)
    expect(await team.snapshots('production')).toEqual(ALL_OLD)
  })

  it('takes the test out on staging: the suite passes, and every snapshot is rebuilt and has run', async () => {
    requests()
    const run = await team.push(
      'staging',
      { 'tests/smoke/test_red.py': null },
      'The test was wrong',
    )
    expectJobs(run, {
      propose: 'success',
      'plan-snapshots': 'success',
      upgrade: 'success',
      smoke: 'success',
      'snapshots 1/1': 'success',
      report: 'success',
    })
    expect(await team.snapshots('staging')).toEqual(ALL_NEW)
    expect(pulls()[1]).toMatchObject({ number: 2, state: 'open' })
    expect(status()).toMatchObject({ state: 'success' })
    expect(requests().length).toBeLessThanOrEqual(50)
  })

  it('sees in the pull request what the merge would do, and that it may', async () => {
    const run = await team.reopen(2)
    expectJobs(run, { plan: 'success' })
    expect(comment(2)).toContain('Plan for production')
    expect(row(comment(2), 'Snapshots')).toEqual([expect.stringMatching(/^✅/)])
    expect(status()).toMatchObject({ state: 'success' })
  })

  it('merges that: production follows, and one comment tells of both', async () => {
    const run = await team.merge(2)
    expectJobs(run, {
      staging: 'success',
      gate: 'success',
      approve: 'success',
      stacks: 'success',
      'plan-snapshots': 'success',
      upgrade: 'success',
      'snapshots 1/1': 'success',
      report: 'success',
    })
    expect(await team.version('production')).toBe(NEW)
    expect(await team.snapshots('production')).toEqual(ALL_NEW)
    const body = comment(2)
    expect(body).toContain(`### ✅ Staging and production: green on ZenML ${NEW}`)
    for (const name of ['Server', 'Snapshots'])
      expect([name, row(body, name)]).toEqual([
        name,
        [expect.stringMatching(/^✅/), expect.stringMatching(/^✅/)],
      ])
    expect(row(body, 'Stack parity')).toEqual(['', expect.stringMatching(/^✅/)])
    // The last push on staging found the server upgraded: the backup is that of the first one.
    expect(row(body, 'Backup')).toEqual([
      expect.stringMatching(/^✅ .*, on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
      expect.stringMatching(/^✅ [^,]*, read back, checksum equal$/),
    ])
  })
})
