import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { closeHttp } from '../../src/http/http.ts'
import { lastOf, type Entry } from '../../src/state/attempt.ts'
import { stateDirectory } from '../../src/state/local/attempts.ts'
import { digestOfLosses, openLosses } from '../../src/state/losses.ts'
import { runBundle } from '../support/bundle.ts'
import { team, type Team } from '../support/team.ts'
import { closed, evidence, greenAttempt } from '../unit/state/attempts.ts'

jest.setTimeout(60_000)

const LOST = [{ subject: 'stacks/prod', message: 'stacks: prod is gone.' }]
const ENTRIES: Entry[] = [
  { kind: 'compared', at: '2026-01-01T00:00:00.000Z', lost: LOST },
  closed('counts-decreased'),
  evidence('run-smoke-suite', null, 'smoke-passed'),
  evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
]

describe('acknowledge by hand', () => {
  let directory: string
  const attempt = greenAttempt({ entries: ENTRIES })
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-acknowledge-'))
    await stateDirectory(join(directory, '.zenml-upgrade'), 'zenml-upgrade.yml').begin(attempt)
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  const acknowledge = (id: string, more: readonly string[] = ['--reason', 'it was test data']) =>
    runBundle(['acknowledge', '--environment', 'staging', '--attempt', id, ...more], {
      cwd: directory,
      env: { USER: 'ada' },
    })
  const recorded = async () => {
    const [found] = await stateDirectory(
      join(directory, '.zenml-upgrade'),
      'zenml-upgrade.yml',
    ).list('staging')
    if (found === undefined) throw new Error('the attempt is gone')
    return found
  }

  it('records who accepted which losses and why, once', async () => {
    const run = await acknowledge(attempt.id)
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'success', 'reason-code': 'loss-acknowledged' },
      result: {
        command: 'acknowledge',
        summary: `staging: ada acknowledged 1 loss of attempt ${attempt.id}: it was test data`,
        details: { lost: LOST, digest: digestOfLosses(LOST), by: 'ada' },
      },
    })
    expect(run.log).toContain('stacks: prod is gone.')
    expect(lastOf(await recorded(), 'acknowledged')).toMatchObject({
      by: 'ada',
      reason: 'it was test data',
      digest: digestOfLosses(LOST),
    })
    expect(openLosses(await recorded())).toEqual([])

    const again = await acknowledge(attempt.id)
    expect(again.outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'nothing-to-acknowledge',
    })
  })

  it('names the attempts with an open loss when the attempt is unknown', async () => {
    const run = await acknowledge('20250101T000000.000Z-0.98.0')
    expect(run).toMatchObject({
      exitCode: 2,
      outputs: { outcome: 'invalid', 'reason-code': 'invalid-input' },
    })
    expect(run.log).toContain(`Name an attempt with an open loss: ${attempt.id}.`)
  })

  it('demands a reason', async () => {
    const run = await acknowledge(attempt.id, [])
    expect(run.outputs['reason-code']).toBe('invalid-input')
    expect(run.log).toContain('input reason is missing')
    expect(openLosses(await recorded())).toEqual(LOST)
  })
})

describe('acknowledge on GitHub', () => {
  let place: Team
  beforeEach(async () => {
    place = await team()
  })
  afterEach(async () => {
    await closeHttp()
    await place.close()
  })

  const GATE = ['promote', '--environment', 'production', '--step', 'gate']
  const id = greenAttempt().id
  const acknowledge = (form: Readonly<Record<string, string>> = {}) =>
    place.run(
      [
        ...['acknowledge', '--environment', 'staging'],
        ...['--attempt', id, '--reason', 'it was test data'],
      ],
      { inputs: form },
    )
  const lossInStaging = async () => {
    place.start('staging')
    await place.record('staging', { id, entries: ENTRIES })
    place.versions.staging = '0.98.0'
  }

  it('opens the gate when a person dispatches it on the branch of the environment', async () => {
    await lossInStaging()
    const pull = place.open('staging', 'main')
    place.start('staging', 'workflow_dispatch', { actor: 'octocat' })
    expect((await acknowledge({ 'acknowledge-reason': 'it was test data' })).result).toMatchObject({
      'reason-code': 'loss-acknowledged',
      details: { by: 'octocat', lost: LOST },
    })
    place.merge(pull)
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject({ 'reason-code': 'gate-open' })
  })

  it('leaves the gate closed while the loss is open', async () => {
    await lossInStaging()
    place.merge(place.open('staging', 'main'))
    place.start('main')
    const { outputs, result } = await place.run(GATE)
    expect(outputs).toMatchObject({ outcome: 'held', gate: 'closed' })
    expect(JSON.parse(outputs['reasons'] ?? '')).toContain('loss-open')
    expect(result?.summary).toContain('stacks: prod is gone.')
  })

  it.each([
    ['a push started the run', 'staging', 'push', 'a run that was started by push'],
    ['the run is of another branch', 'main', 'workflow_dispatch', 'deployed from staging'],
  ] as const)('is refused when %s', async (_why, branch, event, message) => {
    await lossInStaging()
    place.start(branch, event, { actor: 'octocat' })
    const run = await acknowledge()
    expect(run.outputs).toMatchObject({ outcome: 'invalid', 'reason-code': 'invalid-input' })
    expect(run.log).toContain(message)
  })
})
