import { afterEach, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { Stop } from '../../src/core/stop.ts'
import { ApiError } from '../../src/zenml/api-error.ts'
import { closeHttp } from '../../src/http/http.ts'
import { readInventory } from '../../src/zenml/inventory.ts'
import { connect, equals, type ServerAccess } from '../../src/zenml/server.ts'
import type { ZenmlServer } from '../../src/zenml/types.ts'
import {
  hangUp,
  httpServer,
  silence,
  type HttpTestServer,
  type Reply,
  type SeenRequest,
  type Trick,
} from '../support/http-server.ts'
import { testMachine, type TestMachine } from '../support/machine.ts'

// The client against local HTTP servers that behave as ZenML, its gateways and wrong addresses do.

const KEY = 'ZENKEY_canary-of-the-service-account'
const TOKEN = 'canary-token'
const thing = z.looseObject({ id: z.string() })
const page = (items: unknown[], index = 1, pages = 1): Reply => ({
  json: { index, max_size: 100, total_pages: pages, total: items.length, items },
})

const servers: HttpTestServer[] = []
afterEach(async () => {
  await closeHttp()
  for (const server of servers.splice(0)) await server.close()
})

/** A server that logs in, and answers all else by `handle`. */
async function zenml(
  handle: (request: SeenRequest, count: number) => Reply | Trick,
  login: (count: number) => Reply = () => ({ json: { access_token: TOKEN, expires_in: null } }),
): Promise<HttpTestServer> {
  const server = await httpServer((request, count) =>
    request.path === '/api/v1/login' ? login(count) : handle(request, count),
  )
  servers.push(server)
  return server
}

function client(
  server: { url: string },
  more: Partial<ServerAccess> = {},
): { server: ZenmlServer; machine: TestMachine } {
  const machine = testMachine()
  return { machine, server: connect({ url: server.url, apiKey: KEY, machine, ...more }) }
}

async function stopOf(work: Promise<unknown>): Promise<Stop> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Stop)) throw new Error(`no Stop but ${String(error)}`)
  const told = `${error.message} ${error.next ?? ''}`
  expect(told).not.toContain(TOKEN)
  expect(told).not.toContain('canary-of')
  return error
}

const of = (server: HttpTestServer, path: string) =>
  server.seen.filter((request) => request.path === `/api/v1${path}`)

describe('login', () => {
  it('exchanges the key once for calls at the same time, and keeps the connection and the token', async () => {
    const fake = await zenml(() => ({ json: { id: 'x' } }))
    const { server } = client(fake)
    await Promise.all([server.get('/stacks/1', thing), server.get('/stacks/2', thing)])
    await server.get('/stacks/3', thing)
    expect(
      of(fake, '/login').map(({ method, body, headers }) => [
        method,
        body,
        headers['content-type'],
      ]),
    ).toEqual([['POST', `password=${KEY}`, 'application/x-www-form-urlencoded']])
    expect(
      fake.seen.slice(1).map(({ headers }) => [headers.authorization, headers['user-agent']]),
    ).toEqual(Array(3).fill([`Bearer ${TOKEN}`, 'zenml-upgrade/0.0.0-test']))
    for (let again = 0; again < 10; again += 1) await server.get('/stacks/4', thing)
    expect(fake.connections()).toBeLessThanOrEqual(3)
  })

  it('happens again, once, when a restarted server no longer knows the token', async () => {
    const fake = await zenml(
      ({ headers }) =>
        headers.authorization === 'Bearer token-2'
          ? { json: { id: 'x' } }
          : {
              status: 401,
              json: { detail: ['CredentialsNotValid', 'Signature verification failed'] },
            },
      (count) => ({ json: { access_token: `token-${count}`, expires_in: null } }),
    )
    const { server } = client(fake)
    await expect(server.get('/stacks/1', thing)).resolves.toMatchObject({ id: 'x' })
    expect(fake.seen).toHaveLength(4)
  })

  it('ends when the second token is refused as well', async () => {
    const fake = await zenml(() => ({ status: 401, json: { detail: 'Not authenticated' } }))
    const error = await stopOf(client(fake).server.get('/stacks/1', thing))
    expect(error).toMatchObject({
      code: 'credentials-refused',
      next: expect.stringContaining('ZENML_STORE_API_KEY'),
    })
    expect(fake.seen).toHaveLength(4)
  })

  it('ends at once when the key is refused, and says how to make another', async () => {
    const fake = await zenml(
      () => ({}),
      () => ({ status: 401, json: { detail: ['CredentialsNotValid', `key ${KEY} is not known`] } }),
    )
    const error = await stopOf(client(fake).server.get('/stacks/1', thing))
    expect(error).toMatchObject({
      code: 'credentials-refused',
      message: expect.stringContaining('is not known'),
      next: expect.stringContaining('zenml service-account api-key'),
    })
    expect(fake.seen).toHaveLength(1)
  })

  it('is renewed before a token expires, and never when `expires_in` is null', async () => {
    for (const [expires, logins] of [
      [600, 2],
      [null, 1],
    ] as const) {
      const fake = await zenml(
        () => ({ json: { id: 'x' } }),
        () => ({ json: { access_token: TOKEN, expires_in: expires } }),
      )
      const { server, machine } = client(fake)
      await server.get('/stacks/1', thing)
      await machine.sleep(580)
      await server.get('/stacks/1', thing)
      expect(of(fake, '/login')).toHaveLength(logins)
    }
  })

  it('is left out without a key: servers without authentication need none', async () => {
    const fake = await zenml(({ path }) =>
      path.endsWith('/closed')
        ? { status: 401, json: { detail: 'Not authenticated' } }
        : { json: { id: 'x' } },
    )
    const { server } = client(fake, { apiKey: '  ' })
    await server.get('/stacks/1', thing)
    expect(fake.seen.map(({ headers }) => headers.authorization)).toEqual([undefined])
    expect(await stopOf(server.get('/closed', thing))).toMatchObject({
      code: 'credentials-refused',
      message: expect.stringContaining('there is no service-account key'),
    })
  })
})

describe('restarts', () => {
  it.each([
    ['502', { status: 502, text: '<html>' }],
    ['503', { status: 503, json: {} }],
    ['504', { status: 504, text: '' }],
    ['a broken connection', hangUp],
  ] as const)('a read outlives %s', async (_name, trouble) => {
    const fake = await zenml((_request, count) => (count < 4 ? trouble : { json: { id: 'x' } }))
    const { server, machine } = client(fake)
    await expect(server.get('/stacks/1', thing)).resolves.toMatchObject({ id: 'x' })
    expect(machine.slept).toEqual([0.5, 1, 2])
  })

  it.each([
    ['503', { status: 503, json: {} }],
    ['a broken connection', hangUp],
  ] as const)(
    'a write that the server may have seen is not sent again after %s',
    async (_name, trouble) => {
      const fake = await zenml(() => trouble)
      expect((await stopOf(client(fake).server.post('/runs', thing, {}))).code).toBe(
        'server-unreachable',
      )
      expect(of(fake, '/runs')).toHaveLength(1)
    },
  )

  it('a write that was refused is sent again until the server is back', async () => {
    const gone = await zenml(() => ({}))
    await gone.close()
    const machine = testMachine()
    const sleep = async (seconds: number) => {
      await machine.sleep(seconds)
      if (machine.slept.length === 2)
        servers.push(
          await httpServer(({ body }) => ({ json: { id: body } }), Number(new URL(gone.url).port)),
        )
    }
    const server = connect({ url: gone.url, machine: { ...machine, sleep } })
    await expect(server.post('/runs', thing, { a: 1 })).resolves.toEqual({ id: '{"a":1}' })
    expect(machine.slept).toEqual([0.5, 1])
  })

  it('are waited for until the deadline, in growing pauses', async () => {
    const fake = await zenml(() => ({ status: 503, json: {} }))
    const { server, machine } = client(fake)
    expect(await stopOf(server.get('/stacks/1', thing, {}, { deadlineSeconds: 30 }))).toMatchObject(
      { code: 'server-unreachable', message: expect.stringContaining('503') },
    )
    expect(machine.slept).toEqual([0.5, 1, 2, 4, 8, 10, 4.5])
  })

  it('are not waited for by info, which says at once how things are', async () => {
    const fake = await zenml(() => ({ status: 503, json: {} }))
    const { server, machine } = client(fake)
    expect((await stopOf(server.info())).code).toBe('server-unreachable')
    expect(machine.slept).toEqual([])
  })

  it('name a server where nothing listens', async () => {
    const gone = await zenml(() => ({}))
    await gone.close()
    const error = await stopOf(client(gone).server.info())
    expect(error).toMatchObject({
      code: 'server-unreachable',
      message: `${gone.url} could not be reached: it refuses the connection.`,
    })
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('name a server that never answers', async () => {
    const fake = await zenml(() => silence)
    expect(await stopOf(client(fake).server.info({ timeoutSeconds: 0.1 }))).toMatchObject({
      code: 'server-unreachable',
      message: expect.stringContaining('no answer in time'),
    })
  })
})

describe('a busy server', () => {
  it('is asked again when it says', async () => {
    const fake = await zenml((_request, count) =>
      count < 2
        ? { status: 429, json: {}, headers: { 'retry-after': '7' } }
        : { json: { id: 'x' } },
    )
    const { server, machine } = client(fake)
    await server.post('/runs', thing, {})
    expect(machine.slept).toEqual([7])
  })

  it('is asked rarely when it says nothing, until the deadline', async () => {
    const fake = await zenml(() => ({
      status: 429,
      json: { detail: ['MaxConcurrentTasksError', 'Maximum number'] },
    }))
    const { server, machine } = client(fake)
    const error = await stopOf(server.post('/runs', thing, {}, {}, { deadlineSeconds: 20 }))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 429, className: 'MaxConcurrentTasksError' })
    expect(machine.slept).toEqual([5, 10, 5])
  })

  it('is not waited for longer than there is time', async () => {
    const fake = await zenml(() => ({ status: 429, json: {}, headers: { 'retry-after': '3600' } }))
    const { server, machine } = client(fake)
    expect(await stopOf(server.get('/stacks/1', thing))).toMatchObject({
      kind: 'rate-limited',
      retryAfterSeconds: 3600,
    })
    expect(machine.slept).toEqual([])
  })
})

describe('addresses that are not the server', () => {
  it('never get the key by a redirect', async () => {
    const thief = await zenml(() => ({ json: { id: 'x' } }))
    const fake = await zenml(
      () => ({}),
      () => ({ status: 307, headers: { location: `${thief.url}/api/v1/login` } }),
    )
    expect(await stopOf(client(fake).server.get('/stacks/1', thing))).toMatchObject({
      code: 'not-a-zenml-server',
      next: `Use ${thief.url} as the address of the server.`,
    })
    expect(thief.seen).toEqual([])
  })

  it('are named when they redirect from http to https', async () => {
    const fake = await zenml(() => ({
      status: 301,
      headers: { location: 'https://zenml.example.com/api/v1/info' },
    }))
    expect(await stopOf(client(fake).server.info())).toMatchObject({
      code: 'not-a-zenml-server',
      message: expect.stringContaining('from http to https'),
      next: 'Use https://zenml.example.com as the address of the server.',
    })
  })

  it.each([
    ['a web page', { text: '<!doctype html>' }],
    ['other JSON', { json: { status: 'ok' } }],
    ['a 404 of another API', { status: 404, json: { detail: 'Not Found' } }],
    ['plain text', { text: 'ok', headers: { 'content-type': 'text/plain' } }],
  ] as const)('are known by %s', async (_name, reply) => {
    expect((await stopOf(client(await zenml(() => reply)).server.info())).code).toBe(
      'not-a-zenml-server',
    )
  })

  it('are not read without end', async () => {
    const fake = await zenml(() => ({ text: ' '.repeat(65 * 1024 * 1024) }))
    expect(await stopOf(client(fake).server.info())).toMatchObject({
      message: expect.stringContaining('more than 64 MiB'),
    })
  })
})

describe('lists', () => {
  it('read every page in one order, and say which project they mean', async () => {
    const fake = await zenml(({ query }) =>
      page([{ id: `i${query.get('page') ?? ''}` }], Number(query.get('page')), 3),
    )
    await expect(
      client(fake).server.list('/runs', thing, {
        project: 'p',
        name: equals('in:house'),
        tags: ['a', 'b'],
      }),
    ).resolves.toEqual([{ id: 'i1' }, { id: 'i2' }, { id: 'i3' }])
    expect(of(fake, '/runs').map(({ query }) => query.toString())).toEqual(
      ['1', '2', '3'].map(
        (number) =>
          `sort_by=asc%3Acreated&size=500&project=p&name=equals%3Ain%3Ahouse&tags=a&tags=b&page=${number}`,
      ),
    )
  })

  it('give an item once that moved to the next page', async () => {
    const fake = await zenml(({ query }) =>
      query.get('page') === '1'
        ? page([{ id: 'a' }, { id: 'b' }], 1, 2)
        : page([{ id: 'b' }, { id: 'c' }], 2, 2),
    )
    await expect(client(fake).server.list('/stacks', thing)).resolves.toEqual([
      { id: 'a' },
      { id: 'b' },
      { id: 'c' },
    ])
  })

  it.each([
    ['always gives the first of three pages', () => page([{ id: 'a' }], 1, 3)],
    ['always gives the first of two pages', () => page([{ id: 'a' }], 1, 2)],
    [
      'gives the same items under every number',
      ({ query }: SeenRequest) => page([{ id: 'a' }], Number(query.get('page')), 3),
    ],
    [
      'claims endless pages',
      ({ query }: SeenRequest) =>
        page([{ id: String(query.get('page')) }], Number(query.get('page')), 1e9),
    ],
  ])('end when the server %s', async (_name, handle) => {
    const fake = await zenml(handle)
    expect((await stopOf(client(fake).server.list('/stacks', thing))).code).toBe(
      'unexpected-answer',
    )
    expect(of(fake, '/stacks').length).toBeLessThanOrEqual(2)
  })

  /** A list of so many entities by a server that refuses pages above a size. */
  const longList = (total: number, most: number, tooLong: Reply) =>
    zenml(({ query }) => {
      const [number, size] = [Number(query.get('page')), Number(query.get('size') ?? most)]
      if (size > most) return tooLong
      const first = (number - 1) * size
      const items = Array.from({ length: Math.min(size, total - first) }, (_, index) => ({
        id: String(first + index),
      }))
      return { json: { index: number, total_pages: Math.ceil(total / size), total, items } }
    })

  it('of 2,000 entities are read by four requests', async () => {
    const fake = await longList(2000, 10_000, {})
    const items = await client(fake).server.list('/pipeline_snapshots', thing, { project: 'p' })
    expect(items).toHaveLength(2000)
    expect(of(fake, '/pipeline_snapshots')).toHaveLength(4)
  })

  const REFUSED = { status: 422, json: { detail: [{ loc: ['query', 'size'], msg: 'too large' }] } }
  const TOO_LONG = { text: ' '.repeat(65 * 1024 * 1024) }
  it.each([
    ['a server is configured for no more than 20', 20, REFUSED],
    ['the entities are large', 50, TOO_LONG],
  ])('are read by smaller pages where %s', async (_what, most, tooLong) => {
    const fake = await longList(120, most, tooLong)
    const { server } = client(fake)
    await expect(server.list('/stacks', thing)).resolves.toHaveLength(120)
    const { total, items } = await server.first('/tags', thing)
    expect([total, items?.length]).toEqual([120, 120])
  })

  it('are counted by their smallest page', async () => {
    const fake = await zenml(() => ({
      json: { index: 1, max_size: 1, total_pages: 12, total: 12, items: [{ id: 'a' }] },
    }))
    await expect(client(fake).server.total('/runs', { project: 'p' })).resolves.toBe(12)
    expect(of(fake, '/runs')[0]?.query.get('size')).toBe('1')
  })
})

describe('a stopped command', () => {
  it('gives up what is under way, with the reason of the stop', async () => {
    const { server, machine } = client(
      await zenml(() => (response) => {
        machine.stop(new Error('SIGTERM'))
        silence(response)
      }),
    )
    await expect(server.get('/stacks/1', thing)).rejects.toThrow('SIGTERM')
  })

  it('may still clean up', async () => {
    const { server, machine } = client(await zenml(() => ({ json: { id: 'x' } })))
    machine.stop(new Error('SIGTERM'))
    await expect(
      server.post('/runs/1/stop', thing, {}, {}, { ignoreAbort: true }),
    ).resolves.toEqual({ id: 'x' })
    await expect(server.get('/stacks/1', thing)).rejects.toThrow('SIGTERM')
  })
})

describe('readInventory', () => {
  it('adds up all projects, and leaves out what this server does not have', async () => {
    const totals: Record<string, number> = { '/runs': 40, '/flavors': 71 }
    const fake = await zenml(({ path, query }) => {
      const list = path.slice('/api/v1'.length)
      if (list === '/triggers') return { status: 404, json: { detail: 'Not Found' } }
      if (list === '/service_connectors')
        return { status: 403, json: { detail: ['IllegalOperationError', 'no'] } }
      if (list === '/projects')
        return page([
          { id: 'p1', name: 'one' },
          { id: 'p2', name: 'two' },
        ])
      if (list === '/stacks') return page([{ id: 's', name: 'prod' }])
      if (list === '/pipelines')
        return page([
          { id: query.get('project'), name: 'train', body: { created: '2026-01-01T00:00:00' } },
        ])
      if (list === '/pipeline_snapshots' && query.get('named_only') === 'true')
        return page([
          {
            id: query.get('project'),
            name: 'nightly',
            body: {
              created: '2026-01-01T00:00:00',
              runnable: true,
              project_id: query.get('project'),
            },
            resources: { pipeline: { id: 'x', name: 'train' } },
          },
        ])
      return {
        json: { index: 1, max_size: 1, total_pages: 1, total: totals[list] ?? 0, items: [] },
      }
    })
    const { counts, names } = await readInventory(client(fake).server)
    expect(counts).toMatchObject({
      projects: 2,
      stacks: 1,
      pipelines: 2,
      'named-snapshots': 2,
      snapshots: 0,
      runs: 80,
      flavors: 71,
      schedules: 0,
    })
    expect(Object.keys(counts)).not.toContain('triggers')
    expect(Object.keys(counts)).not.toContain('service-connectors')
    expect(names).toEqual({
      projects: ['one', 'two'],
      stacks: ['prod'],
      pipelines: ['one/train', 'two/train'],
      snapshots: ['one/train/nightly', 'two/train/nightly'],
      schedules: [],
      ...Object.fromEntries(
        ['artifacts', 'code-repositories', 'components', 'deployments', 'models'].map((kind) => [
          kind,
          [],
        ]),
      ),
      secrets: [],
      tags: [],
    })
    expect(fake.seen.length).toBeLessThanOrEqual(1 + 7 + 2 * 12)
  })

  it('reads the names of up to a thousand of a kind in two requests, and of more only the total', async () => {
    const tag = (number: number) => ({ id: String(number), name: `tag-${number}` })
    const fake = await zenml(({ path, query }) => {
      const list = path.slice('/api/v1'.length)
      if (list === '/projects') return page([{ id: 'p1', name: 'one' }])
      const total = list === '/tags' ? 1000 : list === '/secrets' ? 1001 : 0
      const first = (Number(query.get('page')) - 1) * 500
      const items = Array.from({ length: Math.min(500, Math.max(0, total - first)) }, (_, index) =>
        tag(first + index),
      )
      return { json: { index: Number(query.get('page')), total_pages: 3, total, items } }
    })
    const { counts, names } = await readInventory(client(fake).server)
    expect(counts).toMatchObject({ tags: 1000, secrets: 1001 })
    expect(names['tags']).toHaveLength(1000)
    expect(names['secrets']).toBeUndefined()
    expect(fake.seen.filter(({ path }) => path.endsWith('/tags'))).toHaveLength(2)
    expect(fake.seen.filter(({ path }) => path.endsWith('/secrets'))).toHaveLength(1)
  })

  it('names a wanted project that is not there', async () => {
    const fake = await zenml(() => page([{ id: 'p1', name: 'one' }]))
    expect(await stopOf(readInventory(client(fake).server, ['one', 'tow']))).toMatchObject({
      code: 'preflight-failed',
      message: expect.stringContaining('"tow"'),
    })
  })
})
