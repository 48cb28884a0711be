import { afterEach, describe, expect, it } from '@jest/globals'
import { readStackInventory } from '../../src/stacks/inventory.ts'
import { closeHttp } from '../../src/http/http.ts'
import { connect } from '../../src/zenml/server.ts'
import type { HttpTestServer } from '../support/http-server.ts'
import { testMachine } from '../support/machine.ts'
import {
  cloudStack,
  FORBIDDEN,
  NOT_THERE,
  stacksServer,
  VALUE,
  type FakeStacks,
} from '../support/stacks-server.ts'

// What is read of a server's stacks, while it changes and where the key may not see everything.

let server: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await server.close()
})

async function read(data: FakeStacks) {
  server = await stacksServer(data)
  const machine = testMachine()
  return readStackInventory({
    server: connect({ url: server.url, apiKey: 'ZENKEY_x', machine }),
    projects: undefined,
    now: () => machine.now(),
  })
}

const asked = (path: string) =>
  server.seen.filter((request) => request.path === `/api/v1${path}`).length

describe('the inventory of a server', () => {
  it('tells what every stack is made of, and no value of a configuration', async () => {
    const inventory = await read({
      id: 'server-1',
      stacks: [cloudStack('b', { used: false }), cloudStack('a')],
    })
    expect(inventory).toEqual({
      'server-id': 'server-1',
      'server-version': '0.98.0',
      read: '2026-11-23T12:00:00.000Z',
      stacks: [
        ['a', true],
        ['b', false],
      ].map(([name, used]) => ({
        name,
        'in-use': used,
        components: [
          {
            type: 'artifact_store',
            name: 's3-artifact_store',
            flavor: 's3',
            integration: 's3',
            'flavor-source': null,
            connector: null,
            configuration: ['path', 'secret'],
          },
          {
            type: 'orchestrator',
            name: 'kubernetes-orchestrator',
            flavor: 'kubernetes',
            integration: 'kubernetes',
            'flavor-source': null,
            connector: { type: 'aws' },
            configuration: ['kubernetes_context'],
          },
        ],
      })),
    })
    expect(JSON.stringify(inventory)).not.toContain(VALUE)
  })

  it('of three hundred stacks takes few requests', async () => {
    const inventory = await read({
      stacks: Array.from({ length: 300 }, (_, index) => cloudStack(`s${String(index)}`)),
    })
    expect(inventory.stacks).toHaveLength(300)
    expect([
      asked('/stacks'),
      asked('/components'),
      asked('/pipeline_snapshots'),
      server.seen.length,
    ]).toEqual([1, 2, 1, 7])
  })

  it('of a server that has no snapshots of a name yet has no stack in use', async () => {
    expect(
      await read({
        stacks: [cloudStack('a')],
        intercept: ({ path }) => (path.endsWith('/pipeline_snapshots') ? NOT_THERE : undefined),
      }),
    ).toMatchObject({ stacks: [{ name: 'a', 'in-use': false }] })
  })
})

describe('a server that changes meanwhile', () => {
  const [a, b] = [cloudStack('a'), cloudStack('b')]
  const orphaned = {
    ...b,
    components: [...b.components, { id: 'gone', type: 'alerter', flavor: 'slack' }],
  }
  /** The list of stacks, read first, still has a component that the list of components has not. */
  const changing = (now: FakeStacks['stacks'], more: Partial<FakeStacks> = {}): FakeStacks => {
    const data: FakeStacks = {
      stacks: [a, orphaned],
      intercept: (request) => {
        if (request.path === '/api/v1/components') data.stacks = now
        return more.intercept?.(request)
      },
    }
    return data
  }

  it('is read again where a component is gone', async () => {
    const inventory = await read(changing([a, b]))
    expect(inventory.stacks.map(({ name, components }) => [name, components.length])).toEqual([
      ['a', 2],
      ['b', 2],
    ])
    expect([asked('/stacks/id-of-b'), asked('/stacks/id-of-a')]).toEqual([1, 0])
  })

  it('has a stack no longer that was deleted with its components', async () => {
    expect((await read(changing([a]))).stacks.map(({ name }) => name)).toEqual(['a'])
  })

  it('is not judged while a stack names a component that is not there', async () => {
    const intercept: FakeStacks['intercept'] = ({ path }) =>
      path === '/api/v1/components/gone' ? NOT_THERE : undefined
    const listing: FakeStacks['intercept'] = ({ path }) =>
      path === '/api/v1/components'
        ? { json: { index: 1, max_size: 100, total_pages: 1, total: 0, items: [] } }
        : undefined
    await expect(
      read({ stacks: [orphaned], intercept: (request) => intercept(request) ?? listing(request) }),
    ).rejects.toMatchObject({
      code: 'unexpected-answer',
      message: expect.stringContaining('"b"') as unknown,
    })
  })
})

describe('a key that may not see everything', () => {
  it.each(['/pipeline_snapshots', '/stacks', '/components'])(
    'ends inconclusive where it may not list %s',
    async (list) => {
      await expect(
        read({
          stacks: [cloudStack('a')],
          intercept: ({ path }) => (path === `/api/v1${list}` ? FORBIDDEN : undefined),
        }),
      ).rejects.toMatchObject({ code: 'credentials-refused', status: 403 })
    },
  )

  it('ends inconclusive where a stack in use is hidden from it, and is content where that was deleted', async () => {
    const hidden = (reply: typeof FORBIDDEN): FakeStacks => ({
      stacks: [cloudStack('a'), cloudStack('b')],
      intercept: ({ path }) =>
        path === '/api/v1/stacks'
          ? { json: { index: 1, max_size: 100, total_pages: 1, total: 0, items: [] } }
          : path === '/api/v1/stacks/id-of-b'
            ? reply
            : undefined,
    })
    await expect(read(hidden(FORBIDDEN))).rejects.toMatchObject({ code: 'credentials-refused' })
    await server.close()
    expect((await read(hidden(NOT_THERE))).stacks.map(({ name }) => name)).toEqual(['a'])
  })
})
