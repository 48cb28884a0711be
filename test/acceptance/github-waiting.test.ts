import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { closeHttp } from '../../src/http/http.ts'
import { newestStatus } from '../support/promotion-status.ts'
import { team, type Team } from '../support/team.ts'
import { closed, evidence } from '../unit/state/attempts.ts'

// What passes by itself, and what a person does instead: runs that nobody pushed for.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const GATE = ['promote', '--environment', 'production', '--step', 'gate']
const HOUR = 3_600_000
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString()
const commit = (branch: string) => place.repository.branches[branch]
const statuses = () =>
  place.repository.statuses.filter(({ sha }) => sha === commit('staging')).map(({ state }) => state)

/** Staging deploys a file with these lines, and was green with it an hour ago. */
async function greenAnHourAgo(changes: string): Promise<void> {
  place.push('staging', { 'zenml-upgrade.yml': place.config(changes) })
  place.start('staging')
  place.versions.staging = '0.98.0'
  const entries = [
    closed('upgraded'),
    evidence('run-smoke-suite', null, 'smoke-passed'),
    evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
  ]
  await place.record('staging', {
    entries: entries.map((entry) => ({ ...entry, at: hoursAgo(1) })),
  })
}

/** Lets so much time pass since everything was recorded. */
function age(hours: number): void {
  for (const deployment of place.repository.deployments) {
    deployment.payload = JSON.parse(
      JSON.stringify(deployment.payload).replace(
        /"at":"([^"]+)"/g,
        (_all, at: string) => `"at":"${new Date(Date.parse(at) - hours * HOUR).toISOString()}"`,
      ),
    )
  }
}

/** A weekly window around so many hours from now. */
function window(from: number, until: number): string {
  const at = (hours: number) => {
    const time = new Date(Date.now() + hours * HOUR)
    return `${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][time.getUTCDay()] ?? ''} ${time.toISOString().slice(11, 16)}`
  }
  return `promotion: { freeze: ["${at(from)} – ${at(until)} Etc/UTC"] }\n`
}

describe('a soak', () => {
  it('holds the push to main, and the schedule goes on when it is over', async () => {
    await greenAnHourAgo('promotion: { soak: 4h }\n')
    const pull = place.open('staging', 'main')
    const reported = await place.run(['report'], { reports: await place.leave([]) })
    expect(reported.outputs['pull-request']).toBe(String(pull.number))
    expect(newestStatus(place)).toMatchObject({
      sha: commit('staging'),
      state: 'pending',
      description: expect.stringContaining('soaking until'),
    })

    // Before the merge main has nothing to do; its schedule looks at the promotion, and writes only
    // what is new.
    place.checkout('main')
    place.start('main', 'schedule')
    expect((await place.run(GATE)).outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'already-at-target',
      gate: '',
    })
    expect(statuses()).toEqual(['pending'])
    age(4)
    await place.run(GATE)
    expect(statuses()).toEqual(['pending', 'success'])

    age(-4)
    place.merge(pull)
    place.start('main')
    const held = await place.run(GATE)
    expect(held).toMatchObject({
      exitCode: 3,
      outputs: {
        outcome: 'held',
        'reason-code': 'waiting-for-soak',
        gate: 'closed',
        reasons: '["waiting-for-soak"]',
      },
    })
    expect(
      held.result?.command === 'promote' ? held.result.details?.['opens-at'] : undefined,
    ).toMatch(/^20/)
    age(4)
    place.start('main', 'schedule')
    expect((await place.run(GATE)).outputs).toMatchObject({ outcome: 'success', gate: 'open' })
  })

  it('that is over says nothing good about a hotfix that came to main meanwhile', async () => {
    await greenAnHourAgo('promotion: { soak: 4h }\n')
    place.open('staging', 'main')
    place.checkout('main')
    place.push('main', { 'hotfix.py': 'x\n' })
    place.start('main', 'schedule')
    age(4)
    await place.run(GATE)
    expect(newestStatus(place)).toMatchObject({
      sha: commit('staging'),
      state: 'failure',
      description: expect.stringContaining('never tested with this content'),
    })
  })

  it('is looked at also where the tip changed nothing that is tested', async () => {
    await greenAnHourAgo('promotion: { soak: 4h }\n')
    place.push('staging', { '.github/CODEOWNERS': '* @octocat\n' })
    place.open('staging', 'main')
    place.checkout('main')
    place.start('main', 'schedule')
    await place.run(GATE)
    expect(statuses()).toEqual(['pending'])
    age(4)
    await place.run(GATE)
    expect(statuses()).toEqual(['pending', 'success'])
  })
})

describe('a freeze', () => {
  it('holds while it lasts, and not after it', async () => {
    await greenAnHourAgo(window(-1, 2))
    place.merge(place.open('staging', 'main'))
    place.start('main')
    expect((await place.run(GATE)).outputs).toMatchObject({
      'reason-code': 'frozen',
      gate: 'closed',
    })
    place.push('main', { 'zenml-upgrade.yml': place.config(window(-3, -1)) })
    place.start('main', 'schedule')
    expect((await place.run(GATE)).outputs).toMatchObject({
      'reason-code': 'gate-open',
      gate: 'open',
    })
  })
})

describe('a person', () => {
  it('who dispatches the run with a reason opens the gate, and is named', async () => {
    await greenAnHourAgo('promotion: { soak: 4h }\n')
    place.merge(place.open('staging', 'main'))
    place.start('main', 'workflow_dispatch', { actor: 'octocat' })
    const run = await place.run([...GATE, '--override-reason', 'the fix cannot wait'], {
      inputs: { 'override-reason': 'the fix cannot wait' },
    })
    expect(run.outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'gate-open',
      gate: 'open',
      reasons: '["waiting-for-soak"]',
      summary: expect.stringContaining('opened by octocat: the fix cannot wait'),
    })
    if (run.result?.command !== 'promote') throw new Error('no result')
    expect(run.result.details?.override).toEqual({
      reason: 'the fix cannot wait',
      actor: 'octocat',
    })
    const report = await place.run(['report'], { reports: await place.leave([run.result]) })
    expect(report.summary).toContain('the fix cannot wait')
    expect(place.repository.comments[0]?.body).toContain('the fix cannot wait')
  })

  it.each(['push', 'schedule'])('is none in a run that was started by a %s', async (event) => {
    place.checkout('main')
    place.push('main', { 'zenml-upgrade.yml': place.config() })
    place.start('main', event)
    const before = place.fake.requests.length
    expect(await place.run([...GATE, '--override-reason', 'because'])).toMatchObject({
      exitCode: 2,
      outputs: {
        outcome: 'invalid',
        'reason-code': 'invalid-input',
        summary: expect.stringContaining(`started by ${event}`),
      },
    })
    expect(place.fake.requests).toHaveLength(before)
  })

  it('may leave the reason out', async () => {
    await greenAnHourAgo('# nothing is asked\n')
    place.merge(place.open('staging', 'main'))
    place.start('main', 'workflow_dispatch')
    expect((await place.run(GATE, { env: { 'INPUT_OVERRIDE-REASON': '' } })).outputs).toMatchObject(
      { gate: 'open', reasons: '[]' },
    )
  })
})
