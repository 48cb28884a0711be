import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { makeCertificates } from '../support/certificates.ts'
import { clientEnvironment, NEW } from '../support/environments.ts'
import {
  httpServer,
  type HttpTestServer,
  type Reply,
  type SeenRequest,
} from '../support/http-server.ts'

jest.setTimeout(600_000)

const execute = promisify(execFile)
const SCRIPT = `
import json, sys
from zenml_upgrade_fork_server.push_permission import Registry
from zenml_upgrade_fork_server.registry_login import Login
host, login = json.loads(sys.stdin.read())
try:
    Registry(host, "zen/zenml", Login("a test", **login), True).ask_to_push()
    print("allowed")
except Exception as error:
    print(type(error).__name__, error)
`
const UPLOADS = '/v2/zen/zenml/blobs/uploads/'
const BASIC = `Basic ${Buffer.from('team:right').toString('base64')}`

let server: HttpTestServer | undefined
let elsewhere: HttpTestServer | undefined
afterEach(async () => {
  await server?.close()
  await elsewhere?.close()
  elsewhere = undefined
})

/**
 * Answers as the registry of github.com/distribution/distribution v2.8.2 does: a challenge with 401
 * (registry/handlers/app.go, `authorized`), 202 with a location for the begin of an upload
 * (registry/handlers/blobupload.go, `StartBlobUpload`), and 204 for its end (`CancelBlobUpload`).
 */
function registry(
  { method, path, headers }: SeenRequest,
  { challenge, authorization }: { challenge: string; authorization: string },
): Reply {
  if (headers.authorization !== authorization)
    return {
      status: 401,
      json: {
        errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: null }],
      },
      headers: { 'WWW-Authenticate': challenge },
    }
  if (method === 'POST' && path === UPLOADS)
    return { status: 202, text: '', headers: { Location: `${UPLOADS}some-uuid?_state=x` } }
  return method === 'DELETE' ? { status: 204 } : { status: 404 }
}

/** The challenges of registry/auth/htpasswd/access.go and registry/auth/token/accesscontroller.go. */
const basicRegistry = (request: SeenRequest) =>
  registry(request, { challenge: 'Basic realm="tests"', authorization: BASIC })
const tokenRegistry = (request: SeenRequest) => {
  const { host } = request.headers
  if (request.path !== '/token')
    return registry(request, {
      challenge: `Bearer realm="http://${host ?? ''}/token",service="tests",scope="repository:zen/zenml:pull,push"`,
      authorization: 'Bearer a-token',
    })
  const form = new URLSearchParams(request.body)
  const asked = request.method === 'POST' ? form : request.query
  const isKnown =
    request.headers.authorization === BASIC || form.get('refresh_token') === 'right-identity'
  const isRight =
    asked.get('scope') === 'repository:zen/zenml:pull,push' && asked.get('service') === 'tests'
  return isKnown && isRight ? { json: { token: 'a-token' } } : { status: 401, json: {} }
}

async function ask(
  handle: (request: SeenRequest) => Reply,
  login: Readonly<Record<string, string>>,
): Promise<string> {
  server = await httpServer(handle)
  const python = join(await clientEnvironment(NEW), 'bin', 'python')
  const running = execute(python, ['-B', '-W', 'ignore', '-c', SCRIPT], {
    cwd: resolve('src/zenml-client'),
  })
  running.child.stdin?.end(JSON.stringify([new URL(server.url).host, login]))
  return (await running).stdout.trim()
}

const sent = () => server?.seen.map(({ method, path }) => `${method} ${path}`)

describe('a registry with passwords', () => {
  it('lets the right login push, and keeps no upload', async () => {
    expect(await ask(basicRegistry, { user: 'team', password: 'right' })).toBe('allowed')
    expect(sent()).toEqual([`POST ${UPLOADS}`, `POST ${UPLOADS}`, `DELETE ${UPLOADS}some-uuid`])
  })

  it.each([{ user: 'team', password: 'expired' }, {}])('refuses the login %j', async (login) => {
    expect(await ask(basicRegistry, login)).toBe('Denied HTTP 401: authentication required')
  })
})

describe('a registry with tokens', () => {
  it.each([{ user: 'team', password: 'right' }, { identity_token: 'right-identity' }])(
    'gives a token that may push for %j',
    async (login) => {
      expect(await ask(tokenRegistry, login)).toBe('allowed')
    },
  )

  it.each([{ user: 'team', password: 'expired' }, { identity_token: 'expired' }, {}])(
    'gives no token for %j',
    async (login) => {
      expect(await ask(tokenRegistry, login)).toBe('Denied HTTP 401')
    },
  )

  it('gets no login at an address that is less safe than its own', async () => {
    const realm = 'Bearer realm="ftp://elsewhere.test/token",service="tests"'
    const answer = await ask(
      (request) => registry(request, { challenge: realm, authorization: '' }),
      {
        user: 'team',
        password: 'right',
      },
    )
    expect(answer).toBe('NoAnswer it asks for the login at ftp://elsewhere.test/token')
  })
})

describe('the login of a registry', () => {
  const login = { user: 'team', password: 'right' }
  /** Sends for a token to an address. */
  const sendingTo = (realm: string) => (request: SeenRequest) =>
    registry(request, {
      challenge: `Bearer realm="${realm}",service="tests"`,
      authorization: 'Bearer a-token',
    })

  it('is sent to no other server that is to cancel the upload, which is left', async () => {
    const other = await httpServer(() => ({ status: 204 }))
    elsewhere = other
    const answer = await ask((request) => {
      const reply = basicRegistry(request)
      return reply.status === 202
        ? { ...reply, headers: { Location: `${other.url}${UPLOADS}some-uuid` } }
        : reply
    }, login)
    expect(answer).toBe('allowed')
    expect(other.seen).toEqual([])
  })

  it('is not sent without encryption to another host that gives tokens', async () => {
    elsewhere = await httpServer(() => ({ json: { token: 'a-token' } }))
    const realm = `http://localhost:${new URL(elsewhere.url).port}/token`
    expect(await ask(sendingTo(realm), login)).toBe(`NoAnswer it asks for the login at ${realm}`)
    expect(elsewhere.seen).toEqual([])
  })

  it('is not sent to another host that gives tokens and has no trusted certificate', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'push-permission-'))
    await makeCertificates(directory)
    const [key, cert] = await Promise.all(
      ['server.key', 'server.pem'].map((name) => readFile(join(directory, name))),
    )
    const seen: (string | undefined)[] = []
    const tokens = createServer({ key, cert }, (request, response) => {
      seen.push(request.headers.authorization)
      response.end('{"token": "a-token"}')
    })
    await new Promise<void>((done) => {
      tokens.listen(0, '127.0.0.1', done)
    })
    const realm = `https://localhost:${(tokens.address() as AddressInfo).port}/token`
    expect(await ask(sendingTo(realm), login)).toContain('SSLError')
    expect(seen).toEqual([])
    tokens.close()
    await rm(directory, { recursive: true })
  })
})

describe('the answer of a registry', () => {
  it('that has no such repository is a refusal', async () => {
    const json = { errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known' }] }
    expect(await ask(() => ({ status: 404, json }), {})).toBe(
      'Denied HTTP 404: repository name not known',
    )
  })

  it.each([429, 503, 301])('with status %d says nothing about the login', async (status) => {
    expect(await ask(() => ({ status, text: '' }), {})).toBe(`NoAnswer HTTP ${status}`)
  })
})
