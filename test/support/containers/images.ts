// The images that ZenML builds upon, under their official names. They are made once per machine
// from Debian and PyPI, and kept as the storage of a registry.
import { execFile, spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NEW, OLD, once, testCache, uv } from '../environments.ts'
import { startDocker, type TestDocker } from './docker.ts'
import { progress } from './progress.ts'
import type { ContainerPrograms } from './programs.ts'
import { startRegistry } from './registry.ts'
import { removeLeftovers } from './leftovers.ts'
import { makeRunDirectory } from './run-directory.ts'

const execute = promisify(execFile)

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'containers')
const PYTHON = 'python:3.11-slim-bookworm'

function parentImage(version: string): string {
  return `zenmldocker/zenml:${version}-py3.11`
}

/**
 * Storage of a registry with Python and ZenML's parent images of both versions. A mirror of Docker
 * Hub can serve it; made in about two minutes.
 */
export async function imageStorage(programs: ContainerPrograms): Promise<string> {
  const home = join(testCache(), 'container-images', await digest())
  await once(home, async (storage) => {
    await mkdir(storage, { recursive: true })
    await buildImages(programs, storage)
  })
  return home
}

async function buildImages(programs: ContainerPrograms, storage: string): Promise<void> {
  const system = await baseSystem(programs)
  const directory = await makeRunDirectory(programs)
  try {
    const registry = await startRegistry({ programs, directory, name: 'images', storage })
    const docker = await startDocker(programs, directory)
    try {
      await importSystem(programs, docker, system)
      const context = join(directory, 'context')
      await mkdir(context)
      await copyFile(await uv(), join(context, 'uv'))
      await copyFile(certificates(), join(context, 'ca-certificates.crt'))
      const build = async (dockerfile: string, image: string, ...args: string[]) => {
        progress(`building ${image}`)
        await docker.docker('build', '-q', '-t', image, '-f', join(FIXTURES, dockerfile), ...args)
        const pushed = `${registry.host}/${image.includes('/') ? image : `library/${image}`}`
        await docker.docker('tag', image, pushed)
        await docker.docker('push', '-q', pushed)
      }
      await build('python.Dockerfile', PYTHON, context)
      for (const version of [OLD, NEW]) {
        const argument = `ZENML_VERSION=${version}`
        await build('zenml.Dockerfile', parentImage(version), '--build-arg', argument, context)
      }
    } finally {
      await docker.stop()
      await registry.stop()
    }
  } finally {
    await removeLeftovers(programs, directory)
  }
}

/** A Debian with Python 3.11, as a directory. */
async function baseSystem(programs: ContainerPrograms): Promise<string> {
  const home = join(testCache(), 'container-system')
  await once(home, async (temporary) => {
    progress('installing a Debian for the images')
    const { stdout } = await execute('apt-get', ['indextargets', '--format', '$(REPO_URI)'])
    // A machine that is no Debian, such as a runner of GitHub, knows no mirror of it.
    const mirror =
      stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri)) ?? 'http://deb.debian.org/debian'
    await execute(
      join(programs.root, 'usr', 'sbin', 'debootstrap'),
      [
        '--variant=minbase',
        '--include=ca-certificates,python3,python3-venv',
        'bookworm',
        temporary,
        mirror,
      ],
      {
        env: {
          ...programs.env,
          DEBOOTSTRAP_DIR: join(programs.root, 'usr', 'share', 'debootstrap'),
        },
        maxBuffer: 16 * 1024 ** 2,
      },
    )
    for (const folder of ['var/cache/apt', 'var/lib/apt/lists'])
      await rm(join(temporary, folder), { recursive: true })
  })
  return home
}

async function importSystem(
  programs: ContainerPrograms,
  { variables }: TestDocker,
  system: string,
): Promise<void> {
  const packed = spawn('tar', ['-C', system, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const imported = spawn('docker', ['import', '-', 'bookworm'], {
    env: { ...programs.env, ...variables },
    stdio: [packed.stdout, 'ignore', 'inherit'],
  })
  const [code] = (await event(imported, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`docker import ended with exit code ${String(code)}`)
}

/** The certificates that this machine trusts. */
function certificates(): string {
  return process.env['SSL_CERT_FILE'] ?? '/etc/ssl/certs/ca-certificates.crt'
}

async function digest(): Promise<string> {
  const hash = createHash('sha256').update(`${OLD} ${NEW}`)
  for (const name of ['python.Dockerfile', 'zenml.Dockerfile'])
    hash.update(await readFile(join(FIXTURES, name)))
  return hash.digest('hex').slice(0, 16)
}
