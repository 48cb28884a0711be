import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NEW, serverEnvironment } from '../environments.ts'
import { freePort } from '../zenml.ts'
import { startInBackground, type Background } from './background.ts'
import type { ContainerPrograms } from './programs.ts'

const execute = promisify(execFile)

export interface TestRegistry {
  /** `127.0.0.1:<port>`. Docker needs no certificate there, and ZenML takes it for a remote one. */
  readonly host: string
  readonly port: number
  stop(): Promise<void>
}

interface RegistryOptions {
  readonly programs: ContainerPrograms
  readonly directory: string
  readonly name: string
  /** Where the images are; default: a folder in `directory`. */
  readonly storage?: string
  /** Refuses every push. */
  readonly isReadOnly?: boolean
  /** Refuses everyone else. */
  readonly login?: { readonly user: string; readonly password: string }
  readonly port?: number
}

export async function startRegistry(options: RegistryOptions): Promise<TestRegistry> {
  const { programs, directory, name } = options
  const port = options.port ?? (await freePort())
  const storage = options.storage ?? join(directory, name)
  await mkdir(storage, { recursive: true })
  const maintenance = { readonly: { enabled: options.isReadOnly === true } }
  const configuration = join(directory, `${name}.yml`)
  await writeFile(
    configuration,
    // JSON is YAML.
    JSON.stringify({
      version: '0.1',
      storage: { filesystem: { rootdirectory: storage }, maintenance },
      http: { addr: `127.0.0.1:${port}`, secret: 'of-tests' },
      log: { level: 'warn' },
      ...(options.login === undefined ? {} : { auth: await basicAuth(options, options.login) }),
    }),
  )
  const registry: Background = await startInBackground({
    argv: [join(programs.root, 'usr', 'bin', 'docker-registry'), 'serve', configuration],
    env: programs.env,
    directory,
    name,
    ready: () =>
      fetch(`http://127.0.0.1:${port}/v2/`).then(
        ({ status }) => status === 200 || status === 401,
        () => false,
      ),
  })
  return { host: `127.0.0.1:${port}`, port, stop: () => registry.stop() }
}

async function basicAuth(
  { directory, name }: RegistryOptions,
  { user, password }: { user: string; password: string },
): Promise<unknown> {
  // A server environment has bcrypt, the one hash that the registry takes.
  const { stdout } = await execute(join(await serverEnvironment(NEW), 'bin', 'python'), [
    '-c',
    'import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())',
    password,
  ])
  const path = join(directory, `${name}.htpasswd`)
  await writeFile(path, `${user}:${stdout.trim()}\n`)
  return { htpasswd: { realm: 'tests', path } }
}
