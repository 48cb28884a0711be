import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals'
import { person } from '../../src/demo/fake-github/actor.ts'
import { openPull } from '../../src/demo/fake-github/pulls.ts'
import {
  addActionsToken,
  ALL_PERMISSIONS,
  forkRepository,
  READ_ONLY,
} from '../../src/demo/fake-github/repositories.ts'
import { closeHttp } from '../../src/http/http.ts'
import { makeSuite, type Suite } from '../support/act.ts'
import { entriesOf } from '../support/evidence.ts'
import { actRow, reportRow } from '../support/event-rows.ts'
import { runTeam, type FlowRun, type EndedRun } from '../support/team-flow.ts'
import { team, type Team } from '../support/team.ts'
import { EXAMPLES, read } from '../support/workflow-files.ts'
import { golden } from '../unit/report/golden.ts'
import { gate, GREEN_STAGING } from '../unit/report/results.ts'

// What a person sees of each event while something is missing: the users' workflow file by act, the
// bundle, GitHub, and two servers that say which ZenML they are. The rows are one file.

jest.setTimeout(120_000)

const KEY = 'ZENKEY_not-a-real-key'
const KEYS = { ZENML_STAGING_API_KEY: KEY, ZENML_PRODUCTION_API_KEY: KEY }
const WORKFLOW = '.github/workflows/zenml-upgrade.yml'
const SETUP = '.github/actions/zenml-upgrade-setup/action.yml'
const GREEN = {
  propose: 'success',
  'plan-snapshots': 'success',
  upgrade: 'success',
  smoke: 'success',
  'snapshots 1/1': 'success',
  report: 'success',
}
const STOPPED = {
  propose: 'success',
  'plan-snapshots': 'failure',
  upgrade: 'failure',
  report: 'success',
}

const OPEN = gate(
  {
    environment: 'production',
    code: 'gate-open',
    summary: 'staging is green for exactly this content at ZenML 0.98.0',
    minute: 29,
    attempt: null,
  },
  [],
)

const rows: string[] = []
let suite: Suite
let place: Team
beforeAll(async () => {
  suite = await makeSuite()
})
afterEach(() => place.close())
afterAll(async () => {
  await closeHttp()
  await suite.remove()
})

interface Ready {
  /** Joins what is pushed on staging: the workflow, and a file without a smoke suite. */
  readonly files?: Readonly<Record<string, string>>
  readonly workflow?: string
}

/** A team whose staging server is at the target, and whose promotion is open. */
async function ready({ files = {}, workflow = read(EXAMPLES[0]) }: Ready = {}): Promise<void> {
  place = await team({ key: KEY })
  place.git('remote', 'add', 'origin', 'https://github.com/acme/ml.git')
  place.versions.staging = '0.98.0'
  place.push('staging', {
    'zenml-upgrade.yml': place.config().replace(/^smoke: .*\n/m, ''),
    [WORKFLOW]: workflow,
    ...files,
  })
}

async function row(title: string, options: FlowRun): Promise<EndedRun> {
  const ended = await runTeam(suite, place, options)
  rows.push(await actRow(title, place, ended))
  if (process.env['EVENT_LOG'] !== undefined) console.log(ended.act.log)
  return ended
}

it('a push without the API key names the secret; a re-run shows what its own attempt found', async () => {
  await ready()
  place.open('staging', 'main')
  const first = await row('No secret: the API key of staging is missing', { branch: 'staging' })
  expect(first.act.jobs).toEqual(STOPPED)
  const second = await row(
    'Result missing: attempt 2 ends before its command, and attempt 1 left a result',
    {
      branch: 'staging',
      secrets: { ...KEYS, ZENML_STAGING_ENV: 'no name and no value' },
      again: first,
    },
  )
  expect(second.act.jobs).toEqual({ ...STOPPED, 'plan-snapshots': 'success' })
  const third = await row('Re-run of failed jobs: with the artifacts of attempts 1 and 2', {
    branch: 'staging',
    secrets: KEYS,
    again: second,
  })
  expect(third.act.jobs).toEqual(GREEN)
})

it('a push with a key that the server refuses names the secret', async () => {
  await ready()
  place.open('staging', 'main')
  const { act } = await row('Wrong secret: the server answers 401', {
    branch: 'staging',
    secrets: { ...KEYS, ZENML_STAGING_API_KEY: 'ZENKEY_of-another-server' },
  })
  expect(act.jobs).toEqual(STOPPED)
})

it('a setup action that fails is named with its step, from the one artifact that there is', async () => {
  await ready({
    files: {
      [SETUP]:
        'name: x\ndescription: x\nruns: { using: composite, steps: [{ run: exit 1, shell: bash }] }\n',
    },
  })
  place.open('staging', 'main')
  const { act } = await row('The setup action fails: one artifact', {
    branch: 'staging',
    secrets: KEYS,
  })
  expect(act.jobs).toEqual(STOPPED)
})

it('an artifact that cannot be downloaded is read from the record', async () => {
  await ready()
  place.open('staging', 'main')
  const { act } = await row('An artifact cannot be downloaded', {
    branch: 'staging',
    secrets: KEYS,
    lost: 'zenml-upgrade-staging-upgrade-workspace-1',
  })
  expect(act.jobs).toEqual(GREEN)
})

it('a first push on main before any push on staging is held, and names what is missing', async () => {
  await ready()
  place.merge(place.open('staging', 'main'))
  const { act } = await row(
    'The first push on main, before any on staging: one artifact in the gate',
    {
      branch: 'main',
      secrets: KEYS,
    },
  )
  expect(act.jobs).toEqual({ staging: 'success', gate: 'failure', report: 'success' })
})

it('branches of other names are named in the comment', async () => {
  await ready({
    workflow: read(EXAMPLES[0])
      .replaceAll('[staging, main]', '[develop, master]')
      .replace('    secrets:', '    with: { head: develop, base: master }\n    secrets:'),
  })
  place.git('branch', 'master', 'main')
  place.git('branch', 'develop', 'staging')
  place.publish('master')
  place.publish('develop')
  for (const branch of ['main', 'staging'])
    Reflect.deleteProperty(place.repository.branches, branch)
  place.repository.defaultBranch = 'master'
  place.open('develop', 'master')
  place.checkout('develop')
  const { act } = await row('The default branch is master: a push on develop', {
    branch: 'develop',
    secrets: KEYS,
  })
  expect(act.jobs).toEqual(GREEN)
})

it('a pull request of a fork, whose token only reads, is planned in the summary of its job', async () => {
  await ready()
  const fork = forkRepository(place.state, place.repository, 'mallory')
  const { number } = openPull(place.state, place.repository, {
    head: 'mallory:staging',
    base: 'main',
    title: 'ZenML 0.98.0',
    actor: person('mallory'),
  })
  addActionsToken(place.state, 'ghs_fork', place.repository, READ_ONLY)
  const pull = place.repository.pulls.find((each) => each.number === number)
  if (pull === undefined) throw new Error('no pull request')
  const { act } = await row('A pull request of a fork', {
    branch: 'staging',
    event: 'pull_request',
    pull,
    token: 'ghs_fork',
    actor: fork.owner,
  })
  expect(act.jobs).toEqual({ plan: 'success' })
})

it('a pull request of Dependabot whose job may write is planned in its comment', async () => {
  await ready()
  const branch = 'dependabot/pip/zenml-0.98.0'
  place.git('branch', branch, 'staging')
  place.push(branch, { 'requirements.txt': 'zenml==0.98.0\n' })
  const pull = place.open(branch, 'staging')
  pull.user = 'dependabot[bot]'
  addActionsToken(place.state, 'ghs_dependabot', place.repository, ALL_PERMISSIONS)
  const { act } = await row('A pull request of Dependabot', {
    branch,
    event: 'pull_request',
    pull,
    token: 'ghs_dependabot',
    actor: 'dependabot[bot]',
  })
  expect(act.jobs).toEqual({ plan: 'success' })
})

it('two configuration files have a status and a comment each', async () => {
  const other = 'teams/b.yml'
  const text = read(EXAMPLES[0])
  const job = text.slice(text.indexOf('  zenml-upgrade:\n'))
  await ready({
    workflow: `${text}${job.replace('  zenml-upgrade:', '  team-b:').replace('    secrets:', `    with: { config: ${other} }\n    secrets:`)}`,
  })
  place.push('staging', { [other]: place.config().replace(/^smoke: .*\n/m, '') })
  place.open('staging', 'main')
  await row('Two configuration files', { branch: 'staging', secrets: KEYS })
})

const SKIPPED = { snapshots: 'skipped' } as const

it.each([
  [
    'Approval rejected: the job Approve failed',
    { staging: 'success', gate: 'success', approve: 'failure' },
    ['Approve', 'failure', 'octocat'],
  ],
  [
    "Cancelled: the job of production's upgrade was cancelled",
    { stacks: 'success', upgrade: 'cancelled', ...SKIPPED },
    ['Upgrade', 'cancelled', undefined],
  ],
] as const)('%s: act cannot show that', async (title, jobs, [name, conclusion, rejectedBy]) => {
  place = await team()
  const pull = place.open('staging', 'main')
  place.start('staging')
  place.versions.staging = '0.98.0'
  await place.record('staging', { id: 'staging-1', entries: entriesOf(GREEN_STAGING) })
  place.merge(pull)
  const run = place.start('main')
  run.jobs.push({ id: 700, name: `zenml / Production / ${name}`, status: 'completed', conclusion })
  if (rejectedBy !== undefined)
    run.approvals.push({
      state: 'rejected',
      user: rejectedBy,
      comment: 'Not on a Friday.',
      environment: 'zenml-production-approval',
    })
  rows.push(await reportRow(title, place, jobs, [OPEN]))
})

it('is one table that a person reads', () => {
  golden('workflow/events.md', rows.join('\n'))
})
