// Real ZenML servers for tests: no containers, no root, everything on 127.0.0.1 and in temporary
// folders.
import { spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { cp, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { NEW, OLD, once, serverEnvironment, testCache, uv } from './environments.ts'
import { makeApiKey, rest, type Rest } from './rest.ts'

export { NEW, OLD, serverEnvironment, testCache, uv } from './environments.ts'
export { makeApiKey, rest, type Json, type Rest } from './rest.ts'

/**
 * Folder of the Python modules that a server with snapshot runs, its clients and its runners must
 * be able to import.
 */
export const PYTHON_SUPPORT = join(import.meta.dirname, 'python')

export interface ServerOptions {
  readonly version: string
  /**
   * Default: a temporary folder, removed by `stop`. Given: kept, so that a later server goes on
   * with the same data.
   */
  readonly directory?: string
  /** Default: `sqlite:///<directory>/zenml.db`. */
  readonly databaseUrl?: string
  /**
   * Lets the server run snapshots; the "image" of a snapshot is the Python environment of its
   * build's version.
   */
  readonly workloadManager?: boolean
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
  /** A key that is in the data already; without it a new service account gets one. */
  readonly apiKey?: string
}

export interface TestServer {
  readonly url: string
  readonly version: string
  readonly directory: string
  /** Of the server process, which leads its process group. */
  readonly pid: number
  readonly apiKey: string
  /** With the rights of the default user. */
  readonly admin: Rest
  log(): Promise<string>
  /** Ends the server and removes a temporary folder. Can be called twice. */
  stop(): Promise<void>
}

/**
 * Starts a server and waits until it answers. Rejects with the end of its log when it ends before.
 */
export async function startServer(options: ServerOptions): Promise<TestServer> {
  const python = join(await serverEnvironment(options.version), 'bin', 'python')
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'zenml-server-')))
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  if (options.directory === undefined && options.databaseUrl === undefined)
    await cp(await emptyDatabase(options.version), join(directory, 'zenml.db'))
  // A working directory with a `.zen` folder would make the server act as somebody's client.
  const neutral = join(directory, 'cwd')
  await mkdir(neutral, { recursive: true })
  const logPath = join(directory, 'server.log')
  const log = await open(logPath, 'a')
  const child = spawn(
    python,
    [
      '-m',
      'uvicorn',
      'zenml.zen_server.zen_server_api:app',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ],
    {
      cwd: neutral,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: {
        ...process.env,
        ...serverVariables(url, directory),
        ...(options.databaseUrl === undefined ? {} : { ZENML_STORE_URL: options.databaseUrl }),
        ...(options.workloadManager === true ? await workloadVariables(directory) : {}),
        ...options.env,
      },
    },
  )
  await log.close()
  const ended = event(child, 'exit')
  const pid = child.pid
  if (pid === undefined) throw new Error(`${python} cannot be started`)
  const endWithTests = () => {
    kill(pid, 'SIGKILL')
  }
  process.on('exit', endWithTests)
  const stop = async () => {
    process.off('exit', endWithTests)
    kill(pid, 'SIGTERM')
    // A server waits for runs that it started; tests do not.
    await Promise.race([ended, sleep(3000, undefined, { ref: false })])
    kill(pid, 'SIGKILL')
    await ended
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true })
  }
  while (!(await answers(url))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const text = await readFile(logPath, 'utf8')
      await stop()
      throw new Error(
        `ZenML ${options.version} ended with exit code ${String(child.exitCode)}:\n${text.slice(-3000)}`,
      )
    }
    await sleep(100)
  }
  const admin = rest(url, 'admin')
  return {
    url,
    version: options.version,
    directory,
    pid,
    apiKey: options.apiKey ?? (await makeApiKey(admin, `test-${Date.now()}`)),
    admin,
    log: () => readFile(logPath, 'utf8'),
    stop,
  }
}

/**
 * What a server makes of no database, made once per machine: a third of the time of a first start.
 * Every copy has the same server id.
 */
async function emptyDatabase(version: string): Promise<string> {
  const home = join(testCache(), 'seeds', `empty-${version}`)
  await once(home, async (temporary) => {
    const server = await startServer({ version, directory: temporary, apiKey: 'not needed' })
    await server.stop()
  })
  return join(home, 'zenml.db')
}

/** Environment of a plain server, without what the caller's shell may hold. */
export function serverVariables(url: string, directory: string): Record<string, string> {
  return {
    PYTHONPATH: PYTHON_SUPPORT,
    ZENML_SERVER: 'true',
    ZENML_CONFIG_PATH: join(directory, 'config'),
    ZENML_STORE_URL: `sqlite:///${join(directory, 'zenml.db')}`,
    ZENML_ANALYTICS_OPT_IN: 'false',
    ZENML_LOGGING_COLORS_DISABLED: 'true',
    ZENML_ENABLE_RICH_TRACEBACK: 'false',
    ZENML_SERVER_AUTO_ACTIVATE: '1',
    ZENML_SERVER_AUTH_SCHEME: 'OAUTH2_PASSWORD_BEARER',
    ZENML_SERVER_DEPLOYMENT_TYPE: 'other',
    ZENML_SERVER_JWT_SECRET_KEY: '5ec2e7'.repeat(8),
    ZENML_SERVER_SERVER_URL: url,
  }
}

/**
 * What lets a server run snapshots. Also for the `server.env` of a server that something else
 * starts.
 */
export async function workloadVariables(directory: string): Promise<Record<string, string>> {
  const images = { [OLD]: await serverEnvironment(OLD), [NEW]: await serverEnvironment(NEW) }
  return {
    PYTHONPATH: PYTHON_SUPPORT,
    // The runners get it too: ZenML asks uv for the list of packages that it records, else pip,
    // which takes 0.4 s each time.
    PATH: [process.env['PATH'] ?? '', dirname(await uv())].join(delimiter),
    ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE: 'venv_workloads.VenvWorkloadManager',
    // The server reads the logs in a bucket; without this it reads none that is a local path
    // (base_artifact_store.py, _validate_path).
    ZENML_SERVER_ALLOW_LOCAL_FILE_ACCESS: 'true',
    VENV_WORKLOADS_IMAGES: JSON.stringify(images),
    VENV_WORKLOADS_DIRECTORY: join(directory, 'workloads'),
    FAKE_REMOTE_SCHEDULES: join(directory, 'schedules'),
  }
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await event(probe, 'listening')
  const address = probe.address()
  probe.close()
  await event(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    (response) => response.ok,
    () => false,
  )
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
