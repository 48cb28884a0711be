import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { secondaryRateLimit, serverError } from '../../src/demo/fake-github/faults.ts'
import type { Fault } from '../../src/demo/fake-github/state.ts'
import { closeHttp } from '../../src/http/http.ts'
import { entriesOf, inAttempt } from '../support/evidence.ts'
import { newestStatus } from '../support/promotion-status.ts'
import { kindOf, rowsOf } from '../support/github-rows.ts'
import { team, type Team } from '../support/team.ts'
import { GREEN_STAGING } from '../unit/report/results.ts'

// What GitHub does wrong, at each kind of write. The work that was done stands, nothing is there
// twice, and what was not told is named.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const STATUS = '/repos/{owner}/{repo}/statuses/{sha}'
const COMMENTS = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
const STATE = '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
const DEPLOYMENTS = '/repos/{owner}/{repo}/deployments'
const PULLS = '/repos/{owner}/{repo}/pulls'
type Answer = NonNullable<Fault['answer']>
const refusal = (status: number): Answer => ({ status, body: { message: 'No.' } })

async function reports(): Promise<string> {
  place.start('staging')
  place.versions.staging = '0.98.0'
  await place.record('staging', { id: 'staging-1', entries: entriesOf(GREEN_STAGING) })
  place.open('staging', 'main')
  return place.leave(inAttempt('staging-1', GREEN_STAGING))
}
/** Runs the report; what was recorded before it meets no fault. */
const report = async () => {
  const faults = place.state.faults.splice(0)
  const directory = await reports()
  place.state.faults.push(...faults)
  const run = await place.run(['report'], { reports: directory })
  const warnings =
    (run.result?.command === 'report' ? run.result.details?.warnings : undefined) ?? []
  expect(run).toMatchObject({
    exitCode: 0,
    outputs: {
      outcome: 'success',
      'reason-code': 'reported',
      'flow-outcome': 'success',
      'flow-reason-code': 'snapshots-executed',
    },
  })
  return { ...run, warnings }
}
/** How often each thing was made. */
const made = () => ({
  comments: place.repository.comments.length,
  statuses: place.repository.statuses.length,
  states: rowsOf(place.repository, 'attempt')
    .flatMap(({ statuses }) => statuses)
    .filter(({ state }) => state !== 'in_progress').length,
})
const everywhere = (answer: Answer, more: Partial<Fault> = {}): Fault[] =>
  [STATUS, COMMENTS, STATE].map((route) => ({ method: 'POST', route, answer, ...more }))

describe('the report', () => {
  it.each([
    [403, 'Give the job the permission'],
    [404, 'Give the job the permission'],
    [409, 'Read what GitHub says'],
    [422, 'Read what GitHub says'],
  ])('names each thing that GitHub answered with %d', async (status, next) => {
    place.state.faults.push(...everywhere(refusal(status), { times: null }))
    const { warnings, summary, outputs } = await report()
    expect(warnings.map((warning) => /^[^:]*/.exec(warning)?.[0])).toEqual([
      'the state of attempt staging-1 was not written',
      expect.stringMatching(
        /^the status zenml-upgrade\/promotion of commit [0-9a-f]{8} was not written$/,
      ),
      'the comment on pull request #1 was not written',
    ])
    for (const warning of warnings) expect(warning).toContain(next)
    expect(summary).toContain('1 was not written: GitHub')
    expect(outputs['summary']).toContain('was not written')
    expect(made()).toEqual({ comments: 0, statuses: 0, states: 0 })
  })

  it('waits where GitHub asks for it, and everything is there once', async () => {
    const [limited, busy] = [
      secondaryRateLimit({ status: 429, retryAfter: 1 }),
      secondaryRateLimit({ retryAfter: 1 }),
    ]
    place.state.faults.push(
      { method: 'POST', route: STATE, answer: limited },
      { method: 'POST', route: STATUS, answer: busy },
      { method: 'POST', route: COMMENTS, answer: limited },
    )
    expect((await report()).warnings).toEqual([])
    expect(made()).toEqual({ comments: 1, statuses: 1, states: 1 })
  })

  it('does not wait for longer than a job has patience', async () => {
    place.state.faults.push(...everywhere(secondaryRateLimit({ status: 429, retryAfter: 3600 })))
    const { warnings } = await report()
    expect(warnings).toHaveLength(3)
    for (const warning of warnings) expect(warning).toContain('Run this again in 60 minutes.')
  })

  it.each([
    ['answered with 500', serverError(500)],
    ['answered with 502', serverError(502)],
    ['cut off', 'cut' as const],
  ])('writes the comment once when the request was carried out and %s', async (_how, answer) => {
    place.state.faults.push(...everywhere(answer, { taken: true }))
    const { warnings } = await report()
    // What a status or a state says is the same when it is there; that it may be missing is told.
    expect(warnings.every((warning) => !warning.includes('comment'))).toBe(true)
    expect(made()).toEqual({ comments: 1, statuses: 1, states: 1 })
    expect(newestStatus(place)).toMatchObject({ state: 'success' })
  })

  it('is made from the result files where the record cannot be read', async () => {
    const directory = await reports()
    place.state.faults.push({
      method: 'GET',
      route: DEPLOYMENTS,
      times: null,
      answer: refusal(403),
    })
    const run = await place.run(['report'], { reports: directory })
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'success', 'flow-reason-code': 'snapshots-executed' },
    })
    expect(run.summary).toContain('the record could not be read')
    expect(run.summary).toContain('deployments: read')
    expect(run.summary).toContain('Staging: green on ZenML 0.98.0')
  })

  it('goes on where the tip of its branch cannot be asked for', async () => {
    place.state.faults.push({
      method: 'GET',
      route: '/repos/{owner}/{repo}/branches/{branch}',
      times: null,
      answer: refusal(403),
    })
    // The open promotion tells the tip.
    expect((await report()).warnings).toEqual([])
    expect(made()).toEqual({ comments: 1, statuses: 1, states: 1 })
  })

  it('goes on where neither the tip of its branch nor the open promotion can be asked for', async () => {
    place.state.faults.push(
      {
        method: 'GET',
        route: '/repos/{owner}/{repo}/branches/{branch}',
        times: null,
        answer: refusal(403),
      },
      { method: 'GET', route: PULLS, times: null, answer: refusal(403) },
    )
    expect((await report()).warnings).toEqual([
      expect.stringContaining('"pull-requests: read"'),
      expect.stringContaining('"contents: read"'),
    ])
    expect(made()).toEqual({ comments: 0, statuses: 1, states: 1 })
  })

  it('says that no pull request could be looked for', async () => {
    place.state.faults.push({ method: 'GET', route: PULLS, times: null, answer: refusal(403) })
    const { warnings } = await report()
    expect(warnings).toEqual([
      expect.stringContaining('the pull request of this run was not found'),
    ])
    expect(made()).toEqual({ comments: 0, statuses: 1, states: 1 })
  })
})

describe('a record', () => {
  const rows = () => place.repository.deployments.map(kindOf)
  /** The server is at the target, so that the first command only begins an attempt. */
  const upgrade = async () => {
    place.start('staging')
    place.versions.staging = '0.98.0'
    return place.run(['upgrade-workspace', '--environment', 'staging'])
  }

  it.each([
    ['cut off', 'cut' as const],
    ['answered with 502', serverError(502)],
  ])('is there once when its making was %s, taken or not', async (_how, answer) => {
    place.state.faults.push({ method: 'POST', route: DEPLOYMENTS, taken: true, answer })
    expect((await upgrade()).outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'already-at-target',
    })
    expect(rows()).toEqual(['attempt'])
    place.repository.deployments = []
    place.state.faults.push({ method: 'POST', route: DEPLOYMENTS, taken: false, answer })
    expect((await upgrade()).outputs).toMatchObject({ 'reason-code': 'already-at-target' })
    expect(rows()).toEqual(['attempt'])
  })

  it.each([403, 404, 409, 422])('that GitHub answers with %d begins nothing', async (status) => {
    place.state.faults.push({
      method: 'POST',
      route: DEPLOYMENTS,
      times: null,
      answer: refusal(status),
    })
    const run = await upgrade()
    expect(run).toMatchObject({
      exitCode: 4,
      outputs: {
        outcome: 'inconclusive',
        'reason-code': 'github-unreachable',
        summary: expect.stringContaining(`(${status}) for POST /repos/{owner}/{repo}/deployments`),
      },
    })
    if (status === 403) expect(run.result?.next).toContain('"deployments: write"')
    expect(rows()).toEqual([])
  })

  it('that cannot be written does not take away what a command found out', async () => {
    place.start('staging')
    place.versions.staging = '0.98.0'
    place.state.faults.push({
      method: 'POST',
      route: DEPLOYMENTS,
      times: null,
      answer: refusal(403),
    })
    const run = await place.run(['rebuild-snapshots', '--environment', 'staging', '--mode', 'all'])
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'noop', 'reason-code': 'nothing-to-rebuild', discovered: '0' },
    })
    expect(run.log).toContain('what was found out is not in the record')
    expect(run.log).toContain('deployments: write')
  })
})

describe('the promotion', () => {
  const propose = async () => {
    place.start('staging')
    return place.run(['promote', '--environment', 'staging', '--step', 'propose'])
  }
  const open = () => place.repository.pulls.filter(({ state }) => state === 'open').length

  it.each([
    ['cut off', 'cut' as const, true],
    ['cut off', 'cut' as const, false],
    ['answered with 500', serverError(500), true],
    ['answered with 502', serverError(502), false],
    ['limited', secondaryRateLimit({ status: 429, retryAfter: 1 }), false],
  ])('is open once when its opening was %s (%#)', async (_how, answer, taken) => {
    place.state.faults.push({ method: 'POST', route: PULLS, taken, answer })
    expect((await propose()).outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'proposed',
      'pull-request': '1',
    })
    expect(open()).toBe(1)
  })

  it.each([
    [403, 'held', 'proposal-forbidden'],
    [404, 'inconclusive', 'github-unreachable'],
    [409, 'inconclusive', 'github-unreachable'],
    [422, 'inconclusive', 'github-unreachable'],
  ])('ends with what GitHub said, answered with %d', async (status, outcome, code) => {
    place.state.faults.push({ method: 'POST', route: PULLS, times: null, answer: refusal(status) })
    expect((await propose()).outputs).toMatchObject({ outcome, 'reason-code': code })
    expect(open()).toBe(0)
  })
})
