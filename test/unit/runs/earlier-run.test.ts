import { afterEach, describe, expect, it } from '@jest/globals'
import { closeHttp } from '../../../src/http/http.ts'
import { findEarlierRun } from '../../../src/runs/earlier-run.ts'
import { runnerLogTail, stepLogTail } from '../../../src/runs/log-tail.ts'
import { connect } from '../../../src/zenml/server.ts'
import {
  httpServer,
  type HttpTestServer,
  type Reply,
  type SeenRequest,
} from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'

let fake: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await fake.close()
})

async function serverThat(handle: (request: SeenRequest) => Reply) {
  fake = await httpServer(handle)
  return connect({ url: fake.url, machine: testMachine() })
}

const NOT_FOUND: Reply = { status: 404, json: { detail: ['KeyError', 'No logs found'] } }

const run = (id: string, status: string, version: string | null) => ({
  id,
  name: `name-${id}`,
  body: { created: '2026-11-20T10:11:12.345678', status, project_id: 'p1' },
  metadata: version === null ? {} : { orchestrator_environment: { zenml_version: version } },
  resources: {},
})
const page = (items: readonly unknown[]): Reply => ({
  json: { index: 1, max_size: 100, total_pages: 1, total: items.length, items },
})

/** Runs by the filter that finds them. */
function serverWith(runs: Readonly<Record<'source_snapshot_id' | 'pipeline_id', unknown[]>>) {
  const all = Object.values(runs).flat() as { id: string }[]
  return serverThat(({ path, query }) => {
    if (path === '/api/v1/info')
      return { json: { id: 's', version: '0.98.0', deployment_type: 'other' } }
    if (path === '/api/v1/projects/p1') return { json: { id: 'p1', name: 'default' } }
    if (path.endsWith('/steps')) return page([])
    if (path === '/api/v1/runs')
      return page(runs[query.has('pipeline_id') ? 'pipeline_id' : 'source_snapshot_id'])
    return { json: all.find(({ id }) => path.endsWith(id)) }
  })
}

const about = {
  project: 'p1',
  replaced: 'old',
  pipelineId: 'pl1',
  stackId: 's1',
  target: '0.98.0',
}

describe('findEarlierRun', () => {
  it('finds the newest ended run of the snapshot that was replaced', async () => {
    const server = await serverWith({
      source_snapshot_id: [run('r3', 'running', '0.94.1'), run('r2', 'failed', null)],
      pipeline_id: [],
    })
    await expect(findEarlierRun(server, about)).resolves.toMatchObject({
      id: 'r2',
      status: 'failed',
      of: 'snapshot',
      started: '2026-11-20T10:11:12.345Z',
    })
    expect(fake.seen[0]?.query.toString()).toBe(
      'project=p1&source_snapshot_id=old&hydrate=true&sort_by=desc%3Acreated&size=20&page=1',
    )
  })

  it('passes over a run of the snapshot that was replaced that used the target', async () => {
    const server = await serverWith({
      source_snapshot_id: [run('r3', 'failed', '0.98.0'), run('r2', 'completed', '0.94.1')],
      pipeline_id: [],
    })
    await expect(findEarlierRun(server, about)).resolves.toMatchObject({
      id: 'r2',
      'zenml-version': '0.94.1',
    })
  })

  it('takes one of the pipeline that says it used another client, where the snapshot has none', async () => {
    const server = await serverWith({
      source_snapshot_id: [],
      pipeline_id: [
        run('r5', 'failed', '0.98'),
        run('r4', 'failed', null),
        run('r3', 'completed', '0.94.1'),
      ],
    })
    await expect(findEarlierRun(server, about)).resolves.toMatchObject({
      id: 'r3',
      'zenml-version': '0.94.1',
      of: 'pipeline',
    })
  })

  it('is null where there is none', async () => {
    const server = await serverWith({ source_snapshot_id: [], pipeline_id: [] })
    await expect(findEarlierRun(server, about)).resolves.toBeNull()
    await expect(
      findEarlierRun(server, { ...about, replaced: undefined, pipelineId: undefined }),
    ).resolves.toBeNull()
  })
})

describe('the log of a run', () => {
  const steps = [
    { id: 't1', name: 'load', body: { status: 'completed' } },
    { id: 't2', name: 'fit', body: { status: 'failed' } },
  ]
  const about = { id: 'r1', project: 'p1' }

  it('is that of the failed step', async () => {
    const server = await serverThat(({ path, query }) => {
      if (path === '/api/v1/runs/r1/steps') return page(steps)
      // ZenML 0.98.0 answers 400 where no source is named.
      return path === '/api/v1/steps/t2/logs' && query.get('source') === 'step'
        ? { json: [{ message: 'Traceback\n  File "fit.py"' }, { message: 'ValueError: no rows' }] }
        : NOT_FOUND
    })
    await expect(stepLogTail(server, about)).resolves.toEqual([
      'Traceback',
      '  File "fit.py"',
      'ValueError: no rows',
    ])
  })

  it('is nothing where the server has none or may not read it', async () => {
    const server = await serverThat(({ path }) =>
      path.endsWith('/steps')
        ? page(steps)
        : {
            status: 403,
            json: {
              detail: [
                'IllegalOperationError',
                'Files in a local artifact store cannot be accessed from the server.',
              ],
            },
          },
    )
    await expect(stepLogTail(server, about)).resolves.toEqual([])
    await expect(runnerLogTail(server, 'r1')).resolves.toEqual([])
  })

  it('is that of the runner where no step was started', async () => {
    const server = await serverThat(({ path, query }) =>
      path === '/api/v1/runs/r1/logs' && query.get('source') === 'runner'
        ? { json: [{ message: 'Starting pipeline run.' }] }
        : page([]),
    )
    await expect(stepLogTail(server, about)).resolves.toEqual([])
    await expect(runnerLogTail(server, 'r1')).resolves.toEqual(['Starting pipeline run.'])
  })
})
