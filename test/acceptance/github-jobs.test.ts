import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addActionsToken, ALL_PERMISSIONS } from '../../src/demo/fake-github/repositories.ts'
import type { RunJob } from '../../src/demo/fake-github/state.ts'
import { closeHttp } from '../../src/http/http.ts'
import type { Result } from '../../src/result/result.ts'
import { entriesOf, inAttempt, settled } from '../support/evidence.ts'
import { rowsOf } from '../support/github-rows.ts'
import { newestStatus } from '../support/promotion-status.ts'
import { team, type RunOptions, type Team, type TeamRun } from '../support/team.ts'
import { golden } from '../unit/report/golden.ts'
import { gate, GREEN_STAGING, snapshot, snapshots, upgrade } from '../unit/report/results.ts'

// What a person sees on GitHub of jobs that ended without leaving a result: the report of the
// bundle as its job runs it, with the results of the other jobs.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

type JobResult = 'success' | 'failure' | 'cancelled' | 'skipped'

/** The report of the newest run. */
function reported(
  jobs: Readonly<Record<string, JobResult>>,
  options: RunOptions = {},
): Promise<TeamRun> {
  const needs = Object.fromEntries(
    Object.entries(jobs).map(([id, result]) => [id, { result, outputs: {} }]),
  )
  return place.run(['report'], {
    ...options,
    env: { INPUT_JOBS: JSON.stringify(needs), ...options.env },
  })
}

/** What GitHub shows of a job of the newest run. */
function shown(name: string, conclusion: RunJob['conclusion'], step?: string): string {
  const run = place.repository.runs.at(-1)
  if (run === undefined) throw new Error('start a run first')
  const id = 700 + run.jobs.length
  run.jobs.push({
    id,
    name,
    status: 'completed',
    conclusion,
    startedAt: '2026-11-23T09:00:00Z',
    steps: [
      { name: 'Set up job', conclusion: 'success' },
      ...(step === undefined ? [] : [{ name: step, conclusion: conclusion }]),
      { name: 'Keep the report', conclusion: 'skipped' },
    ],
  })
  return `https://github.com/acme/ml/actions/runs/${run.id}/job/${id}`
}

const OPEN: Result = gate(
  {
    environment: 'production',
    code: 'gate-open',
    summary: 'staging is green for exactly this content at ZenML 0.98.0',
    minute: 29,
    attempt: null,
  },
  [],
)
const PRODUCTION: Result[] = [
  upgrade({
    environment: 'production',
    code: 'upgraded',
    summary: 'Upgraded from 0.94.1 to 0.98.0.',
    minute: 30,
  }),
  snapshots(
    { environment: 'production', code: 'snapshots-rebuilt', summary: 'Rebuilt.', minute: 40 },
    [snapshot('churn-daily', { status: 'rebuilt', 'executed-on': null })],
  ),
]

/** Staging is green, and the promotion was merged: a run of main is under way. */
async function merged(): Promise<void> {
  const pull = place.open('staging', 'main')
  place.start('staging')
  place.versions.staging = '0.98.0'
  await place.record('staging', { id: 'staging-1', entries: entriesOf(GREEN_STAGING) })
  place.merge(pull)
  place.start('main')
}
const theComment = (): string => {
  expect(place.repository.comments).toHaveLength(1)
  return settled(place.repository.comments[0]?.body ?? '')
}

describe("a job of production's upgrade", () => {
  it('that failed before its command began is told with its step and its page, and nothing is green', async () => {
    await merged()
    const url = shown('zenml / production / Upgrade', 'failure', 'Set up the cloud')
    const run = await reported(
      { stacks: 'success', upgrade: 'failure', snapshots: 'skipped' },
      { reports: await place.leave([OPEN]) },
    )
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: {
        'reason-code': 'reported',
        'flow-outcome': 'inconclusive',
        'flow-reason-code': 'job-failed',
        summary: expect.stringContaining(
          'the job "Upgrade" failed in its step "Set up the cloud" and left no result',
        ),
      },
    })
    expect(place.repository.comments[0]?.body).toContain(`[Open the job](${url})`)
    expect(run.summary).toContain(url)
    golden('github/job-failed-before-its-command.md', theComment())
  })

  it('that was lost with its runner is no longer shown as in progress', async () => {
    await merged()
    await place.record('production', { entries: [] })
    shown('production / Upgrade', 'failure')
    const run = await reported({ upgrade: 'failure' }, { reports: await place.leave([OPEN]) })
    expect(run.outputs).toMatchObject({ 'flow-reason-code': 'job-failed' })
    const attempt = rowsOf(place.repository, 'attempt').at(-1)
    expect(attempt?.statuses.map(({ state }) => state)).toEqual(['in_progress', 'error'])
  })

  it('that was cancelled is told as cancelled', async () => {
    await merged()
    shown('production / Upgrade', 'cancelled', 'Upgrade')
    const run = await reported({ upgrade: 'cancelled' }, { reports: await place.leave([OPEN]) })
    expect(run.outputs).toMatchObject({
      'flow-outcome': 'cancelled',
      'flow-reason-code': 'job-cancelled',
    })
    expect(theComment()).toContain('Production: job "Upgrade" was cancelled')
  })

  it('that failed is told although the job may not ask which one, with the page of the run', async () => {
    await merged()
    place.repository.private = true
    addActionsToken(
      place.state,
      'ghs_blind',
      place.repository,
      Object.fromEntries(Object.entries(ALL_PERMISSIONS).filter(([name]) => name !== 'actions')),
    )
    const run = await reported(
      { upgrade: 'failure' },
      { token: 'ghs_blind', reports: await place.leave([OPEN]) },
    )
    expect(run.outputs).toMatchObject({ 'flow-reason-code': 'job-failed' })
    expect(run.log).toContain('the jobs of this run could not be read')
    expect(run.summary).toContain('"actions: read"')
    expect(theComment()).toContain('the job "Upgrade" failed and left no result')
  })

  it('of an old commit is told too, and writes over nothing', async () => {
    await merged()
    const old = place.repository.runs.at(-1)
    shown('production / Upgrade', 'failure', 'Set up the cloud')
    place.push('main', { 'README.md': 'x\n' })
    const run = await reported(
      { upgrade: 'failure' },
      { reports: await place.leave([OPEN]), ...(old === undefined ? {} : { run: old }) },
    )
    expect(run.outputs).toMatchObject({ 'flow-reason-code': 'job-failed' })
    expect(place.repository.comments).toEqual([])
  })

  it('that ended well is read from the record where its artifact is missing, with a warning', async () => {
    await merged()
    place.versions.production = '0.98.0'
    await place.record('production', { id: 'production-1', entries: entriesOf(PRODUCTION) })
    const run = await reported(
      { upgrade: 'success', snapshots: 'success' },
      { reports: await place.leave([OPEN]) },
    )
    expect(run.outputs).toMatchObject({
      'flow-outcome': 'success',
      'flow-reason-code': 'snapshots-rebuilt',
    })
    expect(run.summary).toContain('the result of the job "Upgrade" was not among the result files')
  })

  it('that ended well is no success where neither an artifact nor the record tells of it', async () => {
    await merged()
    const run = await reported(
      { upgrade: 'success', snapshots: 'success' },
      { reports: await place.leave([OPEN]) },
    )
    expect(run.outputs).toMatchObject({
      'flow-outcome': 'inconclusive',
      'flow-reason-code': 'incomplete',
    })
    expect(theComment()).not.toContain('Merge staging into main')
  })
})

it('an approval that was rejected holds production, and the comment names who and why', async () => {
  await merged()
  shown('zenml / gate / Approve', 'failure')
  place.repository.runs.at(-1)?.approvals.push({
    state: 'rejected',
    user: 'octocat',
    comment: 'Not on a **Friday**.',
    environment: 'zenml-production',
  })
  const run = await reported(
    { staging: 'success', gate: 'success', approve: 'failure' },
    { reports: await place.leave([OPEN]) },
  )
  expect(run.outputs).toMatchObject({
    'flow-outcome': 'held',
    'flow-reason-code': 'approval-rejected',
  })
  golden('github/approval-rejected.md', theComment())
})

describe("a job of staging's run", () => {
  it('that failed without a result is the status of the commit, with its page', async () => {
    place.open('staging', 'main')
    place.start('staging')
    const url = shown('staging / Upgrade', 'failure', 'Read the dotenv secret')
    const run = await reported(
      { propose: 'success', upgrade: 'failure', smoke: 'skipped', snapshots: 'skipped' },
      { reports: await place.leave([]) },
    )
    expect(run.outputs).toMatchObject({ 'flow-reason-code': 'job-failed' })
    expect(newestStatus(place)).toMatchObject({
      state: 'failure',
      description:
        'The job "Upgrade" failed in its step "Read the dotenv secret" and left no result',
    })
    expect(place.repository.statuses.at(-1)?.targetUrl).toBe(url)
  })

  it('that failed takes nothing from a record that is green for this content', async () => {
    place.open('staging', 'main')
    place.start('staging')
    place.versions.staging = '0.98.0'
    await place.record('staging', { id: 'staging-1', entries: entriesOf(GREEN_STAGING) })
    shown('staging / Upgrade', 'failure', 'Set up the cloud')
    const run = await reported({ upgrade: 'failure' }, { reports: await place.leave([]) })
    expect(run.outputs).toMatchObject({ 'flow-reason-code': 'job-failed' })
    expect(newestStatus(place)).toMatchObject({ state: 'success' })
  })

  it('that only opens the promotion does not decide about staging', async () => {
    place.open('staging', 'main')
    place.start('staging')
    place.versions.staging = '0.98.0'
    await place.record('staging', { id: 'staging-1', entries: entriesOf(GREEN_STAGING) })
    shown('staging / Open the promotion', 'failure', 'Run actions/checkout')
    const run = await reported(
      { propose: 'failure', upgrade: 'success', smoke: 'success', snapshots: 'success' },
      { reports: await place.leave(inAttempt('staging-1', GREEN_STAGING)) },
    )
    expect(run.outputs).toMatchObject({ 'flow-outcome': 'success' })
    expect(theComment()).toContain('⚠️ Staging · Job: Open the promotion')
  })
})

it('the jobs of this run that are no JSON of GitHub are refused before anything is asked', async () => {
  place.start('staging')
  for (const jobs of ['{', '[]', '{"upgrade":{"result":"maybe"}}']) {
    const run = await place.run(['report'], { env: { INPUT_JOBS: jobs } })
    expect(run).toMatchObject({
      exitCode: 2,
      outputs: { 'reason-code': 'invalid-input', summary: expect.stringContaining('input jobs') },
    })
  }
  expect(place.fake.requests).toEqual([])
})

it('a job without outputs may have null in their place', async () => {
  place.start('staging')
  const run = await place.run(['report'], {
    env: { INPUT_JOBS: '{"smoke":{"result":"skipped","outputs":null}}' },
  })
  expect(run.outputs).toMatchObject({ 'reason-code': 'reported' })
})

it('a repository whose branches have other names is told by those', async () => {
  place.git('branch', 'master', 'main')
  place.git('branch', 'develop', 'staging')
  place.publish('master')
  place.publish('develop')
  place.open('develop', 'master')
  place.checkout('develop')
  place.start('develop')
  place.versions.staging = '0.98.0'
  await place.record('staging', { id: 'staging-1', entries: entriesOf(GREEN_STAGING) })
  const run = await reported(
    { upgrade: 'success', smoke: 'success', snapshots: 'success' },
    {
      reports: await place.leave(inAttempt('staging-1', GREEN_STAGING)),
      env: { INPUT_HEAD: 'develop', INPUT_BASE: 'master' },
    },
  )
  expect(run.outputs).toMatchObject({ 'flow-outcome': 'success' })
  expect(theComment()).toContain('Merge develop into master; that upgrades production.')
  expect(run.log).toContain('Merge develop into master')
})
