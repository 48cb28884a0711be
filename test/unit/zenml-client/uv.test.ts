import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fetchWheel from '../../../src/zenml-client/fetch_wheel.py'
import { findUv } from '../../../src/zenml-client/uv.ts'
import { defaultCacheDirectory } from '../../../src/runtime/cache.ts'
import { UV_VERSION, uvWheel } from '../../../src/zenml-client/uv-wheels.ts'
import { run } from '../../../src/runtime/process.ts'
import {
  httpServer,
  type HttpTestServer,
  type Reply,
  type SeenRequest,
} from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'

const execute = promisify(execFile)
const FILE = 'tool-1.0-py3-none-any.whl'

let directory: string
/** A folder with python3 and nothing else, to be the whole PATH. */
let pythonOnly: string
let wheel: Buffer
let servers: HttpTestServer[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'uv-test-'))
  pythonOnly = join(directory, 'bin')
  await mkdir(pythonOnly)
  const { stdout } = await execute('python3', ['-c', 'import sys; print(sys.executable)'])
  await symlink(stdout.trim(), join(pythonOnly, 'python3'))
  await mkdir(join(directory, 'tool-1.0.data', 'scripts'), { recursive: true })
  await writeFile(join(directory, 'tool-1.0.data', 'scripts', 'tool'), 'a program')
  await execute('python3', ['-m', 'zipfile', '-c', FILE, 'tool-1.0.data/'], { cwd: directory })
  wheel = await readFile(join(directory, FILE))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  servers = []
  await rm(directory, { recursive: true })
})

async function index(handle: (request: SeenRequest) => Reply): Promise<HttpTestServer> {
  const server = await httpServer(handle)
  servers.push(server)
  return server
}

async function fetchTool(
  indexes: readonly string[],
  sha256: string,
  target: string,
): Promise<unknown> {
  const request = {
    indexes,
    package: 'tool',
    filename: FILE,
    sha256,
    member: 'tool-1.0.data/scripts/tool',
    target,
  }
  const result = await run({
    argv: ['python3', '-I', '-c', fetchWheel],
    env: { PATH: pythonOnly, HOME: directory },
    input: JSON.stringify(request),
    timeoutSeconds: 60,
  })
  return JSON.parse(result.stdout)
}

describe('fetching a wheel', () => {
  const older = { url: 'http://files.invalid/tool-0.9-py3-none-any.whl' }
  const digest = () => createHash('sha256').update(wheel).digest('hex')

  it.each(['json', 'html'])(
    'unpacks the program when its digest is right (%s pages)',
    async (kind) => {
      const files = await fileServer()
      const link = `${files}/${FILE}`
      const server = await index(() =>
        kind === 'json'
          ? {
              json: { files: [older, { url: link }] },
              headers: { 'content-type': 'application/vnd.pypi.simple.v1+json' },
            }
          : { text: `<html><a href="${link}#sha256=abc">${FILE}</a></html>` },
      )
      const target = join(directory, `unpacked-${kind}`)
      expect(await fetchTool([`${server.url}/simple`], digest(), target)).toEqual({ ok: true })
      expect(await readFile(join(target, 'tool'), 'utf8')).toBe('a program')
      expect((await readdir(directory)).filter((name) => name.startsWith('.part'))).toEqual([])
    },
  )

  it('throws away what has another digest', async () => {
    const files = await fileServer()
    const server = await index(() => ({ text: `<a href="${files}/${FILE}">` }))
    const target = join(directory, 'tampered')
    expect(await fetchTool([server.url], '0'.repeat(64), target)).toMatchObject({
      ok: false,
      kind: 'digest',
      message: expect.stringContaining(digest()),
    })
    expect(await readdir(directory)).not.toContain('tampered')
  })

  it('asks the next index where one does not have it, and says so when none has', async () => {
    const without = await index(() => ({ status: 404, text: '' }))
    const empty = await index(() => ({ text: '' }))
    expect(await fetchTool([without.url, empty.url], '', join(directory, 'x'))).toMatchObject({
      ok: false,
      kind: 'not-found',
      message: expect.stringContaining('does not list'),
    })
    expect(empty.seen).toHaveLength(1)
  })

  it('tells an index that refuses from one that has nothing', async () => {
    const server = await index(() => ({ status: 401, text: '' }))
    expect(await fetchTool([server.url], '', join(directory, 'x'))).toMatchObject({
      ok: false,
      kind: 'unreachable',
      message: expect.stringContaining('401'),
    })
  })

  it('sends the password to the index itself, never to another host or along a redirect, and never prints it', async () => {
    const other = await index(() => ({ text: '' }))
    const server = await index((request) =>
      request.path === '/simple/tool/'
        ? { text: `<a href="/redirects/${FILE}">` }
        : { status: 302, text: '', headers: { location: `${other.url}/${FILE}` } },
    )
    const answer = await fetchTool(
      [server.url.replace('http://', 'http://robot:pass%20word@') + '/simple'],
      '',
      join(directory, 'x'),
    )
    expect(server.seen.map((request) => request.headers.authorization)).toEqual(
      Array(2).fill(`Basic ${Buffer.from('robot:pass word').toString('base64')}`),
    )
    expect(other.seen.map((request) => request.headers.authorization)).toEqual([undefined])
    expect(JSON.stringify(answer)).not.toContain('robot')
  })

  /** Serves the wheel's own bytes from this directory. */
  async function fileServer(): Promise<string> {
    const server = await httpServer(() => (response) => {
      response.end(wheel)
    })
    servers.push(server)
    return server.url
  }
})

describe('findUv', () => {
  it('takes one from PATH when it is new enough, and passes over an old one', async () => {
    const [old, good] = [join(directory, 'old'), join(directory, 'good')]
    for (const [folder, version] of [
      [old, '0.4.9'],
      [good, '0.9.1'],
    ] as const) {
      await mkdir(folder)
      await writeFile(join(folder, 'uv'), `#!/bin/sh\necho uv ${version}\n`, { mode: 0o755 })
    }
    const found = await findUv(
      testMachine({ PATH: `${old}:${good}:/bin` }),
      join(directory, 'cache'),
    )
    expect(found).toEqual({ path: join(good, 'uv'), version: '0.9.1' })
  })

  it('says loudly that a downloaded uv was tampered with', async () => {
    const known = uvWheel(process.platform, process.arch, false)
    const server = await index((request) => ({
      text: request.path === '/uv/' ? `<a href="/${known?.filename ?? ''}">` : 'not a wheel',
    }))
    const machine = testMachine({ PATH: pythonOnly, PIP_INDEX_URL: server.url })
    await expect(findUv(machine, join(directory, 'cache'))).rejects.toMatchObject({
      code: 'preflight-failed',
      message: expect.stringContaining('NOT THE ONE'),
    })
  })

  it('is inconclusive when the index does not answer', async () => {
    const machine = testMachine({ PATH: pythonOnly, UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple' })
    await expect(findUv(machine, join(directory, 'cache'))).rejects.toMatchObject({
      code: 'index-unreachable',
    })
  })

  it('says what is missing without Python', async () => {
    await expect(
      findUv(testMachine({ PATH: join(directory, 'nothing') }), join(directory, 'cache')),
    ).rejects.toThrow('neither uv nor python3')
  })
})

describe('the pinned wheels', () => {
  it.each([
    ['linux', 'x64', false],
    ['linux', 'x64', true],
    ['linux', 'arm64', false],
    ['linux', 'arm64', true],
    ['darwin', 'x64', false],
    ['darwin', 'arm64', false],
  ] as const)('has one for %s %s (musl: %s)', (platform, architecture, musl) => {
    expect(uvWheel(platform, architecture, musl)).toMatchObject({
      filename: expect.stringContaining(`uv-${UV_VERSION}-py3-none-`),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })
  it('has none for what nobody runs this on', () => {
    expect(uvWheel('win32', 'x64', false)).toBeUndefined()
  })
})

describe('defaultCacheDirectory', () => {
  it('follows XDG, then HOME, then the system’s temporary folder', () => {
    expect(defaultCacheDirectory(testMachine({ XDG_CACHE_HOME: '/c', HOME: '/h' }))).toBe(
      '/c/zenml-upgrade',
    )
    expect(defaultCacheDirectory(testMachine({ HOME: '/h' }))).toBe('/h/.cache/zenml-upgrade')
    expect(defaultCacheDirectory(testMachine({}))).toBe(join(tmpdir(), 'zenml-upgrade-cache'))
  })
})
