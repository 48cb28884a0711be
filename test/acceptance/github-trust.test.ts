import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { GITHUB_ACTIONS } from '../../src/demo/fake-github/actor.ts'
import { addDeployment } from '../../src/demo/fake-github/deployments.ts'
import { addActionsToken, ALL_PERMISSIONS } from '../../src/demo/fake-github/repositories.ts'
import type { Attempt, Entry } from '../../src/state/attempt.ts'
import { closeHttp } from '../../src/http/http.ts'
import {
  httpServer,
  silence,
  type HttpTestServer,
  type Reply,
  type Trick,
} from '../support/http-server.ts'
import { newestStatus } from '../support/promotion-status.ts'
import { rowsOf } from '../support/github-rows.ts'
import { team, type Team } from '../support/team.ts'

// What a run believes, whom it asks and where it stops: the bundle as a job runs it, with the
// record on GitHub.
jest.setTimeout(60_000)

let place: Team
const servers: HttpTestServer[] = []
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await Promise.all(servers.splice(0).map((server) => server.close()))
  await place.close()
})

const GATE = ['promote', '--environment', 'production', '--step', 'gate']
const UPGRADE = ['upgrade-workspace', '--environment', 'staging']
const BEGUN: Entry[] = [
  { kind: 'phase', at: '2026-01-01T00:00:00.000Z', phase: 'deploy', state: 'started' },
]
const OPEN = { outcome: 'success', 'reason-code': 'gate-open', gate: 'open' }
const NOT_GREEN = { outcome: 'held', 'reason-code': 'staging-not-green', gate: 'closed' }

async function serve(handle: () => Reply | Trick): Promise<HttpTestServer> {
  const server = await httpServer(handle)
  servers.push(server)
  return server
}
async function greenStaging(): Promise<void> {
  place.start('staging')
  await place.record('staging')
  place.versions.staging = '0.98.0'
}
function promoted(): void {
  place.merge(place.open('staging', 'main'))
  place.start('main')
}
/** What the file calls the address of an environment. */
function addressOf(environment: 'staging' | 'production'): string {
  return new RegExp(`${environment}: { server: "([^"]+)"`).exec(place.config())?.[1] ?? ''
}

describe('a plan', () => {
  it('runs nothing that the pull request brings', async () => {
    place.checkout('staging')
    const taken =
      "import os\nopen(os.environ['TMPDIR'] + '/../taken', 'w').write('x')\nopen('taken', 'w').write('x')\n"
    place.push('staging', {
      'pip.py': taken,
      'pip/__init__.py': taken,
      'pip/__main__.py': taken,
      'sitecustomize.py': taken,
      'usercustomize.py': taken,
    })
    const pull = place.open('staging', 'main')
    place.start('staging', 'pull_request')
    place.checkoutMerge(pull)
    // Without a configured index pip is asked for one.
    const { outputs } = await place.run(['plan'], {
      pull,
      env: Object.fromEntries(
        [
          'UV_DEFAULT_INDEX',
          'UV_INDEX_URL',
          'UV_INDEX',
          'UV_EXTRA_INDEX_URL',
          'PIP_INDEX_URL',
          'PIP_EXTRA_INDEX_URL',
        ].map((name) => [name, '']),
      ),
    })
    expect(outputs['outcome']).not.toBe('')
    expect(place.git('status', '--porcelain')).toBe('')
  })
})

describe('a record', () => {
  it('of a run that a tag of the name of the branch started does not count', async () => {
    // The same content but for a workflow, and so the same digest.
    place.git('switch', '--quiet', '--create', 'mallory', 'staging')
    const commit = place.push('mallory', { '.github/workflows/zenml-upgrade.yml': 'on: push\n' })
    const run = place.start('staging', 'push', { headSha: commit })
    await place.record('staging')
    place.versions.staging = '0.98.0'
    promoted()
    const asked = await place.run(GATE)
    expect(asked.outputs).toMatchObject({
      ...NOT_GREEN,
      summary: expect.stringContaining('no upgrade of staging is recorded'),
    })
    expect(asked.log).toContain(`commit ${commit} of run ${run.id}.1 is not on the branch staging`)
  })

  it('of an earlier commit of the branch counts', async () => {
    await greenStaging()
    place.push('staging', { '.github/CODEOWNERS': '* @octocat\n' })
    promoted()
    expect((await place.run(GATE)).outputs).toMatchObject(OPEN)
  })

  it('with a line that cannot be read is not green, and the line of another branch changes nothing', async () => {
    await greenStaging()
    const [row] = place.repository.deployments
    const { id, attempt } = row?.payload as { id: string; attempt: string }
    const line = (by: string, ref: string) => {
      addDeployment(place.state, place.repository, {
        ref,
        environment: 'zenml-upgrade-journal',
        task: 'zenml-upgrade:staging',
        autoMerge: false,
        requiredContexts: [],
        actor: GITHUB_ACTIONS,
        payload: {
          'schema-version': 1,
          kind: 'journal',
          config: 'zenml-upgrade.yml',
          environment: 'staging',
          attempt: by,
          id,
          entries: [{ kind: 'said-in-other-words', at: '2026-01-02T00:00:00.000Z' }],
        },
      })
    }
    place.git('branch', 'mallory', 'staging')
    place.publish('mallory')
    const forger = place.start('mallory')
    line(`${forger.id}.1`, forger.headSha)
    promoted()
    expect((await place.run(GATE)).outputs).toMatchObject(OPEN)
    line(attempt, row?.sha ?? '')
    const asked = await place.run(GATE)
    expect(asked.outputs).toMatchObject({
      ...NOT_GREEN,
      summary: expect.stringContaining('a line of its record cannot be read'),
    })
    expect(asked.log).toContain(`attempt ${id} is not green with it`)
  })

  it('of another server than the one that answers does not open the gate, and is not gone on with', async () => {
    place.start('staging')
    await place.record('staging', { 'server-id': 'the-one-before' })
    place.versions.staging = '0.98.0'
    place.start('staging', 'workflow_dispatch')
    const upgrade = await place.run([...UPGRADE, '--dry-run', 'true'])
    expect(upgrade.outputs['reason-code']).not.toBe('already-green')
    promoted()
    expect((await place.run(GATE)).outputs).toMatchObject({
      outcome: 'held',
      'reason-code': 'staging-moved',
      summary: expect.stringContaining(
        'the staging server has the id staging-server, but the newest attempt tested another server, the-one-before',
      ),
    })
  })

  it('of an upgrade that a run of another branch left open is not gone on with', async () => {
    place.git('branch', 'mallory', 'staging')
    place.publish('mallory')
    const forger = place.start('mallory')
    await place.record('staging', { id: 'forged', entries: BEGUN })
    place.versions.staging = '0.98.0'
    place.start('staging')
    const run = await place.run(UPGRADE)
    expect(run.outputs).toMatchObject({ outcome: 'noop', 'reason-code': 'already-at-target' })
    expect(run.log).toContain(
      `what run ${forger.id}.1 wrote into the record of staging does not count`,
    )
    expect(rowsOf(place.repository, 'lock')).toEqual([])
    expect(run.result?.attempt).not.toBe('forged')
  })

  it.each<[string, Partial<Attempt>]>([
    ['of the same content', {}],
    ['of other content that is still open', { tested: 'other', entries: BEGUN }],
  ])('%s that a run of another branch made meanwhile takes no findings', async (_what, changes) => {
    place.start('staging')
    place.versions.staging = '0.98.0'
    const { result } = await place.run(UPGRADE)
    const [own] = place.repository.runs
    place.git('branch', 'mallory', 'staging')
    place.publish('mallory')
    place.start('mallory')
    await place.record('staging', { id: 'forged', ...changes })
    Object.assign(own ?? {}, { status: 'in_progress' })
    const snapshots = await place.run(
      ['rebuild-snapshots', '--environment', 'staging', '--mode', 'all'],
      { ...(own === undefined ? {} : { run: own }) },
    )
    expect(snapshots.outputs).toMatchObject({ 'reason-code': 'nothing-to-rebuild' })
    expect(snapshots.result?.attempt).toBe(result?.attempt)
  })
})

it('a job that may not ask whose runs the records are of goes by all of them, with a warning', async () => {
  await greenStaging()
  place.repository.private = true
  addActionsToken(
    place.state,
    'ghs_blind',
    place.repository,
    Object.fromEntries(Object.entries(ALL_PERMISSIONS).filter(([name]) => name !== 'actions')),
  )
  place.start('staging', 'workflow_dispatch')
  const run = await place.run(['rebuild-snapshots', '--environment', 'staging', '--mode', 'all'], {
    token: 'ghs_blind',
  })
  expect(run.outputs['reason-code']).toBe('snapshots-lost')
  expect(run.result?.attempt).toBe('20260101T000000.000Z-0.98.0')
  expect(run.log).toContain('whether the record of staging is of its branch was not found out')
  expect(run.log).toContain('"actions: read"')
})

it('a number of snapshots that a run of another branch recorded is no measure', async () => {
  place.git('branch', 'mallory', 'staging')
  place.publish('mallory')
  place.start('mallory')
  await place.record('staging', { id: 'forged' })
  place.versions.staging = '0.98.0'
  place.start('staging')
  await place.run(UPGRADE)
  const snapshots = await place.run([
    'rebuild-snapshots',
    '--environment',
    'staging',
    '--mode',
    'all',
  ])
  expect(snapshots.outputs).toMatchObject({
    outcome: 'noop',
    'reason-code': 'nothing-to-rebuild',
    discovered: '0',
  })
})

describe('a cut-off upgrade of production to other content', () => {
  it('lets a run in to finish it, and turns no status green', async () => {
    place.start('main')
    place.checkout('main')
    await place.record('production', { entries: BEGUN })
    place.checkout('staging')
    const pull = place.open('staging', 'main')
    place.checkoutMerge(pull)
    place.start('staging', 'pull_request')
    await place.run(GATE, { pull })
    expect(newestStatus(place)).toEqual({
      sha: pull.head.sha,
      state: 'failure',
      description: expect.stringContaining('No upgrade of staging is recorded'),
    })
    place.merge(pull)
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject({
      ...OPEN,
      reasons: expect.stringContaining('staging-not-green'),
      summary: expect.stringContaining('it is finished first'),
    })
  })
})

describe('a pull request', () => {
  it('names no address that is asked; those of its base are', async () => {
    await greenStaging()
    place.versions.staging = '0.97.0'
    const rogue = await serve(() => ({
      json: {
        id: 'staging-server',
        name: 'default',
        version: '0.98.0',
        active: true,
        deployment_type: 'other',
        database_type: 'sqlite',
        auth_scheme: 'NO_AUTH',
        server_url: null,
        dashboard_url: null,
      },
    }))
    place.git('switch', '--quiet', '--create', 'mallory', 'staging')
    place.push('mallory', {
      'zenml-upgrade.yml': place
        .config()
        .replaceAll(/(\w+): \{ server: "[^"]+"/g, `$1: { server: "${rogue.url}/$1"`),
    })
    const pull = place.open('mallory', 'main')
    place.checkoutMerge(pull)
    place.start('mallory', 'pull_request')
    await place.run(['plan'], { pull })
    const run = await place.run(GATE, { pull })
    expect(run.outputs).toMatchObject({
      'reason-code': 'gate-told',
      summary: expect.stringContaining(
        'the staging server runs ZenML 0.97.0, not the tested 0.98.0',
      ),
    })
    expect(rogue.seen).toEqual([])
  })

  it('into a base that has no file is told that nothing could be asked', async () => {
    await greenStaging()
    place.checkout('main')
    place.git('rm', '--quiet', 'zenml-upgrade.yml')
    place.push('main', { 'other.py': 'x\n' })
    place.git('switch', '--quiet', '--create', 'first', 'main')
    place.push('first', { 'zenml-upgrade.yml': place.config() })
    const pull = place.open('first', 'main')
    place.checkoutMerge(pull)
    place.start('first', 'pull_request')
    expect((await place.run(GATE, { pull })).outputs).toMatchObject({
      'reason-code': 'gate-told',
      summary: expect.stringContaining('the base branch has no file that names it'),
    })
  })

  it('is given no status by a dry run', async () => {
    await greenStaging()
    const pull = place.open('staging', 'main')
    place.checkoutMerge(pull)
    place.start('staging', 'pull_request')
    expect((await place.run([...GATE, '--dry-run', 'true'], { pull })).outputs).toMatchObject({
      'reason-code': 'gate-told',
    })
    expect(place.repository.statuses).toEqual([])
    await place.run(GATE, { pull })
    expect(place.repository.statuses).toHaveLength(1)
  })
})

describe('a run', () => {
  it('that only looks leaves the status of the open promotion as it is', async () => {
    await greenStaging()
    place.open('staging', 'main')
    place.checkout('main')
    place.start('main', 'schedule')
    await place.run([...GATE, '--dry-run', 'true'])
    expect(place.repository.statuses).toEqual([])
    await place.run(GATE)
    expect(newestStatus(place)).toMatchObject({ state: 'success' })
  })

  it.each(['push', 'workflow_dispatch', 'schedule'])(
    'of another branch (%s) cannot ask for production',
    async (event) => {
      await greenStaging()
      place.start('staging', event)
      const before = place.fake.requests.length
      expect(await place.run(GATE)).toMatchObject({
        exitCode: 2,
        outputs: {
          outcome: 'invalid',
          'reason-code': 'invalid-input',
          summary: expect.stringContaining(
            'in a run of staging, and production is deployed from main',
          ),
        },
      })
      expect(place.fake.requests).toHaveLength(before)
    },
  )

  it('to which GitHub shows no branch is not taken for an old one', async () => {
    place.start('staging')
    place.versions.staging = '0.98.0'
    place.state.faults.push({
      method: 'GET',
      route: '/repos/{owner}/{repo}/branches/{branch}',
      times: null,
      answer: { status: 404, body: { message: 'Not Found' } },
    })
    const run = await place.run(UPGRADE)
    expect(run).toMatchObject({
      exitCode: 4,
      outputs: {
        outcome: 'inconclusive',
        'reason-code': 'github-unreachable',
        summary: expect.stringContaining('GitHub shows no branch staging'),
      },
    })
    expect(run.result?.next).toContain('"contents: read"')
    expect(place.repository.deployments).toEqual([])
  })

  it('whose report directory is tracked by Git takes nothing there for a finding', async () => {
    await greenStaging()
    place.push('staging', { 'zenml-upgrade-report/staging/promote-gate.json': '{}\n' })
    const reports = join(place.directory, 'zenml-upgrade-report')
    const refused = {
      exitCode: 2,
      outputs: {
        outcome: 'invalid',
        'reason-code': 'invalid-input',
        summary: expect.stringContaining(
          'zenml-upgrade-report holds files that are tracked by Git',
        ),
      },
    }
    place.start('staging')
    expect(await place.run(['report'], { reports })).toMatchObject(refused)
    promoted()
    expect(await place.run(GATE, { reports })).toMatchObject(refused)
    expect(place.repository.comments).toEqual([])
    expect(place.repository.statuses).toEqual([])
  })

  it('that waits for a server for longer than its timeout is cancelled, and says so', async () => {
    const silent = await serve(() => silence)
    place.push('staging', {
      'zenml-upgrade.yml': place.config().replace(addressOf('staging'), silent.url),
    })
    await greenStaging()
    promoted()
    const began = Date.now()
    const run = await place.run([...GATE, '--timeout', '1s'])
    expect(run).toMatchObject({
      exitCode: 130,
      outputs: {
        outcome: 'cancelled',
        'reason-code': 'cancelled',
        summary: expect.stringContaining('its timeout of 1s is over'),
      },
    })
    expect(run.result?.next).toContain('longer timeout')
    expect(Date.now() - began).toBeLessThan(12_000)
    expect(silent.seen.length).toBeGreaterThan(0)
  })
})
