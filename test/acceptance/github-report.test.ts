import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addActionsToken, READ_ONLY } from '../../src/demo/fake-github/repositories.ts'
import { addComment } from '../../src/demo/fake-github/comments.ts'
import { person } from '../../src/demo/fake-github/actor.ts'
import type { Pull } from '../../src/demo/fake-github/state.ts'
import type { Result } from '../../src/result/result.ts'
import { closeHttp } from '../../src/http/http.ts'
import { until } from '../support/ends-with-tests.ts'
import { entriesOf, inAttempt, settled } from '../support/evidence.ts'
import { httpServer, type HttpTestServer } from '../support/http-server.ts'
import { newestStatus } from '../support/promotion-status.ts'
import { kindOf } from '../support/github-rows.ts'
import { team, type RunOptions, type Team, type TeamRun } from '../support/team.ts'
import { golden } from '../unit/report/golden.ts'
import {
  gate,
  GREEN_PRODUCTION,
  GREEN_STAGING,
  smoke,
  stacks,
  suite,
  test,
  upgrade,
} from '../unit/report/results.ts'

// What a person sees on GitHub after each event: the commands of the bundle as jobs run them, one
// after the other.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const REPORT = ['report']
const comments = () => place.repository.comments.map(({ issue, body }) => ({ issue, body }))
const theComment = (): string => {
  expect(comments()).toHaveLength(1)
  return settled(comments()[0]?.body ?? '')
}
const RED_STAGING: Result[] = [
  upgrade({ environment: 'staging', code: 'upgraded', summary: 'Upgraded from 0.94.1 to 0.98.0.' }),
  smoke(
    {
      environment: 'staging',
      code: 'smoke-failed',
      summary: '1 of 2 tests failed: tests.smoke.test_scoring.test_scores',
      minute: 5,
    },
    [
      suite({
        'reason-code': 'smoke-failed',
        message: '1 of 2 tests failed.',
        'exit-code': 1,
        tests: [
          test('tests.smoke.test_training.test_trains'),
          test(
            'tests.smoke.test_scoring.test_scores',
            'failed',
            'AssertionError: assert 0.41 > 0.8',
          ),
        ],
        'log-tail': ['1 failed, 1 passed in 31.02s'],
      }),
    ],
  ),
]

/** The jobs of a push to staging before `report`. Gives the report directory. */
async function stagingRan(results: readonly Result[] = GREEN_STAGING): Promise<string> {
  place.start('staging')
  place.versions.staging = '0.98.0'
  await place.record('staging', { id: 'staging-1', entries: entriesOf(results) })
  return place.leave(inAttempt('staging-1', results))
}

describe('a push to staging', () => {
  it('with everything green tells it on the promotion, at the commit and at the deployment', async () => {
    const reports = await stagingRan()
    const pull = place.open('staging', 'main')
    const run = await place.run(REPORT, { reports })
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: {
        outcome: 'success',
        'reason-code': 'reported',
        'flow-outcome': 'success',
        'flow-reason-code': 'snapshots-executed',
        'pull-request': String(pull.number),
      },
    })
    golden('github/push-staging-green.md', theComment())
    expect(newestStatus(place)).toEqual({
      sha: place.repository.branches['staging'],
      state: 'success',
      description: 'Staging is green for exactly this content.',
    })
    expect(
      place.repository.deployments
        .find((each) => kindOf(each) === 'attempt')
        ?.statuses.map(({ state }) => state),
    ).toEqual(['in_progress', 'success'])
  })

  it('whose report is stopped after it created the comment has its files, annotations, and summary', async () => {
    const reports = await stagingRan(RED_STAGING)
    place.open('staging', 'main')
    const running = await place.begin(REPORT, { reports, realWaits: true })
    await until(
      () =>
        place.fake.requests.some(
          ({ method, path }) => method === 'POST' && path.includes('/comments'),
        ),
      running.ended,
    )
    running.kill('SIGTERM')
    const run = await running.ended
    expect(run).toMatchObject({ exitCode: 130, outputs: { 'reason-code': 'cancelled' } })
    expect(comments()).toHaveLength(1)
    for (const file of ['comment.md', 'report.html'])
      expect(await readFile(join(reports, file), 'utf8')).toContain('Staging: ')
    expect(run.log).toContain('::error')
    expect(run.summary).toContain('Staging: ')
    expect(run.summary).toContain(
      'may be missing or out of date: this run ended while it wrote it. Run this again.',
    )
  })

  it('of which only the upgrade left a result is no success', async () => {
    const reports = await stagingRan(GREEN_STAGING.slice(0, 1))
    place.open('staging', 'main')
    const run = await place.run(REPORT, { reports })
    expect(run.outputs).toMatchObject({
      'reason-code': 'reported',
      'flow-outcome': 'inconclusive',
      'flow-reason-code': 'incomplete',
      summary: expect.stringContaining('still to come: the smoke suite and the snapshots'),
    })
    expect(newestStatus(place)).toMatchObject({
      state: 'failure',
      description: expect.stringContaining('the smoke suite did not run'),
    })
  })

  it('with a red smoke suite says so everywhere', async () => {
    const reports = await stagingRan(RED_STAGING)
    place.open('staging', 'main')
    const run = await place.run(REPORT, { reports })
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: {
        'reason-code': 'reported',
        'flow-outcome': 'failure',
        'flow-reason-code': 'smoke-failed',
      },
    })
    golden('github/push-staging-red-smoke.md', theComment())
    expect(newestStatus(place)).toEqual({
      sha: place.repository.branches['staging'],
      state: 'failure',
      description: 'Staging is not green: the smoke suite ended with smoke-failed (and 2 more)',
    })
    expect(
      place.repository.deployments
        .find((each) => kindOf(each) === 'attempt')
        ?.statuses.map(({ state }) => state),
    ).toEqual(['in_progress', 'failure'])
  })

  it('brings the comment up to date that the plan for the same promotion wrote', async () => {
    const pull = place.open('staging', 'main')
    place.start('staging', 'pull_request')
    const gateTold = gate(
      {
        environment: 'production',
        code: 'gate-told',
        summary: 'what the gate would say',
        minute: 50,
        attempt: null,
      },
      [{ 'reason-code': 'staging-not-green', message: 'no upgrade of staging is recorded' }],
    )
    place.checkoutMerge(pull)
    await place.run(REPORT, { pull, reports: await place.leave([gateTold]) })
    expect(theComment()).toContain('Nothing has run yet')
    place.checkout('staging')
    const run = await place.run(REPORT, { reports: await stagingRan() })
    expect(run.log).not.toContain('could not be brought up to date')
    expect(theComment()).toContain('Staging: green on ZenML 0.98.0')
  })

  it('takes a handful of requests, six of them for the comment behind 200 others', async () => {
    const reports = await stagingRan()
    const pull = place.open('staging', 'main')
    for (let number = 1; number <= 200; number += 1)
      addComment(place.state, place.repository, pull.number, `Comment ${number}`, person('octocat'))
    await place.run(REPORT, { reports })
    const before = place.fake.requests.length
    place.repository.comments.splice(
      200,
      1,
      ...place.repository.comments
        .slice(200)
        .map((comment) => ({ ...comment, body: comment.body.replace('green', 'blue') })),
    )
    await place.run(REPORT, { reports })
    const routes = place.fake.requests
      .slice(before)
      .map(({ method, route }) => `${method} ${route ?? ''}`)
    expect(routes.filter((route) => route.includes('comments')).length).toBeLessThanOrEqual(6)
    expect(routes.length).toBeLessThanOrEqual(15)
    expect(place.repository.comments).toHaveLength(201)
    expect(place.repository.comments.at(-1)?.body).not.toContain('blue')
  })

  it('that is run again after a newer one writes nothing', async () => {
    const reports = await stagingRan()
    place.open('staging', 'main')
    const old = place.repository.runs[0]
    if (old === undefined) throw new Error('no run')
    place.push('staging', { 'pipelines.py': 'training = 2\n' })
    const before = [place.repository.deployments.length, place.fake.requests.length]
    for (const command of [
      REPORT,
      ['promote', '--environment', 'staging', '--step', 'propose'],
      ['upgrade-workspace', '--environment', 'staging'],
      ['rebuild-snapshots', '--environment', 'staging'],
      ['run-smoke-suite', '--environment', 'staging'],
    ]) {
      const run = await place.run(command, { run: old })
      expect({ command, exitCode: run.exitCode, outputs: run.outputs }).toMatchObject({
        command,
        exitCode: 0,
        outputs: { outcome: 'noop', 'reason-code': 'superseded' },
      })
      if (command === REPORT)
        expect(run.outputs).toMatchObject({
          'flow-outcome': 'noop',
          'flow-reason-code': 'superseded',
        })
    }
    // Nor does one that only looked at the stacks.
    const looked = await place.leave([
      stacks({ environment: 'staging', code: 'inventory-read', summary: '' }),
    ])
    expect((await place.run(REPORT, { run: old, reports: looked })).outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'superseded',
    })
    expect(place.fake.requests.slice(before[1]).filter(({ method }) => method !== 'GET')).toEqual(
      [],
    )
    expect([
      place.repository.deployments.length,
      place.repository.comments,
      place.repository.statuses,
    ]).toEqual([before[0], [], []])
    // What a run did before the newer push is summed up, and tells people nothing about the newer
    // commit.
    const late = await place.run(REPORT, { run: old, reports })
    expect(late.outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'reported',
      'flow-outcome': 'success',
    })
    expect(late.summary).toContain('Staging: green on ZenML 0.98.0')
    expect([place.repository.comments, place.repository.statuses]).toEqual([[], []])
  })
})

describe('a push to main', () => {
  /** Staging is green, main was brought to it, and production was upgraded. */
  async function productionRan(): Promise<string> {
    place.start('main')
    place.versions.production = '0.98.0'
    await place.record('production', { id: 'production-1', entries: entriesOf(GREEN_PRODUCTION) })
    return place.leave([
      gate(
        {
          environment: 'production',
          code: 'gate-open',
          summary: 'staging is green for exactly this content at ZenML 0.98.0',
          minute: 29,
          attempt: null,
        },
        [],
      ),
      ...inAttempt('production-1', GREEN_PRODUCTION),
    ])
  }

  it('by a merge tells both environments in the one comment', async () => {
    const pull = place.open('staging', 'main')
    await place.run(REPORT, { reports: await stagingRan() })
    place.merge(pull)
    const run = await place.run(REPORT, { reports: await productionRan() })
    expect(run.log).not.toContain('could not be brought up to date')
    expect(run.result?.command === 'report' ? run.result.details?.warnings : undefined).toEqual([])
    expect(run.outputs).toMatchObject({
      'flow-outcome': 'success',
      'flow-reason-code': 'snapshots-rebuilt',
      'pull-request': String(pull.number),
    })
    golden('github/push-main-merged.md', theComment())
  })

  it.each(['squash', 'rebase'] as const)('by a %s finds the same pull request', async (method) => {
    await stagingRan()
    const pull = place.open('staging', 'main')
    place.merge(pull, method)
    const run = await place.run(REPORT, { reports: await productionRan() })
    expect(run.outputs['pull-request']).toBe(String(pull.number))
    golden(`github/push-main-merged.md`, theComment())
  })

  it('without a pull request is told in the job summary alone', async () => {
    await stagingRan()
    place.git('push', '--quiet', '.', 'staging:main')
    place.publish('main')
    place.checkout('main')
    const run = await place.run(REPORT, { reports: await productionRan() })
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { 'flow-reason-code': 'snapshots-rebuilt', 'pull-request': '' },
    })
    expect(comments()).toEqual([])
    golden('github/push-main-direct-summary.md', settled(run.summary))
  })

  it('that the gate refuses tells why where the merge was made', async () => {
    await stagingRan(RED_STAGING)
    place.merge(place.open('staging', 'main'))
    place.start('main')
    const held = await place.run(['promote', '--environment', 'production', '--step', 'gate'], {
      reports: await place.leave([]),
    })
    expect(held.exitCode).toBe(3)
    if (held.result === undefined) throw new Error('no result')
    const run = await place.run(REPORT, { reports: await place.leave([held.result]) })
    expect(run.outputs).toMatchObject({
      'flow-outcome': 'held',
      'flow-reason-code': 'staging-not-green',
    })
    golden('github/push-main-held.md', theComment())
  })

  it('with a hotfix that staging never saw tells that in the comment of the promotion', async () => {
    const pull = place.open('staging', 'main')
    await place.run(REPORT, { reports: await stagingRan() })
    place.checkout('main')
    place.push('main', { 'hotfix.py': 'x\n' })
    place.merge(pull)
    place.start('main')
    const held = gate(
      {
        environment: 'production',
        code: 'staging-not-green',
        summary: 'the gate to production is closed: staging was never tested with this content',
        minute: 50,
        attempt: null,
      },
      [
        {
          'reason-code': 'staging-not-green',
          message: 'staging was never tested with this content',
        },
      ],
    )
    const run = await place.run(REPORT, { reports: await place.leave([held]) })
    expect(run.log).not.toContain('could not be brought up to date')
    expect(theComment()).toContain('Production: waiting for staging to be green')
  })
})

describe('a pull request', () => {
  const PLAN = ['plan']
  const GATE = ['promote', '--environment', 'production', '--step', 'gate']
  let index: HttpTestServer
  beforeEach(async () => {
    index = await httpServer(() => ({
      json: {
        files: ['0.94.1', '0.98.0', '0.98.1'].map((version) => ({
          filename: `zenml-${version}.tar.gz`,
        })),
      },
    }))
  })
  afterEach(() => index.close())

  /** The jobs of plan-upgrade.yml. */
  async function planned(
    pull: Pull,
    options: RunOptions & { readonly event?: string; readonly branch?: string } = {},
  ): Promise<{ plan: TeamRun; gate: TeamRun | undefined; report: TeamRun }> {
    place.start(options.branch ?? pull.head.ref, options.event ?? 'pull_request', {
      actor: pull.user,
    })
    const plan = await place.run(PLAN, {
      pull,
      ...options,
      env: { UV_DEFAULT_INDEX: `${index.url}/simple` },
    })
    const told = pull.base.ref === 'main' ? await place.run(GATE, { pull, ...options }) : undefined
    const results = [plan.result, told?.result].flatMap((result) => result ?? [])
    return {
      plan,
      gate: told,
      report: await place.run(REPORT, { pull, ...options, reports: await place.leave(results) }),
    }
  }

  /** A branch of a pull request, opened and checked out merged. */
  function proposed(
    branch: string,
    from: string,
    files: Readonly<Record<string, string>>,
    base: string,
  ): Pull {
    place.git('switch', '--quiet', '--create', branch, from)
    place.push(branch, files)
    const pull = place.open(branch, base)
    place.checkoutMerge(pull)
    return pull
  }

  it('into staging gets the plan', async () => {
    const pull = proposed(
      'bump',
      'staging',
      { 'zenml-upgrade.yml': place.config().replace('0.98.0', '0.98.1') },
      'staging',
    )
    const { report } = await planned(pull)
    expect(report.exitCode).toBe(0)
    golden('github/pull-request-into-staging.md', theComment())
    expect(place.repository.statuses).toEqual([])
  })

  it('that changes nothing of the upgrade gets no comment, and one that is there is brought up to date', async () => {
    const pull = proposed('words', 'staging', { 'docs/notes.md': 'Notes' }, 'staging')
    const { plan, report } = await planned(pull)
    expect(plan.result).toMatchObject({ details: { 'changes-upgrade': false } })
    expect(report.outputs['summary']).toContain(
      `pull request #${pull.number} changes nothing of the upgrade, so it gets no comment`,
    )
    expect(report.summary).toContain('Plan for staging')
    expect(place.repository.comments).toEqual([])

    // What an earlier commit of the branch changed is taken back.
    place.push('words', { 'zenml-upgrade.yml': place.config().replace('0.98.0', '0.98.1') })
    place.checkoutMerge(pull)
    await planned(pull)
    expect(theComment()).toContain('ZenML 0.94.1 → 0.98.1')
    place.push('words', { 'zenml-upgrade.yml': place.config() })
    place.checkoutMerge(pull)
    await planned(pull)
    expect(theComment()).toContain('ZenML 0.94.1 → 0.98.0')
  })

  it('into staging that asks for a version nobody released is told those beside it', async () => {
    const pull = proposed(
      'bump',
      'staging',
      { 'zenml-upgrade.yml': place.config().replace('0.98.0', '0.98.7') },
      'staging',
    )
    const { plan, report } = await planned(pull)
    expect(plan).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'failure', 'reason-code': 'version-not-found' },
    })
    expect(report.summary).toContain(
      'the package index has no ZenML 0.98.7; the nearest are 0.98.0 and 0.98.1',
    )
    expect(index.seen.map(({ path }) => path)).toEqual(['/simple/zenml/'])
  })

  it.each([
    ['has a key that nobody knows', (file: string) => `${file}sorces: []\n`, 'sorces'],
    [
      'names a folder that is gone',
      (file: string) => `${file}sources: [{ name: churn, path: services/churn }]\n`,
      'services/churn',
    ],
  ])('whose file %s is told so', async (_what, change, told) => {
    const pull = proposed(
      'typo',
      'staging',
      { 'zenml-upgrade.yml': change(place.config()) },
      'staging',
    )
    const { plan, report } = await planned(pull)
    expect(plan).toMatchObject({ exitCode: 2, outputs: { outcome: 'invalid' } })
    expect(report).toMatchObject({
      exitCode: 0,
      outputs: { 'reason-code': 'reported', 'flow-outcome': 'invalid' },
    })
    expect(comments()[0]?.body).toContain(told)
    expect(report.summary).toContain(told)
  })

  it('into main gets the plan and what the gate would say, which a label changes', async () => {
    await stagingRan()
    const pull = place.open('staging', 'main')
    place.checkoutMerge(pull)
    const told = await planned(pull)
    expect([told.plan, told.gate, told.report].map((run) => run?.exitCode)).toEqual([0, 0, 0])
    golden('github/pull-request-into-main.md', theComment())
    expect(newestStatus(place)).toEqual({
      sha: pull.head.sha,
      state: 'success',
      description: 'Staging is green for exactly this content.',
    })

    pull.labels.push('upgrade-hold')
    await place.run(GATE, { pull, action: 'labeled' })
    expect(newestStatus(place)).toEqual({
      sha: pull.head.sha,
      state: 'failure',
      description: 'Pull request #1 carries the label upgrade-hold',
    })
    pull.labels.pop()
    await place.run(GATE, { pull, action: 'unlabeled' })
    expect(newestStatus(place)).toMatchObject({ state: 'success' })
  })

  it('into main keeps its plan when the push to staging reports later, as long as that is about the same version', async () => {
    const reports = await stagingRan()
    const pull = place.open('staging', 'main')
    place.checkoutMerge(pull)
    await planned(pull)
    expect(theComment()).toContain('#### Plan for production')

    place.checkout('staging')
    place.start('staging')
    const run = await place.run(REPORT, { reports })
    expect(run.log).not.toContain('could not be brought up to date')
    const kept = theComment()
    for (const part of [
      'Staging: green on ZenML 0.98.0',
      '#### Plan for production: ZenML 0.98.0\n\n',
      'the package index has ZenML 0.98.0',
      '#### Results',
    ])
      expect(kept).toContain(part)
    await place.run(REPORT, { reports })
    expect(theComment().match(/#### Plan for production/g)).toHaveLength(1)

    const [comment] = place.repository.comments
    if (comment === undefined) throw new Error('no comment')
    for (const [part, other] of [
      ['the package index has ZenML 0.98.0', 'nothing to fear'],
      ['plan production 0.98.0', 'plan production 0.97.0'],
    ] as const) {
      place.repository.comments.splice(0, 1, {
        ...comment,
        body: comment.body.replace(part, other),
      })
      await place.run(REPORT, { reports })
      expect(theComment()).not.toMatch(/nothing to fear|Plan for production/)
    }
  })

  it('into main that changes nothing for an upgrade is no matter of the gate', async () => {
    const pull = proposed('docs', 'main', { '.github/CODEOWNERS': '* @octocat\n' }, 'main')
    place.start('docs', 'pull_request')
    await place.run(GATE, { pull })
    expect(newestStatus(place)).toEqual({
      sha: pull.head.sha,
      state: 'success',
      description: 'Nothing here changes the upgrade.',
    })
  })

  it('of a fork is planned, and what may not be written is a warning', async () => {
    addActionsToken(place.state, 'ghs_read', place.repository, READ_ONLY)
    await stagingRan()
    const pull = place.open('staging', 'main')
    pull.user = 'mallory'
    place.checkoutMerge(pull)
    const { plan, gate: told, report } = await planned(pull, { token: 'ghs_read' })
    expect([plan.exitCode, told?.exitCode, report.exitCode]).toEqual([0, 0, 0])
    expect(
      [told?.log, report.log].map((log) => /permission "([^"]+)"/.exec(log ?? '')?.[1]),
    ).toEqual(['statuses: write', 'pull-requests: write'])
    expect(report.summary).toContain('Give the job the permission')
    expect(report.summary).not.toContain('Dependabot')
    expect(report.result?.command === 'report' ? report.result.details?.warnings : []).toHaveLength(
      1,
    )
    expect(comments()).toEqual([])
  })

  it('of Dependabot gets its comment and its status, for its token may do what the job asks for', async () => {
    await stagingRan()
    const pull = place.open('staging', 'main')
    pull.user = 'dependabot[bot]'
    place.checkoutMerge(pull)
    const { report } = await planned(pull)
    expect(report.result?.command === 'report' ? report.result.details?.warnings : []).toEqual([])
    expect(theComment()).toContain('Plan for production')
    expect(newestStatus(place)).toMatchObject({ sha: pull.head.sha, state: 'success' })
  })

  it('that waits in a merge queue is judged at the commit of the queue, by its own labels', async () => {
    await stagingRan()
    const pull = place.open('staging', 'main')
    pull.labels.push('upgrade-hold')
    place.checkoutMerge(pull)
    const branch = `gh-readonly-queue/main/pr-${pull.number}-${'a'.repeat(40)}`
    place.git('branch', branch, 'test-merge')
    const sha = place.publish(branch)
    const told = await planned(pull, { event: 'merge_group', branch })
    expect([told.plan.exitCode, told.gate?.exitCode, told.report.exitCode]).toEqual([0, 0, 0])
    expect(newestStatus(place)).toEqual({
      sha,
      state: 'failure',
      description: 'Pull request #1 carries the label upgrade-hold',
    })
    pull.labels.pop()
    await place.run(GATE, { pull })
    expect(newestStatus(place)).toEqual({
      sha,
      state: 'success',
      description: 'Staging is green for exactly this content.',
    })
  })
})
