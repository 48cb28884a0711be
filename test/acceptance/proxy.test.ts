import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeCertificates } from '../support/certificates.ts'

// node reads NODE_EXTRA_CA_CERTS when it starts, so that only a process of its own can show that a
// private authority is honoured.

const execute = promisify(execFile)
const INFO = JSON.stringify({ id: 'server-1', version: '0.98.0' })

let directory: string
let secure: Server
let plain: Server
let proxy: Server
/**
 * What the proxy was asked for: CONNECT targets, and whole URLs of plain requests; with the
 * credentials sent.
 */
const asked: { target: string; credentials: string | undefined }[] = []
let verdict: number
const port = (server: Server) => (server.address() as AddressInfo).port
const listen = (server: Server) =>
  new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-proxy-'))
  await makeCertificates(directory)
  const answer: Parameters<typeof createHttp>[1] = (_request, response) => {
    response.setHeader('content-type', 'application/json').end(INFO)
  }
  secure = createHttps(
    {
      key: await readFile(join(directory, 'server.key')),
      cert: await readFile(join(directory, 'server.pem')),
    },
    answer,
  )
  plain = createHttp(answer)
  proxy = createHttp((request, response) => {
    asked.push({ target: request.url ?? '', credentials: request.headers['proxy-authorization'] })
    response.writeHead(verdict, { 'content-type': 'application/json' }).end(INFO)
  })
  // Every name leads to the secure server: the names need not exist, as behind a real proxy.
  proxy.on('connect', (request, socket) => {
    asked.push({ target: request.url ?? '', credentials: request.headers['proxy-authorization'] })
    if (verdict !== 200) {
      socket.end(`HTTP/1.1 ${verdict} No\r\n\r\n`)
      return
    }
    const upstream = connect(port(secure), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket)
      socket.pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  await Promise.all([secure, plain, proxy].map(listen))
  await writeFile(
    join(directory, 'entry.ts'),
    `
    import { closeHttp } from ${JSON.stringify(join(import.meta.dirname, '../../src/http/http.ts'))}
    import { connect } from ${JSON.stringify(join(import.meta.dirname, '../../src/zenml/server.ts'))}
    const machine = { env: process.env, log: undefined as never, signal: new AbortController().signal, now: () => new Date(), monotonic: () => performance.now() / 1000, sleep: () => Promise.resolve() }
    const told = await connect({ url: process.argv[2] ?? '', machine }).info()
      .then(({ id }) => ({ id }), ({ code, message, next }) => ({ code, message, next }))
    await closeHttp()
    console.log(JSON.stringify(told))
  `,
  )
  await build({
    entryPoints: [join(directory, 'entry.ts')],
    outfile: join(directory, 'entry.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    define: { __VERSION__: '"0.0.0-test"' },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url)',
    },
    logLevel: 'silent',
  })
}, 60_000)

afterAll(async () => {
  for (const server of [secure, plain, proxy]) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await rm(directory, { recursive: true, force: true })
})

interface Told {
  id?: string
  code?: string
  message?: string
  next?: string
}

/**
 * What a process with just this environment is told by the server, and how the proxy was asked for
 * it.
 */
async function info(
  url: string,
  env: Record<string, string>,
  answer = 200,
): Promise<{ told: Told; asked: typeof asked }> {
  asked.length = 0
  verdict = answer
  const { stdout, stderr } = await execute(process.execPath, [join(directory, 'entry.mjs'), url], {
    env: { PATH: process.env['PATH'], ...env },
    timeout: 20_000,
  })
  expect(stderr).toBe('')
  return { told: JSON.parse(stdout) as Told, asked: [...asked] }
}

const through = () => `http://127.0.0.1:${port(proxy)}`
const trust = () => ({ NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') })

describe('a process behind a proxy and a private authority', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])(
    'goes through %s, by a name that only the proxy knows',
    async (variable) => {
      const { told, asked } = await info('https://zenml.internal', {
        [variable]: through(),
        ...trust(),
      })
      expect(told).toEqual({ id: 'server-1' })
      expect(asked).toEqual([{ target: 'zenml.internal:443', credentials: undefined }])
    },
  )

  it('goes through HTTP_PROXY without a tunnel for a plain address', async () => {
    const { told, asked } = await info('http://zenml.internal', { HTTP_PROXY: through() })
    expect(told).toEqual({ id: 'server-1' })
    expect(asked.map(({ target }) => target)).toEqual(['http://zenml.internal/api/v1/info'])
  })

  it('goes directly where NO_PROXY says so', async () => {
    const { told, asked } = await info(`https://127.0.0.1:${port(secure)}`, {
      HTTPS_PROXY: through(),
      NO_PROXY: 'localhost,127.0.0.0/8',
      ...trust(),
    })
    expect(told).toEqual({ id: 'server-1' })
    expect(asked).toEqual([])
  })

  it('sends the credentials of the proxy to the proxy', async () => {
    const { asked } = await info('https://zenml.internal', {
      HTTPS_PROXY: through().replace('//', '//user:hunter22@'),
      ...trust(),
    })
    expect(asked.map(({ credentials }) => credentials)).toEqual([
      `Basic ${Buffer.from('user:hunter22').toString('base64')}`,
    ])
  })

  it('is told of NODE_EXTRA_CA_CERTS when the authority is unknown', async () => {
    const { told } = await info('https://zenml.internal', { HTTPS_PROXY: through() })
    expect(told).toMatchObject({
      code: 'server-unreachable',
      message: expect.stringContaining('authority'),
      next: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
    expect((await info(`https://127.0.0.1:${port(secure)}`, {})).told).toEqual({
      ...told,
      message: told.message?.replace('https://zenml.internal', `https://127.0.0.1:${port(secure)}`),
    })
  })

  it('is told of a certificate for another name', async () => {
    expect(
      (await info('https://other.internal', { HTTPS_PROXY: through(), ...trust() })).told,
    ).toMatchObject({
      code: 'server-unreachable',
      message: expect.stringContaining('does not hold for this address'),
    })
  })

  it.each([
    [407, 'user and password'],
    [403, 'NO_PROXY'],
    [502, 'NO_PROXY'],
  ])('is told what to do when the proxy answers %d', async (status, next) => {
    const { told } = await info(
      'https://zenml.internal',
      { HTTPS_PROXY: through().replace('//', '//user:hunter22@'), ...trust() },
      status,
    )
    expect(told).toMatchObject({
      code: 'server-unreachable',
      message: expect.stringContaining(`answered ${status}`),
      next: expect.stringContaining(next),
    })
    expect(JSON.stringify(told)).not.toContain('hunter22')
  })

  it('is told of the proxy when it is the proxy that is away', async () => {
    const { told } = await info('https://zenml.internal', { HTTPS_PROXY: 'http://127.0.0.1:9' })
    expect(told).toMatchObject({
      code: 'server-unreachable',
      message: expect.stringContaining('the proxy 127.0.0.1:9 refuses the connection'),
      next: expect.stringContaining('HTTPS_PROXY'),
    })
  })
})
