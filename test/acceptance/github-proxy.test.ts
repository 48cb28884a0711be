import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { build } from 'esbuild'
import { githubPlace, type GithubPlace } from '../support/github-place.ts'

// Bundled as it is shipped, so that what is left out of the dependencies is missed here.

const SRC = join(import.meta.dirname, '..', '..', 'src')
let place: GithubPlace
let directory: string
let proxy: Server
const asked: string[] = []

beforeAll(async () => {
  place = await githubPlace()
  // The name exists only behind the proxy, which leads it to the fake.
  proxy = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method ?? ''} ${new URL(incoming.url ?? '').host}`)
    const { pathname, search } = new URL(incoming.url ?? '')
    const onward = request(
      `${place.fake.url}${pathname.replace('/api/v3', '')}${search}`,
      { method: incoming.method ?? 'GET', headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      },
    )
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve)
  })
  directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-github-'))
  await writeFile(
    join(directory, 'entry.ts'),
    `
    import { connectGithub } from '${SRC}/github/client.ts'
    import { writeComment } from '${SRC}/github/comment.ts'
    import { marker } from '${SRC}/report/marker.ts'
    import { closeHttp } from '${SRC}/http/http.ts'
    const machine = { env: process.env, log: { debug: () => undefined } as never, signal: new AbortController().signal, now: () => new Date('2026-11-23T12:00:00Z'), monotonic: () => performance.now() / 1000, sleep: () => Promise.resolve() }
    const context = { repository: { owner: 'acme', name: 'ml' }, urls: { server: 'http://git.internal', api: 'http://git.internal/api/v3', graphql: '' } }
    const github = await connectGithub({ context, token: 'job-token', machine })
    for (const body of ['one', 'two']) {
      const end = await writeComment(github, { pullRequest: Number(process.argv[2]), key: 'k', compose: () => Promise.resolve({ body: marker('k') + '\\n' + body, stamp: {} }) })
      console.log(end.kind)
    }
    await closeHttp()
  `,
  )
  await build({
    entryPoints: [join(directory, 'entry.ts')],
    outfile: join(directory, 'entry.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    nodePaths: [join(SRC, '..', 'node_modules')],
    define: { __VERSION__: '"0.0.0-test"' },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url)',
    },
  })
}, 60_000)

afterAll(async () => {
  await place.fake.close()
  proxy.closeAllConnections()
  await new Promise((resolve) => proxy.close(resolve))
  await rm(directory, { recursive: true, force: true })
})

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

describe('GitHub Enterprise Server behind a proxy', () => {
  it('is read and written by the bundle', async () => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(directory, 'entry.mjs'), String(place.promotion)],
      {
        env: {
          PATH: process.env['PATH'],
          HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        },
        timeout: 20_000,
      },
    )
    expect(stderr).toBe('')
    expect(stdout).toBe('created\nupdated\n')
    expect(new Set(asked)).toEqual(
      new Set(['GET git.internal', 'POST git.internal', 'PATCH git.internal']),
    )
    expect(place.repository.comments.map(({ body }) => body.split('\n').at(-1))).toEqual(['two'])
  })
})
