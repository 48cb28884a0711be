import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededOldServer } from '../support/seed.ts'
import { OLD, rest, startServer, type Json, type TestServer } from '../support/zenml.ts'

// The ground the other real tests stand on: if this is red, look here first.
describe('a seeded old server', () => {
  let server: TestServer
  let directory: string

  beforeAll(async () => {
    const seeded = await seededOldServer()
    directory = seeded.directory
    server = await startServer({
      version: OLD,
      directory,
      apiKey: seeded.apiKey,
      workloadManager: true,
    })
  }, 240_000)
  afterAll(async () => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }, 30_000)

  it('holds named snapshots made by the old client, runnable where the stack is remote', async () => {
    const snapshots = await rest(server.url, server).get('/pipeline_snapshots', {
      project: 'default',
      named_only: 'true',
      hydrate: 'true',
      sort_by: 'asc:created',
    })
    expect(snapshots.items.map(({ name, body }) => [name, body['runnable']])).toEqual([
      ['training', true],
      ['scoring', true],
      ['report', true],
      ['local-report', false],
    ])
  })

  it('runs a snapshot to completed with the version of its build', async () => {
    const api = rest(server.url, server)
    const { items } = await api.get('/pipeline_snapshots', {
      project: 'default',
      name: 'equals:report',
    })
    const started = await api.post(`/pipeline_snapshots/${items[0]?.id ?? ''}/runs`, {
      run_configuration: {},
    })
    let run: Json
    // With pauses: the run needs the same two cores as the answers.
    for (;;) {
      run = await api.get(`/runs/${started.id}`)
      if (!['initializing', 'provisioning', 'running'].includes(String(run.body['status']))) break
      await sleep(200)
    }
    expect(run.body['status']).toBe('completed')
    expect(run.metadata?.['orchestrator_environment']).toMatchObject({ zenml_version: OLD })
  }, 120_000)
})
