import { join } from 'node:path'
import { configSchema } from '../../src/config/schema.ts'
import type { Machine } from '../../src/runtime/runtime.ts'
import type { SnapshotsDeps, SourceRoot } from '../../src/snapshots/deps.ts'
import { stackReader } from '../../src/stacks/definition.ts'
import { triggerMovesIn } from '../../src/state/local/trigger-moves.ts'
import { connect } from '../../src/zenml/server.ts'
import { prepareClient } from '../../src/zenml-client/environment.ts'
import { startForkServer } from '../../src/zenml-client/fork-server.ts'
import { FORK_SERVER } from './fork-server.ts'
import { realMachine } from './real-machine.ts'
import { PYTHON_SUPPORT, testCache, uv, type TestServer } from './zenml.ts'

interface SnapshotsDepsOptions {
  readonly server: Pick<TestServer, 'url' | 'apiKey'>
  /** Directory for logs and trigger moves. */
  readonly directory: string
  readonly target: string
  readonly root: SourceRoot
  /** Of sources that are elsewhere than `root`, by their names. */
  readonly roots?: Readonly<Record<string, SourceRoot>>
  /** ZenML version of the client; left out, the target. */
  readonly client?: string
  /** Keys of the configuration file besides the required ones. */
  readonly file?: Readonly<Record<string, unknown>>
  readonly parallel?: number
  /** Variables of the jobs besides address and key. */
  readonly variables?: Readonly<Record<string, string>>
  readonly machine?: Machine
  readonly replaced?: SnapshotsDeps['replaced']
}

/** What the snapshots need from outside, for staging on a real server, with real clients. */
export function snapshotsDepsFor({
  server,
  directory,
  target,
  root,
  roots = {},
  client = target,
  file = {},
  parallel = 2,
  variables = {},
  machine = realMachine({ ...process.env, PYTHONPATH: PYTHON_SUPPORT }),
  replaced = new Map(),
}: SnapshotsDepsOptions): SnapshotsDeps {
  const environment = { server: server.url, deploy: { command: { deploy: 'true' } } }
  const zenml = connect({ url: server.url, apiKey: server.apiKey, machine })
  return {
    machine,
    server: zenml,
    file: configSchema.parse({
      zenml: target,
      environments: { staging: environment, production: environment },
      ...file,
    }),
    environment: 'staging',
    target,
    sourceRoot: ({ name }) => Promise.resolve(roots[name] ?? root),
    recordedRoot: () =>
      Promise.resolve({ message: 'No recorded commit.', next: 'Set `code: branch`.' }),
    thisRepository: () => Promise.resolve(undefined),
    stack: stackReader(zenml),
    prepareClient: async ({ python, integrations }) =>
      prepareClient({
        machine,
        uv: { path: await uv(), version: '0' },
        zenmlVersion: client,
        python,
        requirements: [],
        integrations,
        extras: ['local'],
        indexEnv: [],
        cacheDirectory: join(testCache(), 'clients'),
      }),
    startForkServer: (made) =>
      startForkServer({ machine, environment: made, forkServerPath: FORK_SERVER, parallel }),
    jobVariables: {
      ...variables,
      ZENML_STORE_URL: server.url,
      ZENML_STORE_API_KEY: server.apiKey,
    },
    triggerMoves: triggerMovesIn(join(directory, 'moves')),
    logDirectory: join(directory, 'logs'),
    shard: undefined,
    knownSeconds: new Map(),
    parallel,
    baseline: null,
    changed: new Map(),
    replaced,
    predecessors: new Map(),
  }
}
