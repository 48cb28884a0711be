import { randomUUID } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { prepareClient, type ClientEnvironment } from '../../src/zenml-client/environment.ts'
import { startForkServer, type ForkServer } from '../../src/zenml-client/fork-server.ts'
import type { ConfigureJob, CreateJob, RunJob } from '../../src/zenml-client/protocol.ts'
import { isAlive, identify } from '../../src/runtime/process-identity.ts'
import type { Machine } from '../../src/runtime/runtime.ts'
import { registerSecret } from '../../src/runtime/secrets.ts'
import { FORK_SERVER, FORK_SERVER_PACKAGE } from '../support/fork-server.ts'
import { testMachine } from '../support/machine.ts'
import { PIPELINES, seedRemoteStack } from '../support/seed.ts'
import {
  NEW,
  OLD,
  PYTHON_SUPPORT,
  startServer,
  testCache,
  uv,
  type TestServer,
} from '../support/zenml.ts'

jest.setTimeout(600_000)

const GARBAGE = join(import.meta.dirname, '..', 'fixtures', 'garbage')
const LOCAL_STACK = { name: 'default', components: [] }

let server: TestServer
let logs: string
let old: ForkServer
let current: ForkServer

// The stack's flavors are code of the tests; a pipeline must not see the connection of the command
// itself.
const machine: Machine = {
  ...testMachine({
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONPATH: PYTHON_SUPPORT,
    ZENML_STORE_URL: 'http://127.0.0.1:9',
    ZENML_STORE_API_KEY: 'not-yours',
  }),
  sleep: (seconds) => delay(seconds * 1000),
}

async function client(zenmlVersion: string): Promise<ClientEnvironment> {
  return prepareClient({
    machine,
    zenmlVersion,
    uv: { path: await uv(), version: '0' },
    python: '3.11',
    requirements: [],
    integrations: [],
    extras: ['local'],
    indexEnv: [],
    cacheDirectory: join(testCache(), 'clients'),
  })
}

async function start(zenmlVersion: string): Promise<ForkServer> {
  return startForkServer({
    machine,
    environment: await client(zenmlVersion),
    forkServerPath: FORK_SERVER,
    parallel: 2,
  })
}

function common(pipelineSource: string, sourceRoot = PIPELINES) {
  return {
    sourceRoot,
    pipelineSource,
    configuration: null,
    configPath: null,
    timeoutSeconds: 120,
    logPath: join(logs, `${randomUUID()}.log`),
  }
}
const configure = (source: string, more: Partial<ConfigureJob> = {}): ConfigureJob => ({
  op: 'configure',
  ...common(source, GARBAGE),
  env: {},
  stackDefinition: LOCAL_STACK,
  ...more,
})
const live = () => ({
  env: { ZENML_STORE_URL: server.url, ZENML_STORE_API_KEY: server.apiKey },
  stack: 'default',
  project: 'default',
})
const create = (source: string, name: string, more: Partial<CreateJob> = {}): CreateJob => ({
  op: 'create',
  ...common(source),
  ...live(),
  name,
  ...more,
})
const runJob = (source: string, more: Partial<RunJob> = {}): RunJob => ({
  op: 'run',
  ...common(source),
  ...live(),
  ...more,
})

beforeAll(async () => {
  logs = await mkdtemp(join(tmpdir(), 'client-test-'))
  server = await startServer({ version: NEW })
  await seedRemoteStack(server.admin, join(logs, 'artifacts'))
  current = await start(NEW)
  old = await start(OLD)
})
afterAll(async () => {
  await current.close()
  await old.close()
  await server.stop()
  await rm(logs, { recursive: true, force: true })
})

describe('create', () => {
  it('makes a snapshot with a build of the client’s version, on the stack that was asked for', async () => {
    const result = await current.run(
      create('churn.training.training', 'nightly', {
        stack: 'remote',
        description: 'Nightly',
        tags: ['churn'],
        configPath: '../pipelines/configs/staging.yaml',
        configuration: { parameters: { threshold: 1e-5 } },
      }),
    )
    expect(result).toMatchObject({
      ok: true,
      value: {
        pipeline: 'churn_training',
        runnable: true,
        clientVersion: NEW,
        build: { zenmlVersion: NEW },
      },
    })
    const snapshot = await server.admin.get(
      `/pipeline_snapshots/${result.ok ? result.value.snapshotId : ''}`,
      { hydrate: 'true' },
    )
    expect(snapshot).toMatchObject({
      name: 'nightly',
      metadata: {
        description: 'Nightly',
        client_version: NEW,
        pipeline_configuration: { parameters: { threshold: 1e-5 } },
      },
      resources: { stack: { name: 'remote' } },
    })
    // Imported from the source root, not from where this process is.
    expect(snapshot.metadata?.['pipeline_spec']).toMatchObject({
      source: { module: 'churn.training' },
    })
  })

  it('refuses a taken name, and takes it with `replace`', async () => {
    const job = create('churn.report.report', 'weekly')
    expect(await current.run(job)).toMatchObject({
      ok: true,
      value: { build: null, runnable: false },
    })
    expect(await current.run(job)).toMatchObject({
      ok: false,
      kind: 'create',
      error: expect.stringContaining('EntityExistsError'),
      next: expect.stringContaining('replace'),
    })
    expect(await current.run({ ...job, replace: true })).toMatchObject({ ok: true })
  })

  it('"succeeds" with a client of another version, which the result tells', async () => {
    const result = await old.run(
      create('churn.report.report', 'by-an-old-client', { stack: 'remote' }),
    )
    expect(result).toMatchObject({
      ok: true,
      value: { clientVersion: OLD, build: { zenmlVersion: OLD } },
    })
  })

  it.each([
    [
      'a stack that is gone',
      { stack: 'no-such-stack' },
      'configure',
      'The stack no-such-stack is not there',
    ],
    [
      'a project that is gone',
      { project: 'no-such-project' },
      'configure',
      'The project no-such-project is not there',
    ],
    [
      'a key that is refused',
      { env: { ZENML_STORE_API_KEY: 'ZENKEY_bm9uc2Vuc2U=' } },
      'create',
      'CredentialsNotValid',
    ],
    [
      'a server that is not there',
      { env: { ZENML_STORE_URL: 'http://127.0.0.1:9' } },
      'create',
      'connect',
    ],
  ])('tells of %s', async (_name, more, kind, words) => {
    const job = create('churn.report.report', 'never', more)
    const result = await current.run({ ...job, env: { ...live().env, ...job.env } })
    expect(result).toMatchObject({ ok: false, kind, error: expect.stringContaining(words) })
  })
})

describe('run', () => {
  it('runs from source to its end, without the cache', async () => {
    const again = [
      await current.run(runJob('good.good', { sourceRoot: GARBAGE })),
      await current.run(runJob('good.good', { sourceRoot: GARBAGE })),
    ]
    for (const result of again) {
      expect(result).toMatchObject({
        ok: true,
        value: { status: 'completed', pipeline: 'garbage_good' },
      })
      const { items: steps } = await server.admin.get('/steps', {
        project: 'default',
        pipeline_run_id: result.ok ? result.value.runId : '',
      })
      expect(steps.map((step) => [step.name, step.body['status']])).toEqual([['add', 'completed']])
    }
  })

  it('names the run whose step failed', async () => {
    const result = await current.run(
      runJob('good.failing', { sourceRoot: GARBAGE, runName: 'failing-on-purpose' }),
    )
    expect(result).toMatchObject({ ok: false, kind: 'run', error: expect.stringContaining('boom') })
    const run = await server.admin.get(`/runs/${result.ok ? '' : (result.runId ?? '')}`)
    expect(run).toMatchObject({ name: 'failing-on-purpose', body: { status: 'failed' } })
  })

  it('makes no schedule, whatever the configuration says', async () => {
    const result = await current.run(
      runJob('churn.report.report', {
        stack: 'remote',
        configuration: { schedule: { cron_expression: '0 3 * * *' } },
      }),
    )
    expect(result).toMatchObject({ ok: true, value: { status: 'completed' } })
    expect((await server.admin.get('/schedules', { project: 'default' })).total).toBe(0)
  })
})

describe('configure', () => {
  it('compiles on a copy of the stack, asks no server, and tells what it could not check', async () => {
    const stackDefinition = {
      name: 'cloud',
      components: [
        {
          type: 'orchestrator',
          name: 'k8s',
          flavor: 'fakeremote',
          integration: 'custom',
          flavorSource: 'fake_remote.FakeRemoteOrchestratorFlavor',
          configuration: {},
        },
        {
          type: 'artifact_store',
          name: 'default',
          flavor: 'local',
          integration: null,
          flavorSource: null,
          configuration: { of_another_version: 1 },
        },
        {
          type: 'container_registry',
          name: 'registry',
          flavor: 'default',
          integration: null,
          flavorSource: null,
          configuration: { uri: 'r.example.invalid', default_repository: '{{registry.name}}' },
        },
        {
          type: 'step_operator',
          name: 'gone',
          flavor: 'in-house',
          integration: 'custom',
          flavorSource: 'in_house.Flavor',
          configuration: {},
        },
      ],
    }
    const result = await current.run(
      configure('churn.training.training', {
        sourceRoot: PIPELINES,
        configuration: { parameters: { threshold: 0.9 } },
        stackDefinition,
      }),
    )
    expect(result).toMatchObject({
      ok: true,
      value: {
        pipeline: 'churn_training',
        steps: ['load', 'train', 'evaluate'],
        parameters: { threshold: 0.9 },
        clientVersion: NEW,
        pythonVersion: '3.11',
      },
    })
    const sentences = result.ok ? result.value.notChecked.join('\n') : ''
    for (const words of ['placeholders', 'of_another_version', '`in-house`'])
      expect(sentences).toContain(words)
  })

  it('compiles on a stack whose name has 255 characters', async () => {
    const stackDefinition = { name: 'x'.repeat(255), components: [] }
    expect(await current.run(configure('good.good', { stackDefinition }))).toMatchObject({
      ok: true,
    })
  })

  it('names an integration that is not installed', async () => {
    const kubernetes = {
      type: 'orchestrator',
      name: 'k8s',
      flavor: 'kubernetes',
      integration: 'kubernetes',
      flavorSource: null,
      configuration: { kubernetes_context: 'prod' },
    }
    const result = await current.run(
      configure('good.good', { stackDefinition: { name: 'cloud', components: [kubernetes] } }),
    )
    expect(result).toMatchObject({
      ok: false,
      kind: 'configure',
      error: expect.stringContaining('kubernetes'),
      next: expect.stringContaining('requirements'),
    })
  })

  it.each([
    ['a parameter that is missing', 'good.needs', {}, 'configure', "'a'"],
    [
      'a parameter that is unknown',
      'good.good',
      { parameters: { zz: 1 } },
      'configure',
      'zz: Unexpected keyword argument',
    ],
    [
      'a parameter of the wrong type',
      'good.good',
      { parameters: { a: 'secret text' } },
      'configure',
      'a: Input should be a valid integer',
    ],
    [
      'a step that is unknown',
      'good.good',
      { steps: { nope: {} } },
      'configure',
      'steps that the pipeline does not have: nope',
    ],
    [
      'a parameter of a step that is unknown',
      'good.good',
      { steps: { add: { parameters: { q: 1 } } } },
      'configure',
      "'q'",
    ],
    ['a module that is not there', 'no.such.module', {}, 'import', 'there is no module `no` under'],
    ['an attribute that is not there', 'good.missing', {}, 'no-pipeline', 'has no `missing`'],
    [
      'something else than a pipeline',
      'good.not_a_pipeline',
      {},
      'no-pipeline',
      'is a list and not a ZenML pipeline',
    ],
    ['a package that is not installed', 'misses_module.x', {}, 'import', 'nothing_of_that_name'],
    ['a module that never ends its recursion', 'recurses.x', {}, 'import', 'RecursionError'],
    ['a module that exits', 'exits.x', {}, 'crash', 'sys.exit(3)'],
    ['a module that ends the process', 'ends.x', {}, 'crash', 'exit code 7'],
    ['a module that crashes the interpreter', 'segfaults.x', {}, 'crash', 'SIGSEGV'],
    [
      'code that asks the server while it is imported',
      'asks_server.asks_server',
      {},
      'needs-server',
      'warehouse',
    ],
  ])('tells of %s', async (_name, source, configuration, kind, words) => {
    const result = await current.run(configure(source, { configuration }))
    expect(result).toMatchObject({ ok: false, kind, error: expect.stringContaining(words) })
    expect(result.ok ? '' : result.error).not.toContain('secret text')
  })

  it('names the variables that the settings of the code do not find', async () => {
    const result = await current.run(configure('needs_variables.x'))
    expect(result).toMatchObject({
      ok: false,
      kind: 'import',
      error: expect.stringContaining('not set in the environment: `CHURN_BUCKET`, `MODEL_TOKEN`'),
      next: expect.stringContaining('_SOURCES_ENV, one line NAME=value'),
    })
    const env = { CHURN_BUCKET: 'b', MODEL_TOKEN: 't' }
    expect(await current.run(configure('needs_variables.x', { env }))).toMatchObject({
      error: 'AttributeError: the module `needs_variables` has no `x`',
    })
  })

  it.each(['current', 'old'] as const)(
    'notes the keys that ZenML ignores, with the nearest that it knows (%s client)',
    async (which) => {
      const client = { current, old }[which]
      const configuration = { setings: {}, owner: 'me', steps: { add: { setings: {}, cost: 1 } } }
      const result = await client.run(configure('good.good', { configuration }))
      const zenml = `ZenML ${which === 'current' ? NEW : OLD} ignores the key`
      expect(result).toMatchObject({
        ok: true,
        value: {
          notes: [
            `${zenml} \`setings\` of the configuration; \`settings\` may be meant.`,
            `${zenml} \`owner\` of the configuration.`,
            `${zenml} \`setings\` of the step add in the configuration; \`settings\` may be meant.`,
            `${zenml} \`cost\` of the step add in the configuration.`,
          ],
        },
      })
    },
  )

  it.each([
    'good.good',
    'multiplies.multiplies',
    'runs_itself.runs_itself',
    'leaves_state.leaves_state',
    'leaves_state.leaves_state',
  ])('is not disturbed by %s', async (source) => {
    expect(await current.run(configure(source))).toMatchObject({ ok: true })
  })

  it('ends a job with all that it started when its time is over, and the next one works', async () => {
    const pids: number[] = []
    const result = await current.run(configure('hangs.x', { timeoutSeconds: 2 }), {
      onStarted: (pid) => pids.push(pid),
    })
    expect(result).toMatchObject({
      ok: false,
      kind: 'timeout',
      error: expect.stringContaining('within 2 s'),
    })
    expect(await sleepers()).toEqual([])
    expect(pids).toHaveLength(1)
    expect(await current.run(configure('good.good'))).toMatchObject({ ok: true })
  })

  it('keeps secrets out of the log, and leaves the source as it was', async () => {
    registerSecret('"event": "done"')
    const before = await readdir(GARBAGE)
    const job = configure('good.good')
    expect(await current.run(job)).toMatchObject({ ok: true })
    expect(await readFile(job.logPath, 'utf8')).toContain('{***, "id": 0}')
    expect(await readdir(GARBAGE)).toEqual(before)
  })
})

describe('the pipeline of a module', () => {
  const find = (source: string, pipeline: string) =>
    current.run(
      configure(source, { expected: { pipeline, steps: ['nothing'], stepsMayDiffer: false } }),
    )

  it.each([
    ['was assigned to another name', 'training', 'assigned', 'nightly'],
    ['was made by a factory, and has two names', 'made', 'from_factory', 'weekly'],
    ['was renamed, while another one has its name now', 'scoring', 'new_name', 'scoring_v2'],
  ])('is found by the recorded name where it %s', async (_case, recorded, pipeline, name) => {
    expect(await find(`other_names.${recorded}`, pipeline)).toMatchObject({
      ok: true,
      value: {
        pipeline,
        notes: [
          `The pipeline ${pipeline} is \`other_names.${name}\`, not \`other_names.${recorded}\`.`,
        ],
      },
    })
    // What this ZenML would record of it is what the snapshot recorded.
    const created = await current.run({
      ...create(`other_names.${recorded}`, `by-${name}`, { sourceRoot: GARBAGE }),
      expected: { pipeline, steps: ['nothing'], stepsMayDiffer: false },
    })
    const snapshot = await server.admin.get(
      `/pipeline_snapshots/${created.ok ? created.value.snapshotId : ''}`,
      { hydrate: 'true' },
    )
    expect(snapshot.metadata?.['pipeline_spec']).toMatchObject({
      source: { module: 'other_names', attribute: recorded },
    })
  })

  it('is not chosen among several of the name, which are listed', async () => {
    expect(await find('other_names.made', 'twice')).toMatchObject({
      ok: false,
      kind: 'import',
      next: 'The module has `other_names.first` (twice), `other_names.second` (twice). Set `pipeline-source` of the snapshot to the one that is meant.',
    })
  })

  it('is not found where none has the name, and those that are there are listed', async () => {
    expect(await find('other_names.gone', 'gone')).toMatchObject({
      kind: 'no-pipeline',
      error: 'AttributeError: the module `other_names` has no `gone`',
      next: expect.stringContaining('`other_names.scoring` (old_name)'),
    })
    expect(await find('other_names.scoring', 'gone')).toMatchObject({ kind: 'mismatch' })
  })

  it('is not found where it is made inside a function', async () => {
    expect(await find('makes_none.training', 'inside')).toMatchObject({
      kind: 'import',
      next: expect.stringContaining('made inside a function cannot be found'),
    })
  })
})

describe('the fork server', () => {
  it('ends its jobs when it is closed, and when it is killed, and then takes new ones', async () => {
    for (const way of ['close', 'kill'] as const) {
      const own = await start(NEW)
      const job = configure('hangs.x')
      let pid = 0
      const started = new Promise<void>((resolve) => {
        void own
          .run(job, {
            onStarted: (number) => {
              pid = number
              resolve()
            },
          })
          .then(
            () => 'ended',
            () => 'rejected',
          )
      })
      await started
      const identity = await identify(pid)
      if (identity === undefined) throw new Error('the job did not run')
      if (way === 'kill') {
        const parent = /^PPid:\s+(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
        process.kill(Number(parent), 'SIGKILL')
        expect(await own.run(configure('good.good'))).toMatchObject({ ok: true })
      }
      await own.close()
      await waitUntil(async () => !(await isAlive(identity)))
      await expect(own.run(job)).rejects.toThrow()
    }
  })
})

describe('modules of a pipeline that are called like ours', () => {
  let directory: string
  let source: string
  let modules: string[]
  let own: ForkServer

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'client-names-'))
    source = join(directory, 'source')
    await mkdir(source)
    modules = (await readdir(FORK_SERVER_PACKAGE))
      .filter((file) => /^[a-z]\w*\.py$/.test(file))
      .map((file) => file.slice(0, -3))
    expect(modules).toEqual(expect.arrayContaining(['server', 'jobs', 'errors']))
    // A checkout of the action that is reached through a link, and that nobody may write to.
    const checkout = join(directory, 'checkout')
    await cp(FORK_SERVER_PACKAGE, join(checkout, 'zenml_upgrade_fork_server'), {
      recursive: true,
      filter: (path) => !path.endsWith('__pycache__'),
    })
    await symlink(checkout, join(directory, 'link'))
    own = await startForkServer({
      // Unless this variable is set, Python writes byte code beside what it imports.
      machine: { ...machine, env: { ...machine.env, PYTHONDONTWRITEBYTECODE: undefined } },
      environment: await client(NEW),
      forkServerPath: join(directory, 'link', 'zenml_upgrade_fork_server', '__main__.py'),
      parallel: 2,
    })
  })
  afterAll(async () => {
    await own.close()
    await rm(directory, { recursive: true, force: true })
  })

  const PIPELINE = `
@step
def nothing() -> int:
    return 1


@pipeline(name="names")
def names():
    nothing()
`

  it('are not there for a pipeline that has none', async () => {
    await writeFile(
      join(source, 'without.py'),
      `import importlib.util
import sys

from zenml import pipeline, step

names = ${JSON.stringify(modules)}
assert [name for name in names if importlib.util.find_spec(name)] == []
assert [entry for entry in sys.path if "checkout" in entry or "link" in entry] == []
${PIPELINE}`,
    )
    expect(await own.run(configure('without.names', { sourceRoot: source }))).toMatchObject({
      ok: true,
    })
    await writeFile(join(source, 'misses.py'), 'import jobs\n')
    expect(await own.run(configure('misses.names', { sourceRoot: source }))).toMatchObject({
      ok: false,
      kind: 'import',
      error: "ModuleNotFoundError: No module named 'jobs', imported by `misses`",
    })
  })

  it('are the pipeline’s own, and it is planned and rebuilt', async () => {
    for (const name of modules)
      await writeFile(join(source, `${name}.py`), `OWNER = "the user's ${name}"\n`)
    await writeFile(
      join(source, 'with_all.py'),
      `import importlib

from zenml import pipeline, step

for name in ${JSON.stringify(modules)}:
    assert importlib.import_module(name).OWNER == f"the user's {name}"
${PIPELINE}`,
    )
    const job = { sourceRoot: source }
    expect(await own.run(configure('with_all.names', job))).toMatchObject({
      ok: true,
      value: { steps: ['nothing'] },
    })
    expect(await own.run(create('with_all.names', 'names', job))).toMatchObject({
      ok: true,
      value: { pipeline: 'names' },
    })
    expect(await own.run(runJob('with_all.names', job))).toMatchObject({
      ok: true,
      value: { status: 'completed' },
    })
  })

  it('leave no byte code with our own', async () => {
    const ours = await readdir(join(directory, 'checkout', 'zenml_upgrade_fork_server'))
    expect(ours.filter((file) => !file.endsWith('.py'))).toEqual([])
  })
})

/** Processes of `hangs.py` that are still there. */
async function sleepers(): Promise<string[]> {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.split('\0')[1] === '611') found.push(pid)
  }
  return found
}

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(50)
}
