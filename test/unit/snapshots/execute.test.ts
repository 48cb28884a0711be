import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { closeHttp } from '../../../src/http/http.ts'
import type { SnapshotsDeps } from '../../../src/snapshots/deps.ts'
import type { SelectedSnapshot } from '../../../src/snapshots/discovered.ts'
import { executeEach } from '../../../src/snapshots/execute.ts'
import { currentReport } from '../../../src/snapshots/reports.ts'
import { withTally } from '../../../src/snapshots/tally.ts'
import type { ForkServer } from '../../../src/zenml-client/fork-server.ts'
import { connect } from '../../../src/zenml/server.ts'
import {
  httpServer,
  type HttpTestServer,
  type Reply,
  type SeenRequest,
} from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'
import { snapshotsDepsFor } from '../../support/snapshots-deps.ts'
import { discovered, file } from './example.ts'

let fake: HttpTestServer
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'execute-'))
})
afterEach(async () => {
  await closeHttp()
  await fake.close()
  await rm(directory, { recursive: true })
})

const BUSY: Reply = { status: 429, json: { detail: ['MaxConcurrentTasksError', 'Maximum number'] } }
const run = (id: string) => ({
  id,
  name: `name-${id}`,
  body: { created: '2026-11-23T10:00:00', status: 'completed', project_id: 'p1' },
  metadata: { orchestrator_environment: { zenml_version: '0.98.0' } },
  resources: {},
})

function answer({ method, path }: SeenRequest): Reply {
  if (path === '/api/v1/info')
    return { json: { id: 's', version: '0.98.0', deployment_type: 'other' } }
  if (path === '/api/v1/projects/p1') return { json: { id: 'p1', name: 'default' } }
  if (path.endsWith('/status')) return { json: 'completed' }
  if (path.endsWith('/steps'))
    return { json: { index: 1, max_size: 100, total_pages: 1, total: 0, items: [] } }
  return { json: run(method === 'POST' ? 'r1' : (path.split('/').at(-1) ?? '')) }
}

const LOCAL_STORE = {
  type: 'artifact_store',
  name: 'default',
  flavor: 'local',
  integration: null,
  flavorSource: null,
  configuration: {},
}

/** A client whose jobs end as `run` says. */
function sourceDeps(
  run: ForkServer['run'],
): Pick<SnapshotsDeps, 'stack' | 'prepareClient' | 'startForkServer'> {
  return {
    stack: () =>
      Promise.resolve({
        definition: { name: 'local', components: [LOCAL_STORE] },
        integrations: [],
      }),
    prepareClient: ({ python }) =>
      Promise.resolve({
        python: '/python',
        bin: '/bin',
        env: {},
        packages: 0,
        cached: true,
        seconds: 0,
        pythonVersion: python,
        zenmlVersion: '0.98.0',
        overridden: [],
        released: [],
      }),
    startForkServer: () =>
      Promise.resolve({
        zenmlVersion: '0.98.0',
        pythonVersion: '3.11',
        importSeconds: 0,
        run,
        close: () => Promise.resolve(),
      }),
  }
}

/** Runs snapshots as the file declares them. */
async function execute(
  handle: (request: SeenRequest, count: number) => Reply,
  snapshots: readonly Record<string, unknown>[],
  runFromSource?: ForkServer['run'],
) {
  fake = await httpServer(handle)
  const machine = testMachine()
  const config = file({ snapshots })
  const deps = {
    ...snapshotsDepsFor({
      server: { url: fake.url, apiKey: '' },
      directory,
      target: '0.98.0',
      root: { directory: '/nowhere', commit: undefined },
      parallel: 1,
      machine,
    }),
    server: connect({ url: fake.url, machine }),
    ...(runFromSource === undefined ? {} : sourceDeps(runFromSource)),
  }
  const [source] = config.sources
  if (source === undefined) throw new Error('no source')
  const candidates = config.snapshots.map((declaration) => {
    const selected: SelectedSnapshot = {
      snapshot: discovered(declaration.name),
      source,
      declaration,
    }
    return { selected, report: currentReport(selected) }
  })
  const reports = await withTally(machine, ['run', candidates.length], (tally) =>
    executeEach(deps, candidates, tally),
  )
  return { machine, reports: new Map(reports.map((report) => [report.name, report])) }
}

it('waiting for a free slot does not count against the time-out of the snapshot', async () => {
  const { machine, reports } = await execute(
    (request, count) =>
      request.method === 'POST' && request.path.endsWith('/runs') && count < 4
        ? BUSY
        : answer(request),
    [{ name: 'training', timeout: '10s' }],
  )
  expect(machine.slept.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(20)
  expect(reports.get('training')).toMatchObject({ status: 'executed' })
  expect(machine.lines.filter((line) => line.includes('free slot'))).toEqual([
    'training waits for a free slot on the server',
  ])
})

it('names that one snapshot does not have are found before another one is started', async () => {
  const { machine, reports } = await execute(answer, [
    { name: 'training' },
    { name: 'wrong', smoke: { steps: { laod: {} } } },
  ])
  expect(reports.get('wrong')).toMatchObject({
    status: 'failed',
    'failed-at': 'execute',
    message: '`smoke.steps` names steps that the pipeline does not have: laod.',
  })
  expect(reports.get('training')?.status).toBe('executed')
  expect(machine.lines.findIndex((line) => line.includes('wrong failed'))).toBe(0)
})

const DELETED: Reply = {
  status: 404,
  json: { detail: ['KeyError', "Unable to get run with ID 'r1': No run with this ID found."] },
}

it('a run that was deleted fails its snapshot alone', async () => {
  let runs = 0
  const { reports } = await execute(
    (request) => {
      if (request.method === 'POST' && request.path.endsWith('/runs')) {
        runs += 1
        return { json: run(`r${runs}`) }
      }
      return request.path.includes('/runs/r1') ? DELETED : answer(request)
    },
    [{ name: 'deleted' }, { name: 'training' }],
  )
  expect(reports.get('deleted')).toMatchObject({
    status: 'failed',
    'failed-at': 'execute',
    'executed-on': 'server',
    message:
      "Its run name-r1 was deleted before its end was read: Unable to get run with ID 'r1': No run with this ID found.",
  })
  expect(reports.get('training')?.status).toBe('executed')
})

it('a run on the server that may not be read is stopped and named, as a run that was started', async () => {
  const { reports } = await execute(
    (request) => {
      if (request.path.endsWith('/stop')) return { json: null }
      return request.path.endsWith('/status')
        ? { status: 403, json: { detail: ['IllegalOperationError', 'Insufficient permissions.'] } }
        : answer(request)
    },
    [{ name: 'training' }],
  )
  expect(reports.get('training')?.message).toBe(
    'Its run name-r1 could not be read: Insufficient permissions. name-r1 (r1) was told to stop.',
  )
  expect(fake.seen.filter(({ path }) => path.endsWith('/stop'))).toHaveLength(1)
})

it('a run from source that was deleted fails its snapshot alone', async () => {
  let jobs = 0
  const { reports } = await execute(
    (request) => {
      if (request.method === 'POST' && request.path.endsWith('/runs')) return { status: 405 }
      return request.path.includes('/runs/r1') ? DELETED : answer(request)
    },
    [{ name: 'deleted' }, { name: 'training' }],
    (() => {
      jobs += 1
      const value = { runId: `r${jobs}`, pipeline: 'churn', status: 'x', clientVersion: '0.98.0' }
      return Promise.resolve({ ok: true, value, seconds: 1 })
    }) as ForkServer['run'],
  )
  expect(reports.get('deleted')?.message).toMatch(
    /^Its run \S+ was deleted before its end was read/,
  )
  expect(reports.get('training')?.status).toBe('executed')
})

it('a process that failed is reported where the server does not tell about its run', async () => {
  const { reports } = await execute(
    (request) => {
      if (request.method === 'POST' && request.path.endsWith('/runs')) return { status: 405 }
      return request.path.includes('/runs/r1') ? DELETED : answer(request)
    },
    [{ name: 'training' }],
    (() =>
      Promise.resolve({
        ok: false,
        kind: 'run',
        error: 'ValueError: no rows',
        next: null,
        traceback: '',
        runId: 'r1',
        seconds: 1,
      })) as unknown as ForkServer['run'],
  )
  expect(reports.get('training')?.message).toMatch(
    /^The run failed: ValueError: no rows\. Its run \S+ was deleted before its end was read/,
  )
})

it('a step that could not load its artifact from the store of another machine is explained by the log', async () => {
  const cause =
    'FileNotFoundError: File `/home/ada/.config/zenml/local_stores/a1/load` is outside of artifact store bounds `/root/x`'
  const { reports } = await execute(
    (request) => {
      if (request.method === 'POST' && request.path.endsWith('/runs')) return { status: 405 }
      if (request.path.endsWith('/steps')) return answer(request)
      if (!request.path.includes('/runs/r1')) return answer(request)
      const failedRun = run('r1')
      return { json: { ...failedRun, body: { ...failedRun.body, status: 'failed' } } }
    },
    [{ name: 'training' }],
    (async ({ logPath }: { logPath: string }) => {
      await mkdir(dirname(logPath), { recursive: true })
      await writeFile(logPath, `Traceback (most recent call last):\n${cause}\nStep fit failed.\n`)
      return {
        ok: false,
        kind: 'run',
        error: 'RuntimeError: Pipeline run has failed due to failure in step(s): fit',
        next: null,
        traceback: '',
        runId: 'r1',
        seconds: 1,
      }
    }) as unknown as ForkServer['run'],
  )
  expect(reports.get('training')?.message).toContain(
    `The run name-r1 (r1) ended as failed: ${cause}. The artifact store default of its stack is local to the machine that made the artifact, so this run cannot read it here.`,
  )
  expect(reports.get('training')).toMatchObject({
    run: { exception: cause },
    next: 'Run it on that machine, or give the stack a remote artifact store.',
  })
})

it('a run that failed names the packages that changed since the earlier one that completed', async () => {
  const detail = (id: string, status: string, packages: string) => {
    const made = run(id)
    const environment = { zenml_version: id === 'r0' ? '0.94.1' : '0.98.0' }
    return {
      ...made,
      body: { ...made.body, status },
      metadata: { orchestrator_environment: { ...environment, python_packages: packages } },
    }
  }
  const earlier = detail('r0', 'completed', 'pandas==2.2.3\nzenml==0.94.1')
  const { reports } = await execute(
    (request) => {
      const { method, path } = request
      if (method === 'GET' && path === '/api/v1/runs')
        return { json: { index: 1, max_size: 20, total_pages: 1, total: 1, items: [earlier] } }
      if (path.endsWith('/status')) return { json: 'failed' }
      if (path.endsWith('/runs/r0')) return { json: earlier }
      return path.endsWith('/runs/r1')
        ? { json: detail('r1', 'failed', 'pandas==3.0.0\nzenml==0.98.0') }
        : answer(request)
    },
    [{ name: 'training' }],
  )
  expect(reports.get('training')?.message).toMatch(
    /, completed\. Since then these packages changed: pandas 2\.2\.3 → 3\.0\.0\.$/,
  )
})
