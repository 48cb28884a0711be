import { afterEach, describe, expect, it } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import { Stop } from '../../../src/core/stop.ts'
import { closeHttp } from '../../../src/http/http.ts'
import { StartedRuns } from '../../../src/snapshots/started-runs.ts'
import { connect } from '../../../src/zenml/server.ts'
import {
  httpServer,
  type HttpTestServer,
  type Reply,
  type SeenRequest,
  type Trick,
} from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'

let fake: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await fake.close()
})

async function world(handle: (request: SeenRequest, count: number) => Reply | Trick) {
  fake = await httpServer(handle)
  const machine = testMachine()
  const runs = new StartedRuns(connect({ url: fake.url, machine }))
  return { machine, runs }
}

const run = (id: string) => ({
  id,
  name: `name-${id}`,
  body: { created: '2026-11-23T10:00:00', status: 'initializing', project_id: 'p1' },
})
const BUSY: Reply = { status: 429, json: { detail: ['MaxConcurrentTasksError', 'Maximum number'] } }
const snapshot = { id: 's1', projectId: 'p1' }
const stops = () => fake.seen.filter(({ path }) => path.endsWith('/stop')).map(({ path }) => path)

describe('StartedRuns', () => {
  it('stops a run whose start was on its way when the command was stopped', async () => {
    let answer: (() => void) | undefined
    const asked = new Promise<void>((resolve) => {
      answer = resolve
    })
    const { machine, runs } = await world(({ path }) => {
      if (path.endsWith('/stop')) return { json: null }
      answer?.()
      // The server prepares the run before it answers.
      return (response: ServerResponse) => {
        setTimeout(() => {
          response.writeHead(200, { 'content-type': 'application/json' })
          response.end(JSON.stringify(run('r1')))
        }, 200)
      }
    })
    const started = runs.startOnServer(snapshot, {}, {}).catch(() => undefined)
    await asked
    machine.stop(new Stop('cancelled', 'stopped by SIGTERM'))
    await expect(runs.stopAll(machine.signal.reason, machine)).resolves.toMatchObject({
      code: 'cancelled',
      message: 'Stopped while snapshots ran: name-r1 (r1) was told to stop.',
    })
    expect(stops()).toEqual(['/api/v1/runs/r1/stop'])
    await started
  })

  it('starts nothing for what still waits for a slot when another snapshot ended the command', async () => {
    const { machine, runs } = await world(() => BUSY)
    let waits: (() => void) | undefined
    const waiting = new Promise<void>((resolve) => {
      waits = resolve
    })
    const started = runs.startOnServer(snapshot, {}, { onBusy: () => waits?.() })
    const refused = expect(started).rejects.toThrow('nothing is started any more')
    await waiting
    const error = new Error('the server is gone')
    await expect(runs.stopAll(error, machine)).resolves.toBe(error)
    await refused
  })

  it('names every run that the server does not stop, as while it restarts', async () => {
    const { machine, runs } = await world(({ path }) =>
      path.endsWith('/stop')
        ? { status: 502, text: 'Bad Gateway' }
        : { json: run(path.includes('s1') ? 'r1' : 'r2') },
    )
    await runs.startOnServer(snapshot, {}, {})
    await runs.startOnServer({ ...snapshot, id: 's2' }, {}, {})
    machine.stop(new Stop('cancelled', 'stopped by SIGTERM'))
    await expect(runs.stopAll(machine.signal.reason, machine)).resolves.toMatchObject({
      code: 'cancelled',
      message: expect.stringMatching(
        /name-r1 \(r1\) may still run.*name-r2 \(r2\) may still run/s,
      ) as unknown,
    })
    expect(stops()).toHaveLength(2)
  })
})
