import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { shownState } from '../../src/demo/fake-github/deployments.ts'
import { closeHttp } from '../../src/http/http.ts'
import { kindOf, rowsOf } from '../support/github-rows.ts'
import { team, type Team, type TeamRun } from '../support/team.ts'
import { phase } from '../support/github-attempts.ts'

// Two configuration files in one repository, each with a record, a status and a comment of its own.
jest.setTimeout(120_000)

const OTHER = 'teams/b.yml'
const NO_SUITE = /^smoke: .*\n/m
let place: Team
/** Has the servers of the other file. */
let others: Team
beforeEach(async () => {
  place = await team()
  others = await team({ servers: 'b-' })
})
afterEach(async () => {
  await closeHttp()
  await place.close()
  await others.close()
})

const of = (config: string | undefined, command: readonly string[]) =>
  config === undefined ? [...command] : [...command, '--config', config]
const UPGRADE = ['upgrade-workspace', '--environment', 'staging']
const GATE = ['promote', '--environment', 'production', '--step', 'gate']

/** Both files on staging, whose servers are at the target; `text` is the other file. */
function pushBoth(text: string): void {
  place.push('staging', {
    'zenml-upgrade.yml': place.config().replace(NO_SUITE, ''),
    [OTHER]: text.replace(NO_SUITE, ''),
  })
  for (const { versions } of [place, others]) versions.staging = '0.98.0'
}

/** A whole flow of a file on staging, and its report. */
async function flow(config?: string): Promise<TeamRun> {
  place.start('staging')
  const results = []
  for (const command of [
    UPGRADE,
    ['run-smoke-suite', '--environment', 'staging'],
    ['rebuild-snapshots', '--environment', 'staging', '--mode', 'all'],
  ])
    results.push((await place.run(of(config, command))).result)
  const reports = await place.leave(
    results.flatMap((result) => result ?? []),
    config,
  )
  return place.run(of(config, ['report']), { reports })
}

describe('two files with two pairs of servers', () => {
  beforeEach(() => {
    pushBoth(others.config())
    place.open('staging', 'main')
  })

  it('have a record, a commit status and a comment each', async () => {
    expect((await flow()).outputs).toMatchObject({ 'flow-outcome': 'noop' })
    expect((await flow(OTHER)).outputs).toMatchObject({ 'flow-outcome': 'noop' })
    const attempts = rowsOf(place.repository, 'attempt')
    expect(attempts).toMatchObject([
      {
        task: 'zenml-upgrade:staging',
        environment: 'zenml-staging',
        description: 'ZenML 0.98.0 → 0.98.0',
        payload: { config: 'zenml-upgrade.yml', 'server-id': 'staging-server' },
      },
      {
        task: expect.stringMatching(/^zenml-upgrade:staging:[0-9a-f]{8}$/),
        environment: 'zenml-staging',
        description: `ZenML 0.98.0 → 0.98.0 (${OTHER})`,
        payload: { config: OTHER, 'server-id': 'b-staging-server' },
      },
    ])
    expect(attempts.map(shownState)).toEqual(['success', 'success'])
    expect(place.repository.statuses.map(({ context, state }) => [context, state])).toEqual([
      ['zenml-upgrade/promotion', 'success'],
      [`zenml-upgrade/promotion: ${OTHER}`, 'success'],
    ])
    expect(place.repository.comments.map(({ body }) => body.split('\n')[0])).toEqual([
      '<!-- zenml-upgrade {"v":1,"key":"zenml-upgrade.yml"} -->',
      `<!-- zenml-upgrade {"v":1,"key":"${OTHER}"} -->`,
    ])
  })

  it('never take each other’s evidence, and one file keeps its record however it is spelled', async () => {
    await flow()
    place.start('staging', 'workflow_dispatch')
    expect((await place.run(UPGRADE)).outputs['reason-code']).toBe('already-green')
    const first = await place.run(of(OTHER, UPGRADE))
    expect(first.outputs['reason-code']).toBe('already-at-target')
    const again = await place.run(of(`./teams/../${OTHER}`, UPGRADE))
    expect(again.result?.attempt).toBe(first.result?.attempt)
    expect(rowsOf(place.repository, 'attempt')).toHaveLength(2)
  })

  it('never go on with an attempt of the other, and are never held by its losses', async () => {
    place.start('staging')
    await place.record('staging', { id: 'open', entries: [phase('deploy', 'started')] })
    const other = await place.run(of(OTHER, UPGRADE))
    expect(other.outputs['reason-code']).toBe('already-at-target')
    expect(other.result?.attempt).not.toBe('open')

    const at = '2026-11-23T12:00:00.000Z'
    await place.record('staging', {
      id: 'lost',
      entries: [
        { kind: 'closed', at, 'reason-code': 'counts-decreased', details: null },
        { kind: 'compared', at, lost: [{ subject: 'pipelines', message: 'one is missing' }] },
      ],
    })
    const acknowledged = await place.run(
      of(OTHER, [
        ...['acknowledge', '--environment', 'staging', '--attempt', 'lost'],
        ...['--reason', 'test data'],
      ]),
      { run: place.start('staging', 'workflow_dispatch'), inputs: { reason: 'test data' } },
    )
    expect(acknowledged.outputs).toMatchObject({
      outcome: 'invalid',
      summary: expect.stringContaining('has no attempt lost'),
    })
  })

  it('have a gate each: a green staging of one opens nothing for the other', async () => {
    await flow()
    const [pull] = place.repository.pulls
    if (pull === undefined) throw new Error('no promotion')
    place.merge(pull)
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject({ gate: 'open' })
    expect((await place.run(of(OTHER, GATE))).outputs).toMatchObject({
      gate: 'closed',
      summary: expect.stringContaining('no upgrade of staging is recorded'),
    })
  })
})

describe('two files with the same servers', () => {
  beforeEach(() => {
    pushBoth(place.config('exclude: [{ pattern: "a-*", reason: "of the other file" }]\n'))
  })

  it('exclude each other while a run of one works, and are no evidence for each other', async () => {
    const owner = place.start('staging')
    await place.run(['run-smoke-suite', '--environment', 'staging'])
    await place.run(['rebuild-snapshots', '--environment', 'staging', '--mode', 'all'])
    place.start('staging')
    owner.status = 'in_progress'
    const rebuild = ['rebuild-snapshots', '--environment', 'staging', '--mode', 'all']
    const locked = await place.run(of(OTHER, rebuild))
    expect(locked.outputs).toMatchObject({
      'reason-code': 'locked',
      summary: expect.stringContaining(`/actions/runs/${owner.id}/attempts/1`),
    })
    await place.run(['report'], { run: owner, job: 'report' })
    expect((await place.run(of(OTHER, rebuild))).outputs).toMatchObject({ outcome: 'noop' })
    expect(
      rowsOf(place.repository, 'attempt').map(
        ({ payload }) => (payload as { config: string }).config,
      ),
    ).toEqual(['zenml-upgrade.yml', OTHER])
    expect(new Set(place.repository.deployments.map(kindOf))).toEqual(
      new Set(['lock', 'attempt', 'journal', 'unlock']),
    )
  })
})
