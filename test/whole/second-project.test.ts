import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { explainRun } from '../../src/runs/explain.ts'
import { runProblem } from '../../src/snapshots/run-verdict.ts'
import type { Machine } from '../../src/runtime/runtime.ts'
import { createLog } from '../../src/runtime/log.ts'
import { closeHttp } from '../../src/http/http.ts'
import { readInventory } from '../../src/zenml/inventory.ts'
import { connect } from '../../src/zenml/server.ts'
import type { ProjectList, ZenmlServer } from '../../src/zenml/types.ts'
import { clientJobs } from '../support/seed.ts'
import { NEW, startServer, type TestServer } from '../support/zenml.ts'

// A project that is not the default one has everything, and `default` has nothing: a list request
// that does not name its project would answer none of it.

const WORK = `
from zenml import Model, pipeline, step
from zenml.client import Client

@step(enable_cache=False)
def one() -> int:
    return 1

@step(enable_cache=False)
def breaks(number: int) -> int:
    raise RuntimeError("no rows left")

@pipeline(model=Model(name="churn"))
def training():
    one()

@pipeline(dynamic=True, enable_cache=False)
def dynamic():
    one()

@pipeline
def broken():
    breaks(one())

class Caught:
    """Runs the pipeline that fails, and gives its run all the same."""
    def with_options(self, **options):
        self.pipeline = broken.with_options(**options)
        return self
    def __call__(self):
        try:
            return self.pipeline()
        except Exception:
            return Client().list_pipeline_runs(sort_by="desc:created", size=1).items[0]

red = Caught()
`

const machine: Machine = {
  env: {},
  log: createLog({ write: () => undefined, github: false, colour: false }),
  signal: new AbortController().signal,
  now: () => new Date(),
  monotonic: () => performance.now() / 1000,
  sleep: (seconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, seconds * 1000)
    }),
}

let running: TestServer
let server: ZenmlServer
let project: string
const runs = new Map<string, string>()

beforeAll(async () => {
  running = await startServer({ version: NEW })
  server = connect({ url: running.url, apiKey: running.apiKey, machine })
  project = (await running.admin.post('/projects', { name: 'churn' })).id
  const root = await mkdtemp(join(tmpdir(), 'second-project-'))
  try {
    await writeFile(join(root, 'work.py'), WORK)
    const names = ['training', 'red', 'dynamic']
    const results = await clientJobs(running, {
      clientVersion: NEW,
      sourceRoot: root,
      env: { ZENML_ACTIVE_PROJECT_ID: project },
      jobs: [
        ...names.map((name) => ({ op: 'run' as const, source: `work.${name}`, stack: 'default' })),
        { op: 'snapshot', source: 'work.training', stack: 'default', name: 'daily' },
      ],
    })
    for (const [index, name] of names.entries()) runs.set(name, results[index]?.id ?? '')
  } finally {
    await rm(root, { recursive: true, force: true })
  }
  const [pipeline, orchestrator] = await Promise.all([
    running.admin.get('/pipelines', { project }),
    running.admin.get('/components', { type: 'orchestrator' }),
  ])
  await running.admin.post('/schedules', {
    project,
    name: 'nightly',
    cron_expression: '0 3 * * *',
    active: true,
    catchup: false,
    pipeline_id: pipeline.items[0]?.id,
    orchestrator_id: orchestrator.items[0]?.id,
  })
  await running.admin.post('/triggers', {
    project,
    name: 'hourly',
    type: 'schedule',
    flavor: 'native schedule',
    cron_expression: '0 * * * *',
    active: true,
    concurrency: 'skip',
  })
  await running.admin.post('/code_repositories', {
    project,
    name: 'code',
    config: {},
    source: { module: 'work', attribute: 'Repository', type: 'user' },
  })
}, 300_000)
afterAll(async () => {
  await closeHttp()
  await running.stop()
}, 30_000)

const item = z.looseObject({ id: z.string() })

describe('a project that is not the default one', () => {
  it.each<[ProjectList, number]>([
    ['/pipelines', 3],
    ['/pipeline_snapshots', 4],
    ['/runs', 3],
    ['/schedules', 1],
    ['/triggers', 1],
    ['/artifacts', 3],
    ['/artifact_versions', 3],
    ['/models', 1],
    ['/model_versions', 1],
    ['/code_repositories', 1],
  ])('answers the list of %s, and default has none', async (path, least) => {
    expect((await server.list(path, item, { project })).length).toBeGreaterThanOrEqual(least)
    expect(await server.total(path, { project })).toBeGreaterThanOrEqual(least)
    expect(await server.list(path, item, { project: 'default' })).toEqual([])
  })

  it('is in the inventory with the names of its entities', async () => {
    const { names } = await readInventory(server, undefined)
    expect(names).toMatchObject({
      pipelines: expect.arrayContaining(['churn/training', 'churn/broken', 'churn/dynamic']),
      snapshots: ['churn/training/daily'],
      schedules: ['churn/nightly'],
    })
  })

  it('tells which step of a run failed, and that a run was none from the cache', async () => {
    expect(await explainRun(server, runs.get('red') ?? '', 'source')).toMatchObject({
      status: 'failed',
      'failed-step': 'breaks',
      exception: 'RuntimeError: no rows left',
      'all-cached': false,
    })
    expect(await explainRun(server, runs.get('training') ?? '', 'source')).toMatchObject({
      status: 'completed',
      'all-cached': false,
    })
  })
})

describe('a run of a dynamic pipeline', () => {
  it('is good when it ran from the source with the version of the server', async () => {
    const run = await explainRun(server, runs.get('dynamic') ?? '', 'source')
    expect(run).toMatchObject({ status: 'completed', 'zenml-version': NEW, 'all-cached': false })
    expect(runProblem(run, NEW)).toBeUndefined()
  })
})
