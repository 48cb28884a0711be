import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { rm } from 'node:fs/promises'
import { explainRun } from '../../src/runs/explain.ts'
import { markRuns, runsSince } from '../../src/runs/since.ts'
import { startSnapshotRun } from '../../src/runs/start.ts'
import { stopRun, waitForRun } from '../../src/runs/wait.ts'
import type { Machine } from '../../src/runtime/runtime.ts'
import { buildSchema, currentUserSchema, hydratedSnapshotSchema } from '../../src/zenml/entities.ts'
import { closeHttp } from '../../src/http/http.ts'
import { compareInventories, readInventory } from '../../src/zenml/inventory.ts'
import { connect, equals } from '../../src/zenml/server.ts'
import type { ZenmlServer } from '../../src/zenml/types.ts'
import { seededOldServer, type SeededData } from '../support/seed.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'

// The same questions to real servers of both versions, over the same data: what is read must not
// depend on the version.

const machine: Machine = {
  env: {},
  log: {
    info: () => undefined,
    pass: () => undefined,
    debug: () => undefined,
    fail: () => undefined,
    warn: () => undefined,
    chapter: (_title, work) => work(),
    progress: (_what, work) => work(() => undefined),
    quiet: (work) => work(),
  },
  signal: new AbortController().signal,
  now: () => new Date(),
  monotonic: () => performance.now() / 1000,
  sleep: (seconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, seconds * 1000)
    }),
}

let data: SeededData
let running: TestServer
let server: ZenmlServer

async function start(version: string): Promise<void> {
  running = await startServer({
    version,
    directory: data.directory,
    apiKey: data.apiKey,
    workloadManager: true,
  })
  server = connect({ url: running.url, apiKey: data.apiKey, machine })
}

beforeAll(async () => {
  data = await seededOldServer()
}, 240_000)
afterAll(async () => {
  await closeHttp()
  await running.stop()
  await rm(data.directory, { recursive: true, force: true })
}, 30_000)

async function snapshotId(name: string): Promise<string> {
  const [found] = await server.list('/pipeline_snapshots', hydratedSnapshotSchema, {
    project: 'default',
    named_only: true,
    hydrate: true,
    name: equals(name),
  })
  expect(found).toMatchObject({ name, metadata: { client_version: OLD } })
  return found?.id ?? ''
}

async function asksAndRuns(version: string): Promise<void> {
  await expect(server.info()).resolves.toMatchObject({ version, database_type: 'sqlite' })
  const me = await server.get('/current-user', currentUserSchema)
  expect(me.body.is_service_account).toBe(true)
  const builds = await server.list('/pipeline_builds', buildSchema, {
    project: 'default',
    hydrate: true,
  })
  expect(new Set(builds.map(({ metadata }) => metadata.zenml_version))).toEqual(new Set([OLD]))

  const mark = await markRuns(server, 'default')
  const started = await startSnapshotRun(server, await snapshotId('report'), {})
  if (started.kind === 'unsupported') throw new Error(started.why)
  const statuses: string[] = []
  await expect(
    waitForRun(server, started.run.id, {
      timeoutSeconds: 120,
      machine,
      onProgress: (status) => {
        statuses.push(status)
      },
    }),
  ).resolves.toMatchObject({ status: 'completed', end: 'succeeded' })
  expect(statuses.at(-1)).toBe('completed')
  // Old snapshots run the old client, whatever the server.
  await expect(explainRun(server, started.run.id, 'server')).resolves.toMatchObject({
    id: started.run.id,
    status: 'completed',
    'zenml-version': OLD,
    'all-cached': false,
    'failed-step': null,
    url: `${running.url}/projects/default/runs/${started.run.id}`,
  })
  expect((await runsSince(server, mark, me.id)).map(({ id }) => id)).toEqual([started.run.id])
  expect(await runsSince(server, mark, '00000000-0000-4000-8000-000000000000')).toEqual([])
  await expect(stopRun(server, started.run.id)).resolves.toEqual({
    stopped: false,
    why: expect.stringContaining('completed'),
  })
  await expect(startSnapshotRun(server, await snapshotId('local-report'), {})).resolves.toEqual({
    kind: 'unsupported',
    why: expect.stringContaining('local stack components'),
  })
  await expect(
    startSnapshotRun(server, '00000000-0000-4000-8000-000000000000', {}),
  ).rejects.toMatchObject({ status: 404 })
}

describe('the client of the REST API', () => {
  it('finds everything again after a real upgrade, and runs snapshots on both versions', async () => {
    await start(OLD)
    await asksAndRuns(OLD)
    const before = await readInventory(server)
    expect(before.names['snapshots']).toEqual(
      data.snapshots.map(({ pipeline, name }) => `default/${pipeline}/${name}`).sort(),
    )
    expect(Object.keys(before.counts).sort()).toEqual([
      'artifact-versions',
      'artifacts',
      'builds',
      'code-repositories',
      'components',
      'deployments',
      'flavors',
      'models',
      'named-snapshots',
      'pipelines',
      'projects',
      'runs',
      'schedules',
      'secrets',
      'service-connectors',
      'snapshots',
      'stacks',
      'tags',
      'triggers',
    ])
    expect(before.names['tags']).toEqual(['churn', 'nightly'])
    expect(before.names['artifacts']).toContain('default/report')
    expect(before.names['flavors']).toEqual([])
    await running.stop()
    await expect(server.info()).rejects.toMatchObject({ code: 'server-unreachable' })

    await start(NEW)
    expect(compareInventories(before, await readInventory(server))).toEqual([])
    await asksAndRuns(NEW)
    expect(compareInventories(await readInventory(server), before)).toContainEqual({
      subject: 'number of runs',
      message: `runs: ${(before.counts['runs'] ?? 0) + 1} before, ${before.counts['runs'] ?? 0} now.`,
    })
  }, 300_000)

  it('is refused with a forged key and without one', async () => {
    await expect(
      connect({ url: running.url, apiKey: 'ZENKEY_eyJpZCI6ICJ4In0=', machine }).get(
        '/current-user',
        currentUserSchema,
      ),
    ).rejects.toMatchObject({ code: 'credentials-refused' })
    await expect(
      connect({ url: running.url, machine }).get('/current-user', currentUserSchema),
    ).rejects.toMatchObject({ code: 'credentials-refused' })
  })

  it('knows the dashboard from the API', async () => {
    await expect(connect({ url: `${running.url}/projects`, machine }).info()).rejects.toMatchObject(
      { code: 'not-a-zenml-server' },
    )
  })
})
