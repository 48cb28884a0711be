import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { checkInstallable } from '../../src/zenml-client/availability.ts'
import type { ClientSpec } from '../../src/zenml-client/build-environment.ts'
import { prepareClient, type ClientEnvironment } from '../../src/zenml-client/environment.ts'
import { findUv, type Uv } from '../../src/zenml-client/uv.ts'
import { UV_VERSION } from '../../src/zenml-client/uv-wheels.ts'
import type { Machine } from '../../src/runtime/runtime.ts'
import { httpServer } from '../support/http-server.ts'
import { testMachine } from '../support/machine.ts'
import { NEW, OLD } from '../support/zenml.ts'

jest.setTimeout(600_000)
const execute = promisify(execFile)

let directory: string
let uv: Uv

const machineWith = (env: Record<string, string> = {}): Machine => ({
  ...testMachine({ ...process.env, ...env }),
  sleep: (seconds) => delay(seconds * 1000),
})

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'client-environment-'))
  uv = await findUv(machineWith(), join(directory, 'cache'))
})
afterAll(() => rm(directory, { recursive: true }))

it('fetches uv with nothing but Python there, not even a home directory', async () => {
  const bin = join(directory, 'bin')
  await mkdir(bin)
  await symlink(
    (await execute('python3', ['-c', 'import sys; print(sys.executable)'])).stdout.trim(),
    join(bin, 'python3'),
  )
  const found = await findUv(
    {
      ...machineWith(),
      env: { ...process.env, PATH: bin, HOME: undefined, XDG_CACHE_HOME: undefined },
    },
    join(directory, 'fetched'),
  )
  expect(found).toEqual({
    path: join(directory, 'fetched', `uv-${UV_VERSION}`, 'uv'),
    version: UV_VERSION,
  })
})

describe('checkInstallable', () => {
  const ask = (
    zenmlVersion: string,
    pythonVersions: string[],
    more: { env?: Record<string, string>; requirements?: string[] } = {},
  ) =>
    checkInstallable({
      machine: machineWith(more.env),
      uv,
      cacheDirectory: join(directory, 'cache'),
      zenmlVersion,
      pythonVersions,
      requirements: more.requirements ?? [],
    })

  it('passes for every Python that the version runs on, and names the one it does not', async () => {
    const checks = await ask(NEW, ['3.10', '3.13', '3.9'])
    expect(checks.map(({ status }) => status)).toEqual(['passed', 'passed', 'failed'])
    expect(checks[2]?.message).toContain('does not satisfy Python>=3.10')
    expect(checks[2]?.['reason-code']).toBeUndefined()
  })

  it('knows a version that does not exist, and names the newest that do', async () => {
    expect(await ask('9.9.9', ['3.11'])).toMatchObject([
      {
        status: 'failed',
        'reason-code': 'version-not-found',
        message: expect.stringMatching(
          /newest it has for Python 3\.11 are \d+\.\d+\.\d+, \d+\.\d+\.\d+, \d/,
        ),
      },
    ])
  })

  it('overrides a pin of ZenML, and fails for one of another package', async () => {
    const [pinned, excluding] = [join(directory, 'pinned.txt'), join(directory, 'excluding.txt')]
    await writeFile(pinned, `zenml[s3fs]==${OLD}\n`)
    await writeFile(excluding, 'pydantic<2\n')
    expect(await ask(NEW, ['3.11'], { requirements: [pinned] })).toMatchObject([
      { status: 'passed' },
    ])
    expect(await ask(NEW, ['3.11'], { requirements: [excluding] })).toMatchObject([
      {
        status: 'failed',
        message: expect.stringContaining('pydantic<2'),
        next: expect.stringContaining(excluding),
      },
    ])
  })

  it.each([401, 403, 500])('cannot tell when the index answers %i', async (status) => {
    const index = await httpServer(() => ({ status, text: '' }))
    try {
      const env = {
        UV_DEFAULT_INDEX: `${index.url}/simple`,
        UV_CACHE_DIR: join(directory, `uv-${status}`),
        UV_HTTP_RETRIES: '0',
      }
      await expect(ask(NEW, ['3.11'], { env })).rejects.toMatchObject({ code: 'index-unreachable' })
    } finally {
      await index.close()
    }
  })

  it('cannot tell when there is no index, and can when there is one without ZenML', async () => {
    const index = await httpServer(() => ({ status: 404, text: '' }))
    try {
      const env = (url: string) => ({
        UV_DEFAULT_INDEX: url,
        UV_CACHE_DIR: join(directory, 'uv-none'),
        UV_HTTP_RETRIES: '0',
      })
      await expect(
        ask(NEW, ['3.11'], { env: env('http://127.0.0.1:9/simple') }),
      ).rejects.toMatchObject({ code: 'index-unreachable' })
      expect(await ask(NEW, ['3.11'], { env: env(`${index.url}/simple`) })).toMatchObject([
        { 'reason-code': 'version-not-found', message: expect.stringContaining('nor any other') },
      ])
    } finally {
      await index.close()
    }
  })
})

/** The project file of a team. */
function projectOf(zenml: string): string {
  return `[project]
name = "churn"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["zenml[s3fs]==${zenml}", "iniconfig"]
[project.optional-dependencies]
ml = ["pluggy"]
[dependency-groups]
dev = ["toolz"]
`
}

/** The versions of packages in an environment; null for one that is not there. */
async function installed(
  client: ClientEnvironment,
  names: readonly string[],
): Promise<Record<string, string | null>> {
  const script = `
import importlib.metadata as m, json, sys
have = {d.metadata["Name"].lower(): d.version for d in m.distributions()}
print(json.dumps({name: have.get(name) for name in sys.argv[1:]}))
`
  const { stdout } = await execute(client.python, ['-c', script, ...names])
  return JSON.parse(stdout) as Record<string, string | null>
}

describe('prepareClient', () => {
  const spec = (more: Partial<ClientSpec> = {}): ClientSpec => ({
    machine: machineWith(),
    uv,
    zenmlVersion: NEW,
    python: '3.11',
    requirements: [],
    integrations: [],
    extras: [],
    indexEnv: [],
    cacheDirectory: join(directory, 'cache'),
    ...more,
  })

  it('installs exactly the client, the user’s requirements and those of the integrations; two at once make it once', async () => {
    const [requirements, base] = [join(directory, 'requirements.txt'), join(directory, 'base.txt')]
    await writeFile(requirements, '-r base.txt\n')
    await writeFile(base, `zenml==${OLD}  # pinned in spring\niniconfig\n`)
    const wanted = spec({ requirements: [requirements], integrations: ['s3'] })
    const made = await Promise.all([prepareClient(wanted), prepareClient(wanted)])
    expect(made.map(({ cached }) => cached).sort()).toEqual([false, true])
    const [client] = made
    expect(client.overridden).toEqual([`base.txt: zenml==${OLD}  # pinned in spring`])
    const { stdout } = await execute(
      client.python,
      ['-c', 'import zenml, iniconfig, s3fs, sys; print(zenml.__version__, sys.prefix)'],
      { env: { ...process.env, ...client.env } },
    )
    expect(stdout.trim()).toBe(`${NEW} ${join(client.bin, '..')}`)
    // Its programs work under the final name.
    await execute(join(client.bin, 'zenml'), ['--help'], {
      env: { ...process.env, ...client.env, ZENML_CONFIG_PATH: join(directory, 'config') },
    })
    const again = await prepareClient(wanted)
    expect(again).toMatchObject({
      cached: true,
      overridden: client.overridden,
      packages: client.packages,
    })
    expect(
      (await readdir(join(directory, 'cache', 'clients'))).filter(
        (name) => !/^zenml-[\d.]+-python-3\.11-[0-9a-f]{16}$/.test(name),
      ),
    ).toEqual([])
  })

  it('installs what a pyproject.toml needs, without its extras and groups', async () => {
    const path = join(directory, 'pyproject', 'pyproject.toml')
    await mkdir(join(directory, 'pyproject'))
    await writeFile(path, projectOf(OLD))
    const client = await prepareClient(spec({ requirements: [path] }))
    expect(client).toMatchObject({
      overridden: [`pyproject.toml: zenml[s3fs]==${OLD}`],
      released: [],
    })
    expect(await installed(client, ['zenml', 's3fs', 'iniconfig', 'pluggy', 'toolz'])).toEqual({
      zenml: NEW,
      s3fs: expect.any(String),
      iniconfig: expect.any(String),
      pluggy: null,
      toolz: null,
    })
  })

  it('keeps the versions of a uv.lock, but for those that the new ZenML needs otherwise', async () => {
    const project = join(directory, 'uv-lock')
    await mkdir(project)
    await writeFile(join(project, 'pyproject.toml'), projectOf(OLD))
    await execute(uv.path, ['lock', '--quiet', '--project', project, '--python', '3.11'])
    // Locked before the newest release of it.
    const lock = join(project, 'uv.lock')
    await execute(uv.path, ['lock', '--quiet', '--project', project, '-P', 'iniconfig==1.1.1'])
    const client = await prepareClient(spec({ requirements: [lock] }))
    expect(client.overridden).toEqual([`uv.lock: zenml==${OLD}`])
    expect(client.released).toContainEqual(
      expect.stringMatching(/^opentelemetry-sdk \S+ \(locked: \S+\)$/),
    )
    expect(await installed(client, ['zenml', 's3fs', 'iniconfig', 'pluggy', 'toolz'])).toEqual({
      zenml: NEW,
      s3fs: expect.any(String),
      iniconfig: '1.1.1',
      pluggy: null,
      toolz: null,
    })
    expect(await prepareClient(spec({ requirements: [lock] }))).toMatchObject({
      cached: true,
      released: client.released,
    })
    await execute(uv.path, ['lock', '--quiet', '--project', project, '-P', 'iniconfig==2.0.0'])
    const other = await prepareClient(spec({ requirements: [lock] }))
    expect(await installed(other, ['iniconfig'])).toEqual({ iniconfig: '2.0.0' })
  })

  it('installs the versions of poetry.lock and pylock.toml, beside a requirements file', async () => {
    const [poetry, pylock, loose] = ['poetry.lock', 'pylock.toml', 'loose.txt'].map((name) =>
      join(directory, name),
    ) as [string, string, string]
    await writeFile(
      poetry,
      '[[package]]\nname = "iniconfig"\nversion = "1.1.1"\noptional = false\ngroups = ["main"]\n',
    )
    await writeFile(
      pylock,
      'lock-version = "1.0"\n[[packages]]\nname = "pluggy"\nversion = "1.4.0"\n',
    )
    await writeFile(loose, 'toolz\n')
    const client = await prepareClient(spec({ requirements: [poetry, pylock, loose] }))
    expect(await installed(client, ['iniconfig', 'pluggy', 'toolz'])).toEqual({
      iniconfig: '1.1.1',
      pluggy: '1.4.0',
      toolz: expect.any(String),
    })
    expect(client).toMatchObject({ overridden: [], released: [] })
  })

  it('says what is wrong with a lock file that cannot be read', async () => {
    const project = join(directory, 'broken')
    await mkdir(project)
    await writeFile(join(project, 'uv.lock'), 'version = 1\n')
    await writeFile(join(project, 'poetry.lock'), '[[package]\n')
    for (const name of ['uv.lock', 'poetry.lock', 'pylock.toml'])
      await expect(
        prepareClient(spec({ requirements: [join(project, name)] })),
      ).rejects.toMatchObject({
        code: 'preflight-failed',
        message: expect.stringContaining(join(project, name)),
      })
  })

  it('makes another one when a file that is included says something else', async () => {
    const [top, included] = [join(directory, 'top.txt'), join(directory, 'included.txt')]
    await writeFile(top, '-r included.txt\n')
    await writeFile(included, 'iniconfig\n')
    const one = await prepareClient(spec({ requirements: [top] }))
    await writeFile(included, 'iniconfig\npluggy\n')
    const other = await prepareClient(spec({ requirements: [top] }))
    expect(other).toMatchObject({ cached: false, overridden: [] })
    expect(other.python).not.toBe(one.python)
  })

  it('makes another one when a constraint of uv says something else', async () => {
    const [wish, constraint] = [join(directory, 'wish.txt'), join(directory, 'constraint.txt')]
    await writeFile(wish, 'iniconfig\n')
    await writeFile(constraint, 'iniconfig<2.1\n')
    const free = await prepareClient(spec({ requirements: [wish] }))
    const machine = machineWith({ UV_CONSTRAINT: constraint })
    const held = await prepareClient(spec({ requirements: [wish], machine }))
    expect(held.cached).toBe(false)
    expect(held.python).not.toBe(free.python)
    await writeFile(constraint, 'iniconfig<2\n')
    const older = await prepareClient(spec({ requirements: [wish], machine }))
    const { stdout } = await execute(older.python, [
      '-c',
      'from importlib.metadata import version; print(version("iniconfig"))',
    ])
    expect(stdout).toMatch(/^1\./)
  })

  it('makes it again when its interpreter is gone', async () => {
    const client = await prepareClient(spec())
    await rm(client.python)
    const again = await prepareClient(spec())
    expect(again.cached).toBe(false)
    await access(again.python)
  })

  it.each([
    [
      'a version that does not exist',
      { zenmlVersion: '9.9.9' },
      'version-not-found',
      'zenml==9.9.9',
    ],
    [
      'an integration that this ZenML does not have',
      { integrations: ['no-such-thing'] },
      'preflight-failed',
      'no integration called no-such-thing',
    ],
    [
      'a Python that is not on this machine',
      { python: '3.99' },
      'preflight-failed',
      'no Python 3.99 on this machine; found: ',
    ],
    [
      'a file that is not there',
      { requirements: ['/no/such/file.txt'] },
      'preflight-failed',
      '/no/such/file.txt',
    ],
    [
      'an index that does not answer',
      {
        machine: machineWith({
          UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple',
          UV_HTTP_RETRIES: '0',
          UV_CACHE_DIR: join(tmpdir(), 'uv-cache-of-nothing'),
        }),
      },
      'index-unreachable',
      '127.0.0.1:9',
    ],
  ])('tells of %s', async (_name, more, code, words) => {
    await expect(prepareClient(spec(more))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    })
  })

  it('names both when requirements exclude the client', async () => {
    const excluding = join(directory, 'old-pydantic.txt')
    await writeFile(excluding, 'pydantic<2\n')
    await expect(prepareClient(spec({ requirements: [excluding] }))).rejects.toMatchObject({
      code: 'preflight-failed',
      message: expect.stringMatching(/pydantic<2/),
      next: expect.stringContaining(excluding),
    })
  })
})
