// Data for real servers: stacks, runs, named snapshots; and a seeded old server that is made once
// and copied.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { clientEnvironment, once, OLD, testCache, uv } from './environments.ts'
import { PYTHON_SUPPORT, startServer, type Rest } from './zenml.ts'

/**
 * Source root of three small real pipelines: `churn.training.training`, `churn.scoring.scoring`,
 * `churn.report.report`.
 */
export const PIPELINES = join(import.meta.dirname, '..', 'fixtures', 'pipelines')

interface Connection {
  readonly url: string
  readonly apiKey: string
}

export interface ClientJob {
  readonly op: 'run' | 'snapshot'
  /** module.attribute below the source root */
  readonly source: string
  /**
   * Name of the stack. `default` gives snapshots that a server cannot run, `remote` (see
   * `seedRemoteStack`) ones that it can.
   */
  readonly stack: string
  /** ZenML's run configuration. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Of the snapshot. */
  readonly name?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly replace?: boolean
}

export interface ClientJobResult {
  readonly id: string
  readonly name: string
  readonly status?: string
  readonly runnable?: boolean
  readonly build?: string | null
}

/**
 * Runs pipelines and makes named snapshots with a ZenML client of one version; one Python process
 * for all jobs.
 */
export async function clientJobs(
  server: Connection,
  options: {
    clientVersion: string
    /** Default: an environment with that client and nothing more. */
    environment?: string
    jobs: readonly ClientJob[]
    sourceRoot?: string
    env?: Record<string, string>
  },
): Promise<ClientJobResult[]> {
  const environment = options.environment ?? (await clientEnvironment(options.clientVersion))
  const python = join(environment, 'bin', 'python')
  const config = await mkdtemp(join(tmpdir(), 'zenml-client-'))
  try {
    const child = spawn(python, [join(PYTHON_SUPPORT, 'client_jobs.py')], {
      cwd: options.sourceRoot ?? PIPELINES,
      env: {
        ...process.env,
        PYTHONPATH: PYTHON_SUPPORT,
        // ZenML asks uv for the list of packages that it records, else pip, which takes 0.4 s each
        // time.
        PATH: [process.env['PATH'] ?? '', dirname(await uv())].join(delimiter),
        // Not beside the pipelines, whose folders are compared.
        PYTHONPYCACHEPREFIX: join(testCache(), 'bytecode'),
        ZENML_CONFIG_PATH: join(config, 'zenml'),
        ZENML_STORE_URL: server.url,
        ZENML_STORE_API_KEY: server.apiKey,
        ...options.env,
      },
    })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => {
        output[name] += chunk.toString()
      })
    child.stdin.end(JSON.stringify(options.jobs))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    if (code !== 0)
      throw new Error(
        `client ${options.clientVersion} ended with exit code ${String(code)}:\n${output.stderr.slice(-4000)}`,
      )
    return JSON.parse(output.stdout) as ClientJobResult[]
  } finally {
    await rm(config, { recursive: true, force: true })
  }
}

/**
 * Registers the flavors of fake_remote.py and a stack of them: `name`, whose artifacts lie in
 * `artifacts`.
 */
export async function seedRemoteStack(
  admin: Rest,
  artifacts: string,
  name = 'remote',
): Promise<{ stackId: string }> {
  const flavors = {
    orchestrator: 'Orchestrator',
    artifact_store: 'ArtifactStore',
    image_builder: 'ImageBuilder',
  }
  for (const [type, className] of Object.entries(flavors)) {
    const { total } = await admin.get('/flavors', { name: 'fakeremote', type })
    if (total > 0) continue
    const source = `fake_remote.FakeRemote${className}Flavor`
    // Custom components cannot be run by a server; REST lets a flavor say that it is none.
    await admin.post('/flavors', {
      name: 'fakeremote',
      type,
      source,
      config_schema: {},
      integration: 'custom',
      is_custom: false,
    })
  }
  await mkdir(artifacts, { recursive: true })
  const component = async (type: string, flavor: string, configuration: Record<string, string>) =>
    (await admin.post('/components', { name: `${name}-${type}`, type, flavor, configuration })).id
  const components = {
    orchestrator: [await component('orchestrator', 'fakeremote', {})],
    artifact_store: [await component('artifact_store', 'fakeremote', { path: artifacts })],
    image_builder: [await component('image_builder', 'fakeremote', {})],
    // Nothing is ever pushed there: the image builder only names images.
    container_registry: [
      await component('container_registry', 'default', { uri: 'registry.example.invalid/churn' }),
    ],
  }
  const stack = await admin.post('/stacks', { name, components, labels: { team: 'churn' } })
  return { stackId: stack.id }
}

/**
 * A stack of well-known cloud flavors; registered with no cloud behind it, for comparing stacks.
 */
export async function seedCloudStack(
  admin: Rest,
  name: string,
  settings: { context: string; bucket: string },
): Promise<{ stackId: string }> {
  const component = async (type: string, flavor: string, configuration: Record<string, string>) =>
    (await admin.post('/components', { name: `${name}-${type}`, type, flavor, configuration })).id
  const components = {
    orchestrator: [
      await component('orchestrator', 'kubernetes', {
        kubernetes_context: settings.context,
        kubernetes_namespace: 'zenml',
      }),
    ],
    artifact_store: [await component('artifact_store', 's3', { path: `s3://${settings.bucket}` })],
    container_registry: [
      await component('container_registry', 'aws', {
        uri: '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
      }),
    ],
  }
  return { stackId: (await admin.post('/stacks', { name, components })).id }
}

/** What every copy of the seeded old server holds. */
export interface SeededData {
  /**
   * A folder of the test's own with `zenml.db`; start a server on it with `directory`, or move the
   * file elsewhere.
   */
  readonly directory: string
  readonly databasePath: string
  readonly apiKey: string
  readonly version: string
  /** Named snapshots, by pipeline; `local-report` cannot be run by a server, the others can. */
  readonly snapshots: readonly { pipeline: string; name: string; stack: string }[]
}

const SEED_SNAPSHOTS = [
  {
    pipeline: 'churn_training',
    name: 'training',
    stack: 'remote',
    source: 'churn.training.training',
    config: { parameters: { threshold: 0.4 } },
    description: 'Nightly training',
    tags: ['nightly', 'churn'],
  },
  {
    pipeline: 'churn_scoring',
    name: 'scoring',
    stack: 'remote',
    source: 'churn.scoring.scoring',
    config: { parameters: { limit: 3 }, steps: { load: { parameters: { rows: 30 } } } },
  },
  {
    pipeline: 'churn_report',
    name: 'report',
    stack: 'remote',
    source: 'churn.report.report',
    config: { parameters: { title: 'Weekly' } },
  },
  {
    pipeline: 'churn_report',
    name: 'local-report',
    stack: 'default',
    source: 'churn.report.report',
  },
] as const

/** The data of a seeded server of the OLD version; see `seededServer`. */
export function seededOldServer(into?: string): Promise<SeededData> {
  return seededServer(OLD, into)
}

/**
 * The data of a server of a version with two runs and four named snapshots on the stacks `default`
 * and `remote`, in `into` (default: a new temporary folder, which the test removes). Made once per
 * machine (about a minute), then copied.
 */
export async function seededServer(version: string, into?: string): Promise<SeededData> {
  const home = join(testCache(), 'seeds', await digest(version))
  await once(home, async (temporary) => {
    const server = await startServer({ version, directory: temporary, workloadManager: true })
    try {
      // Paths in the data name the final place: artifacts are read there whatever copy of the data
      // is in use.
      await seedRemoteStack(server.admin, join(`${home}-artifacts`))
      await clientJobs(server, {
        clientVersion: version,
        jobs: [
          { op: 'run', source: 'churn.training.training', stack: 'remote' },
          { op: 'run', source: 'churn.report.report', stack: 'default' },
          ...SEED_SNAPSHOTS.map((snapshot) => ({ op: 'snapshot' as const, ...snapshot })),
        ],
      })
      await writeFile(join(temporary, 'seed.json'), JSON.stringify({ apiKey: server.apiKey }))
    } finally {
      await server.stop()
    }
  })
  const directory = into ?? (await mkdtemp(join(tmpdir(), 'zenml-seeded-')))
  const databasePath = join(directory, 'zenml.db')
  await mkdir(directory, { recursive: true })
  await cp(join(home, 'zenml.db'), databasePath)
  const { apiKey } = JSON.parse(await readFile(join(home, 'seed.json'), 'utf8')) as {
    apiKey: string
  }
  const snapshots = SEED_SNAPSHOTS.map(({ pipeline, name, stack }) => ({ pipeline, name, stack }))
  return { directory, databasePath, apiKey, version, snapshots }
}

/** Of everything that goes into the seed, so that a changed fixture makes a new one. */
async function digest(version: string): Promise<string> {
  const hash = createHash('sha256')
    .update(version)
    .update(await readFile(import.meta.filename, 'utf8'))
  for (const folder of [PYTHON_SUPPORT, join(PIPELINES, 'churn')]) {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.py')).sort()
    for (const name of names) hash.update(name).update(await readFile(join(folder, name)))
  }
  return hash.digest('hex').slice(0, 16)
}
