import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { prepareClient } from '../../src/zenml-client/environment.ts'
import { startForkServer } from '../../src/zenml-client/fork-server.ts'
import { configSchema } from '../../src/config/schema.ts'
import type { SnapshotsDeps } from '../../src/snapshots/deps.ts'
import {
  executeSnapshots,
  planSnapshots,
  rebuildSnapshots,
  type SnapshotsOutcome,
} from '../../src/snapshots/modes.ts'
import { stackReader } from '../../src/stacks/definition.ts'
import { triggerMovesIn } from '../../src/state/local/trigger-moves.ts'
import { connect } from '../../src/zenml/server.ts'
import { FORK_SERVER } from '../support/fork-server.ts'
import { realMachine } from '../support/real-machine.ts'
import { clientJobs, PIPELINES, seedRemoteStack } from '../support/seed.ts'
import {
  NEW,
  OLD,
  PYTHON_SUPPORT,
  startServer,
  testCache,
  uv,
  type Json,
  type TestServer,
} from '../support/zenml.ts'

jest.setTimeout(600_000)

/** A run configuration that says as much as it can. */
const CONFIGURATION = {
  run_name: 'nightly-{date}-{who}-{time}',
  enable_step_logs: true,
  enable_artifact_visualization: false,
  parameters: { threshold: 0.25 },
  tags: ['of-file'],
  extra: { team: 'growth', nested: { b: null } },
  retry: { max_retries: 1, delay: 2, backoff: 1 },
  settings: {
    orchestrator: { memory: '2G', labels: { team: 'churn' } },
    resources: { cpu_count: 1 },
  },
  secrets: ['warehouse'],
  substitutions: { shift: 'night' },
  environment: { STAGE: 'prod' },
  steps: {
    load: { parameters: { rows: 7 }, enable_cache: true, extra: { owner: 'file' } },
    train: {
      parameters: { rate: 0.01 },
      settings: { resources: { memory: '4GB' } },
      success_hook_source: 'carryover.hooks.celebrate',
    },
    publish: { environment: { DRY: '1' }, cache_policy: { include_step_code: false } },
  },
}

function depsFor(server: TestServer, directory: string, target: string): SnapshotsDeps {
  const machine = realMachine({ ...process.env, PYTHONPATH: PYTHON_SUPPORT })
  const environment = { server: server.url, deploy: { command: { deploy: 'true' } } }
  const zenml = connect({ url: server.url, apiKey: server.apiKey, machine })
  return {
    machine,
    server: zenml,
    file: configSchema.parse({
      zenml: target,
      environments: { staging: environment, production: environment },
    }),
    environment: 'staging',
    target,
    sourceRoot: () => Promise.resolve({ directory: join(directory, 'code'), commit: undefined }),
    stack: stackReader(zenml),
    prepareClient: async ({ python, integrations }) =>
      prepareClient({
        machine,
        uv: { path: await uv(), version: '0' },
        zenmlVersion: target,
        python,
        requirements: [],
        integrations,
        extras: ['local'],
        indexEnv: [],
        cacheDirectory: join(testCache(), 'clients'),
      }),
    startForkServer: (made) =>
      startForkServer({ machine, environment: made, forkServerPath: FORK_SERVER, parallel: 2 }),
    jobVariables: { ZENML_STORE_URL: server.url, ZENML_STORE_API_KEY: server.apiKey },
    triggerMoves: triggerMovesIn(join(directory, 'moves')),
    logDirectory: join(directory, 'logs'),
    shard: undefined,
    parallel: 2,
    baseline: null,
    changed: new Map(),
  }
}

async function namedSnapshots(server: TestServer): Promise<Map<string, Json>> {
  const { items } = await server.admin.get('/pipeline_snapshots', {
    project: 'default',
    named_only: 'true',
    hydrate: 'true',
    size: '100',
  })
  return new Map(items.map((item) => [item.name, item]))
}

/** Paths of all values that differ; lists count as one value. */
function changedPaths(before: unknown, after: unknown, path = ''): string[] {
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => changedPaths(before[key], after[key], `${path}.${key}`))
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
}
function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** All that ZenML itself or a rebuild changes, seen between the releases below. */
const RENEWED = [
  /^\.id$/,
  /^\.body\.(created|updated)$/,
  /^\.metadata\.(client_environment\.\w+|client_version|server_version|pipeline_version_hash|source_code|code_path)$/,
  /^\.metadata\.pipeline_spec\.(steps|input_schema|output_schema)/,
  /\.spec\.(inputs\.\w+|parameter_spec)$/,
  /\.caching_parameters\.\w+$/,
  /\.settings\.docker\.requirements$/,
  /\.settings\.orchestrator[.:][\w-]+$/,
  /^\.resources\.(build\..*|tags|latest_run.*)$/,
]

describe.each([
  ['0.94.1', '0.98.0'],
  ['0.92.0', '0.97.0'],
])('a snapshot of %s', (old, target) => {
  let directory: string
  let server: TestServer

  afterEach(async () => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  })

  it(`shows no difference when it is rebuilt with ${target} at its own commit`, async () => {
    directory = await mkdtemp(join(tmpdir(), 'carryover-test-'))
    await cp(PIPELINES, join(directory, 'code'), { recursive: true })
    const data = join(directory, 'server')
    server = await startServer({ version: old, directory: data })
    await seedRemoteStack(server.admin, join(directory, 'artifacts'))
    await server.admin.post('/secrets', {
      name: 'warehouse',
      values: { user: 'u' },
      private: false,
    })
    const job = { op: 'snapshot', stack: 'remote', tags: ['t1', 't2'] } as const
    await clientJobs(server, {
      clientVersion: old,
      sourceRoot: join(directory, 'code'),
      jobs: [
        {
          ...job,
          source: 'carryover.training.nightly',
          name: 'configured',
          description: 'All of it',
          config: CONFIGURATION,
        },
        { ...job, source: 'carryover.training.training', name: 'plain' },
        { ...job, source: 'carryover.training.training', name: 'local', stack: 'default' },
      ],
    })
    const planned = await planSnapshots(depsFor(server, directory, target))
    expect(planned).toMatchObject({ code: 'snapshots-planned', details: { planned: 3 } })
    await server.stop()
    server = await startServer({ version: target, directory: data, apiKey: server.apiKey })
    const before = await namedSnapshots(server)
    const outcome = await rebuildSnapshots(depsFor(server, directory, target))
    expect(outcome).toMatchObject({ code: 'snapshots-rebuilt', details: { rebuilt: 3 } })
    for (const report of [...planned.details.snapshots, ...outcome.details.snapshots])
      expect(report['not-checked'].join(' ')).not.toMatch(/recorded/)
    const after = await namedSnapshots(server)
    for (const [name, recorded] of before) {
      const changed = changedPaths(recorded, after.get(name))
      expect(changed.filter((path) => !RENEWED.some((known) => known.test(path)))).toEqual([])
    }
    expect(after.get('configured')?.['metadata']).toMatchObject({
      pipeline_configuration: {
        success_hook_source: { module: 'carryover.hooks', attribute: 'celebrate', type: 'user' },
        failure_hook_source: { module: 'carryover.hooks', attribute: 'alarm', type: 'user' },
        settings: {
          docker: { requirements: [`zenml==${target}`, 'pandas'] },
          'orchestrator:remote-orchestrator': { memory: '2G', labels: { team: 'churn' } },
        },
      },
    })
  })
})

/** A pipeline of one step. */
const pipelineOf = (name: string, settings: string, step = 'work') => `
from zenml import pipeline, step
from zenml.config import DockerSettings

@step(enable_cache=False)
def ${step}() -> int:
    return 1

@pipeline(name="${name}", settings={"docker": ${settings}})
def ${name}():
    ${step}()
`
const IMAGE = `DockerSettings(parent_image="zenmldocker/zenml:${OLD}-py3.11")`
const HOOKED = `${pipelineOf('hooked', 'DockerSettings()')}
try:
    from trouble.hooks import celebrate
    scripted = hooked.with_options(on_success=celebrate)
except ImportError:
    pass
`
const INLINE_BUILD = {
  images: {},
  is_local: false,
  contains_code: true,
  zenml_version: OLD,
  python_version: '3.11',
}

describe('a snapshot that would become another one', () => {
  let directory: string
  let server: TestServer
  let data: string

  const write = (module: string, text: string) =>
    writeFile(join(directory, 'code', 'trouble', module), text)
  const messages = ({ details }: SnapshotsOutcome) =>
    Object.fromEntries(
      details.snapshots.flatMap(({ name, status, message }) =>
        status === 'failed' ? [[name, message]] : [],
      ),
    )
  /** Everything that a rebuild could leave on the server. */
  async function everything(): Promise<unknown> {
    const kinds = ['pipelines', 'pipeline_snapshots', 'pipeline_builds']
    return Promise.all(
      kinds.map(async (kind) => {
        const { items } = await server.admin.get(`/${kind}`, { project: 'default', size: '100' })
        return items.map(({ id, name }) => `${id} ${name}`).sort()
      }),
    )
  }
  const FAILURES = {
    image: expect.stringMatching(
      `Its image would hold another ZenML than ${NEW}: parent_image zenmldocker/zenml:${OLD}-py3.11.`,
    ),
    file: expect.stringMatching(
      `Its image would hold another ZenML than ${NEW}: zenml==${OLD} in the file trouble/requirements.txt.`,
    ),
    hooked: expect.stringMatching(
      /The hook trouble\.hooks\.celebrate \(success_hook_source of the pipeline\) cannot be imported/,
    ),
    renamed: expect.stringMatching(
      /The code is that of another snapshot: `trouble\.renamed\.renamed` is the pipeline other, and the snapshot is of renamed/,
    ),
    steps: expect.stringMatching(
      /The code is that of another snapshot: `trouble\.steps\.steps` has the steps alien, and the snapshot has work/,
    ),
    changed: expect.stringMatching(
      /The rebuilt snapshot would be another one\. steps\.work\.extra\.team: recorded nothing, now "new"\./,
    ),
    inline: expect.stringMatching(/A server can run it, and could not run it after the rebuild/),
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'carryover-test-'))
    data = join(directory, 'server')
    await mkdir(join(directory, 'code', 'trouble'), { recursive: true })
    await write('image.py', pipelineOf('image', IMAGE))
    await write(
      'file.py',
      pipelineOf('file', 'DockerSettings(requirements="trouble/requirements.txt")'),
    )
    await write('requirements.txt', `pandas\nzenml==${OLD}\n`)
    await write('hooks.py', 'def celebrate():\n    pass\n')
    await write('hooked.py', HOOKED)
    for (const name of ['renamed', 'steps', 'changed', 'inline'])
      await write(`${name}.py`, pipelineOf(name, 'DockerSettings()'))
    server = await startServer({ version: OLD, directory: data })
    await seedRemoteStack(server.admin, join(directory, 'artifacts'))
    const job = { op: 'snapshot', stack: 'remote' } as const
    await clientJobs(server, {
      clientVersion: OLD,
      sourceRoot: join(directory, 'code'),
      jobs: [
        ...['image', 'file', 'renamed', 'steps', 'changed'].map((name) => ({
          ...job,
          source: `trouble.${name}.${name}`,
          name,
        })),
        { ...job, source: 'trouble.hooked.scripted', name: 'hooked' },
        {
          ...job,
          source: 'trouble.inline.inline',
          name: 'inline',
          stack: 'default',
          config: { build: INLINE_BUILD },
        },
      ],
    })
    await rm(join(directory, 'code', 'trouble', 'hooks.py'))
    await write(
      'renamed.py',
      pipelineOf('renamed', 'DockerSettings()').replace('name="renamed"', 'name="other"'),
    )
    await write('steps.py', pipelineOf('steps', 'DockerSettings()', 'alien'))
    await write(
      'changed.py',
      pipelineOf('changed', 'DockerSettings()').replace(
        '@step(enable_cache=False',
        '@step(enable_cache=False, extra={"team": "new"}',
      ),
    )
  })
  afterAll(async () => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  })

  it('is found by the plan before the upgrade', async () => {
    const outcome = await planSnapshots(depsFor(server, directory, NEW))
    expect(messages(outcome)).toEqual(FAILURES)
    const image = outcome.details.snapshots.find(({ name }) => name === 'image')
    expect(image?.next).toBe(
      'Name an image of the new ZenML: see trouble/image.py and what it imports.',
    )
  })

  it('is not rebuilt, leaves nothing on the server, and fails again in a second run', async () => {
    await server.stop()
    server = await startServer({ version: NEW, directory: data, apiKey: server.apiKey })
    const before = await everything()
    for (const run of ['first', 'second']) {
      const outcome = await rebuildSnapshots(depsFor(server, directory, NEW))
      expect([run, outcome.code, messages(outcome)]).toEqual([run, 'snapshots-failed', FAILURES])
    }
    expect(await everything()).toEqual(before)
  })

  it('is stale while its image holds another ZenML, whoever made it with the new client', async () => {
    await clientJobs(server, {
      clientVersion: NEW,
      sourceRoot: join(directory, 'code'),
      jobs: ['image', 'file'].map((name) => ({
        op: 'snapshot',
        stack: 'remote',
        source: `trouble.${name}.${name}`,
        name,
        replace: true,
      })),
    })
    const deps = depsFor(server, directory, NEW)
    expect(messages(await rebuildSnapshots(deps))).toEqual(FAILURES)
    expect(messages(await executeSnapshots(deps))).toMatchObject({
      image: `It cannot be run: another ZenML is put into its image: parent_image zenmldocker/zenml:${OLD}-py3.11, its image was built with zenmldocker/zenml:${OLD}-py3.11.`,
      file: `It cannot be run: another ZenML is put into its image: its image was built with zenml==${OLD}.`,
    })
  })

  it('is rebuilt once its code names the new ZenML', async () => {
    await write('image.py', pipelineOf('image', IMAGE.replace(OLD, NEW)))
    await write('requirements.txt', `pandas\nzenml==${NEW}\n`)
    const outcome = await rebuildSnapshots(depsFor(server, directory, NEW))
    const { image, file, ...others } = FAILURES
    expect(image).not.toBe(file)
    expect(messages(outcome)).toEqual(others)
    expect(outcome.details.rebuilt).toBe(2)
  })
})
