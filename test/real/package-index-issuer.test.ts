import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certificateIssuer } from '../../src/http/certificate-issuer.ts'
import { checkInstallable } from '../../src/zenml-client/availability.ts'
import { makeCertificates } from '../support/certificates.ts'
import { uv } from '../support/environments.ts'
import { testMachine } from '../support/machine.ts'

let directory: string
let index: Server
let proxy: Server
const port = (server: Server) => (server.address() as AddressInfo).port
const listen = (server: Server) =>
  new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'package-index-issuer-'))
  await makeCertificates(directory)
  const [key, cert, ca] = await Promise.all(
    ['server.key', 'server.pem', 'ca.pem'].map((name) => readFile(join(directory, name))),
  )
  index = createHttps({ key, cert: `${String(cert)}${String(ca)}` }, (_request, response) => {
    response.statusCode = 404
    response.end()
  })
  proxy = createHttp().on('connect', (_request, socket) => {
    const upstream = connect(port(index), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket)
      socket.pipe(upstream)
    })
    for (const end of [upstream, socket]) end.on('error', () => undefined)
  })
  await Promise.all([listen(index), listen(proxy)])
})
afterAll(async () => {
  index.closeAllConnections()
  index.close()
  proxy.close()
  await rm(directory, { recursive: true, force: true })
})

const machineWith = (env: Record<string, string>) =>
  testMachine({ PATH: process.env['PATH'], HOME: directory, ...env })

/** Asks uv whether ZenML can be installed from the index. */
const check = async (env: Record<string, string>) =>
  checkInstallable({
    machine: machineWith({
      UV_DEFAULT_INDEX: `https://user:password-of-index@127.0.0.1:${port(index)}/simple/`,
      UV_HTTP_RETRIES: '0',
      ...env,
    }),
    uv: { path: await uv(), version: '0.13.9' },
    cacheDirectory: join(directory, 'cache'),
    zenmlVersion: '0.98.0',
    pythonVersions: ['3.11'],
  })

describe('a package index with a certificate of an unknown authority', () => {
  it('is named with that authority and the variable to set', async () => {
    await expect(check({})).rejects.toMatchObject({
      code: 'index-unreachable',
      message: expect.stringContaining(
        `The certificate of 127.0.0.1:${port(index)} was issued by "Test-authority, Example", which is not trusted here. Set NODE_EXTRA_CA_CERTS to a file with the certificate of that authority.`,
      ) as unknown,
    })
  })

  it('is trusted with NODE_EXTRA_CA_CERTS beside a variable that names another list', async () => {
    const [checked] = await check({
      NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
      SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
    })
    expect(checked).toMatchObject({ status: 'failed' })
    expect(checked?.message).not.toMatch(/certificate/i)
  })
})

describe('the authority of a host', () => {
  it('is also found through a proxy', async () => {
    const url = new URL('https://index.internal/simple/')
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port(proxy)}` }
    expect(await certificateIssuer(url, env)).toBe('Test-authority, Example')
  })

  it('is unknown where nothing answers', async () => {
    expect(await certificateIssuer(new URL('https://127.0.0.1:9/'), {})).toBeUndefined()
  })
})
