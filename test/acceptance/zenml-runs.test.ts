import { afterEach, describe, expect, it } from '@jest/globals'
import { explainRun } from '../../src/runs/explain.ts'
import { markRuns, runsSince } from '../../src/runs/since.ts'
import { startSnapshotRun } from '../../src/runs/start.ts'
import { stopRun, waitForRun } from '../../src/runs/wait.ts'
import { closeHttp } from '../../src/http/http.ts'
import { connect } from '../../src/zenml/server.ts'
import {
  httpServer,
  type HttpTestServer,
  type Reply,
  type SeenRequest,
} from '../support/http-server.ts'
import { testMachine } from '../support/machine.ts'

let fake: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await fake.close()
})

async function world(handle: (request: SeenRequest, count: number) => Reply) {
  fake = await httpServer(handle)
  const machine = testMachine()
  return { machine, server: connect({ url: fake.url, machine }) }
}

const run = (id: string, body: object = {}) => ({
  id,
  name: `name-${id}`,
  body: {
    created: '2026-11-23T10:00:00.250000',
    status: 'initializing',
    user_id: 'u1',
    project_id: 'p1',
    ...body,
  },
})
const page = (items: unknown[]): Reply => ({
  json: { index: 1, max_size: 100, total_pages: 1, total: items.length, items },
})
const refusal = (status: number, className: string, message: string): Reply => ({
  status,
  json: { detail: [className, message] },
})

describe('startSnapshotRun', () => {
  it('wraps the configuration, as the server demands', async () => {
    const { server } = await world(() => ({ json: run('r1') }))
    await expect(startSnapshotRun(server, 's1', { enable_cache: false })).resolves.toMatchObject({
      kind: 'started',
      run: { id: 'r1' },
    })
    expect(fake.seen.map(({ method, path, body }) => [method, path, body])).toEqual([
      [
        'POST',
        '/api/v1/pipeline_snapshots/s1/runs',
        '{"run_configuration":{"enable_cache":false}}',
      ],
    ])
  })

  it('waits for a free slot', async () => {
    const { server, machine } = await world((_request, count) =>
      count < 3 ? refusal(429, 'MaxConcurrentTasksError', 'Maximum number') : { json: run('r1') },
    )
    await expect(startSnapshotRun(server, 's1', {})).resolves.toMatchObject({ kind: 'started' })
    expect(machine.slept).toEqual([5, 10])
  })

  it('gives up waiting at the deadline', async () => {
    const { server } = await world(() => refusal(429, 'MaxConcurrentTasksError', 'Maximum number'))
    await expect(startSnapshotRun(server, 's1', {}, { deadlineSeconds: 8 })).rejects.toMatchObject({
      status: 429,
    })
    expect(fake.seen).toHaveLength(3)
  })

  it('says that open-source servers cannot', async () => {
    const { server } = await world(() => ({ status: 405, json: { detail: 'Method Not Allowed' } }))
    await expect(startSnapshotRun(server, 's1', {})).resolves.toEqual({
      kind: 'unsupported',
      why: expect.stringContaining('workload manager'),
    })
  })

  it('does not take a snapshot that is gone for a server that cannot', async () => {
    const { server } = await world(() =>
      refusal(404, 'KeyError', 'No pipeline snapshot with this ID found'),
    )
    await expect(startSnapshotRun(server, 's1', {})).rejects.toMatchObject({
      status: 404,
      code: 'unexpected-answer',
    })
  })
})

describe('waitForRun', () => {
  it('tells every new status once, and ends with the run', async () => {
    const statuses = ['initializing', 'running', 'running', 'a-new-word', 'completed']
    const { server, machine } = await world((_request, count) => ({ json: statuses[count - 1] }))
    const told: string[] = []
    await expect(
      waitForRun(server, 'r1', {
        timeoutSeconds: 600,
        machine,
        onProgress: (status) => {
          told.push(status)
        },
      }),
    ).resolves.toEqual({ status: 'completed', end: 'succeeded', seconds: expect.any(Number) })
    expect(told).toEqual(['initializing', 'running', 'a-new-word', 'completed'])
    expect(machine.slept).toEqual([1, 1.5, 2.25, 3.375])
  })

  it.each(['running', 'paused', 'a-new-word'])(
    'does not wait for ever for a run that stays %s',
    async (status) => {
      const { server, machine } = await world(() => ({ json: status }))
      await expect(waitForRun(server, 'r1', { timeoutSeconds: 30, machine })).resolves.toEqual({
        status,
        end: 'timeout',
        seconds: 30,
      })
    },
  )

  it('has the orchestrator asked about a run that stands still, and bears one that cannot be asked', async () => {
    let refreshed = 0
    const { server, machine } = await world(({ method }) => {
      if (method === 'POST') {
        refreshed += 1
        return refusal(501, 'NotImplementedError', 'not implemented for this orchestrator')
      }
      return { json: refreshed < 2 ? 'running' : 'failed' }
    })
    await expect(waitForRun(server, 'r1', { timeoutSeconds: 600, machine })).resolves.toMatchObject(
      { end: 'failed' },
    )
    expect(refreshed).toBe(2)
  })

  it('outlives a restart of the server', async () => {
    const { server, machine } = await world((_request, count) =>
      count < 8 ? { status: 503, json: {} } : { json: 'stopped' },
    )
    await expect(waitForRun(server, 'r1', { timeoutSeconds: 600, machine })).resolves.toMatchObject(
      { end: 'stopped' },
    )
  })

  it('ends when the run was deleted', async () => {
    const { server, machine } = await world(() => refusal(404, 'KeyError', 'No run'))
    await expect(waitForRun(server, 'r1', { timeoutSeconds: 600, machine })).rejects.toMatchObject({
      status: 404,
    })
  })
})

describe('stopRun', () => {
  it('works after the command itself was stopped', async () => {
    const { server, machine } = await world(() => ({ json: null }))
    machine.stop(new Error('SIGTERM'))
    await expect(stopRun(server, 'r1')).resolves.toEqual({ stopped: true })
    expect(fake.seen[0]).toMatchObject({ method: 'POST', path: '/api/v1/runs/r1/stop' })
  })

  it('says why a run was not stopped', async () => {
    const { server } = await world(() =>
      refusal(403, 'IllegalOperationError', 'Cannot stop a run that is already completed.'),
    )
    await expect(stopRun(server, 'r1')).resolves.toEqual({
      stopped: false,
      why: 'Cannot stop a run that is already completed.',
    })
  })

  it('never throws for a server that is away', async () => {
    const { server } = await world(() => ({ status: 503, json: {} }))
    await expect(stopRun(server, 'r1')).resolves.toMatchObject({
      stopped: false,
      why: expect.stringContaining('503'),
    })
  })
})

describe('explainRun', () => {
  it('asks for the project once, and for the step only where one failed', async () => {
    const { server } = await world(({ path, query }) => {
      if (path === '/api/v1/info')
        return {
          json: {
            id: 's',
            version: '0.98.0',
            server_url: 'https://zenml.example.com/',
            dashboard_url: '',
            deployment_type: 'other',
          },
        }
      if (path === '/api/v1/projects/p1') return { json: { id: 'p1', name: 'my project' } }
      // As ZenML 0.98.0: without the project of the run it looks in the caller's default project.
      if (path.endsWith('/steps') && query.get('project') !== 'p1') return page([])
      if (path.endsWith('/steps'))
        return page([
          {
            id: 't1',
            name: 'train',
            body: { status: path.includes('bad') ? 'failed' : 'completed' },
          },
        ])
      if (path === '/api/v1/steps/t1')
        return {
          json: {
            id: 't1',
            name: 'train',
            body: { status: 'failed' },
            metadata: {
              exception_info: { source: 'torch.cuda.OutOfMemoryError', message: 'no memory\nmore' },
            },
          },
        }
      const id = path.split('/').at(-1) ?? ''
      return {
        json: {
          ...run(id, { status: id === 'bad' ? 'failed' : 'completed' }),
          metadata: { orchestrator_environment: { zenml_version: '0.98.0' } },
          resources: {},
        },
      }
    })
    await expect(explainRun(server, 'good', 'server')).resolves.toEqual({
      id: 'good',
      name: 'name-good',
      status: 'completed',
      'zenml-version': '0.98.0',
      'all-cached': false,
      'failed-step': null,
      exception: null,
      url: 'https://zenml.example.com/projects/my%20project/runs/good',
    })
    expect(fake.seen).toHaveLength(4)
    await expect(explainRun(server, 'bad', 'server')).resolves.toMatchObject({
      'failed-step': 'train',
      exception: 'torch.cuda.OutOfMemoryError: no memory',
    })
    expect(fake.seen).toHaveLength(7)
  })

  it('points to the dashboard of ZenML Pro', async () => {
    const { server } = await world(({ path }) => {
      if (path === '/api/v1/info')
        return {
          json: {
            id: 's',
            version: '0.98.0',
            deployment_type: 'cloud',
            server_url: 'https://x.zenml.io',
            dashboard_url: 'https://cloud.zenml.io/workspaces/prod',
          },
        }
      return path.endsWith('/steps')
        ? page([])
        : { json: { ...run('r1', { status: 'cached' }), metadata: {}, resources: {} } }
    })
    await expect(explainRun(server, 'r1', 'server')).resolves.toMatchObject({
      'all-cached': true,
      'zenml-version': null,
      url: 'https://cloud.zenml.io/workspaces/prod/projects/p1/runs/r1',
    })
  })
})

describe('runsSince', () => {
  it('compares the server with itself, in the seconds that its filter knows', async () => {
    const all = [
      run('old'),
      run('same-second', { created: '2026-11-23T10:00:00.900000' }),
      run('new', { created: '2026-11-23T10:05:00' }),
      run('of-another', { created: '2026-11-23T10:06:00', user_id: 'u2' }),
    ]
    let there = all.slice(0, 1)
    const { server } = await world(({ query }) =>
      page(query.get('size') === '1' ? there.slice(-1) : there),
    )
    const mark = await markRuns(server, 'p1')
    expect(mark).toEqual({ project: 'p1', second: '2026-11-23 10:00:00', ids: ['old'] })
    there = all
    expect((await runsSince(server, mark)).map(({ id }) => id)).toEqual([
      'same-second',
      'new',
      'of-another',
    ])
    expect((await runsSince(server, mark, 'u1')).map(({ id }) => id)).toEqual([
      'same-second',
      'new',
    ])
    expect(fake.seen.at(-1)?.query.get('created')).toBe('gte:2026-11-23 10:00:00')
    expect(fake.seen.at(-1)?.query.get('user')).toBe('u1')
  })

  it('takes all runs of a project that had none', async () => {
    let there: unknown[] = []
    const { server } = await world(() => page(there))
    const mark = await markRuns(server, 'p1')
    there = [run('first')]
    await expect(runsSince(server, mark)).resolves.toHaveLength(1)
    expect(fake.seen.at(-1)?.query.has('created')).toBe(false)
  })
})
