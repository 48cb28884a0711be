import { afterEach, describe, expect, it } from '@jest/globals'
import { closeHttp } from '../../../src/http/http.ts'
import { discoverSnapshots } from '../../../src/snapshots/discover.ts'
import { connect } from '../../../src/zenml/server.ts'
import type { HttpTestServer } from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'
import {
  requestsOf,
  zenmlLists,
  type ListedEntity,
  type ZenmlLists,
} from '../../support/zenml-lists.ts'
import { build, record } from './example.ts'

let server: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await server.close()
})

async function discoverOn(given: ZenmlLists) {
  server = await zenmlLists(given)
  return discoverSnapshots(connect({ url: server.url, machine: testMachine() }))
}

const RECORD = record('0.94.1', 'churn-cfg')

/** A snapshot with a build of its own, or with that of another one. */
function snapshot(number: number, buildNumber = number): ListedEntity {
  const { body, metadata, resources } = RECORD
  return {
    id: `s${number}`,
    name: `nightly-${number}`,
    body,
    metadata,
    resources: { ...resources, build: { id: `b${buildNumber}` } },
  }
}

const builds = (many: number): ListedEntity[] =>
  Array.from({ length: many }, (_, number) => ({ ...build('0.94.1'), id: `b${number}` }))

const snapshots = (many: number, distinctBuilds = many): ListedEntity[] =>
  Array.from({ length: many }, (_, number) => snapshot(number, number % distinctBuilds))

describe('discovering snapshots', () => {
  it('measures nothing on a server that is older than snapshots', async () => {
    await expect(discoverOn({ version: '0.85.0', lists: {} })).resolves.toBeUndefined()
  })

  it('fails where a newer server answers 404: something hides its snapshots', async () => {
    await expect(discoverOn({ version: '0.98.0', lists: {} })).rejects.toMatchObject({
      code: 'unexpected-answer',
    })
  })

  it.each([
    { what: 'each a build of its own', all: 1000, distinct: 1000, most: 2 },
    { what: '400 builds', all: 1000, distinct: 400, most: 1 },
    { what: 'each a build of its own, more than a thousand', all: 2600, distinct: 2600, most: 6 },
    { what: 'three builds among 10,000', all: 1000, distinct: 3, most: 1, unrelated: 10_000 },
    { what: '200 builds among 10,000', all: 1000, distinct: 200, most: 4, unrelated: 10_000 },
  ])(
    'reads $all snapshots that have $what with at most $most requests for builds',
    async ({ all, distinct, most, unrelated = 0 }) => {
      const found = await discoverOn({
        version: '0.98.0',
        lists: {
          '/pipeline_snapshots': snapshots(all, distinct),
          '/pipeline_builds': [
            ...builds(distinct),
            ...builds(unrelated).map(({ id, ...rest }) => ({ ...rest, id: `unrelated-${id}` })),
          ],
        },
      })
      expect(found).toHaveLength(all)
      expect(found?.every((one) => one.build?.id === one.record.resources.build?.id)).toBe(true)
      expect(requestsOf(server)).toEqual({
        '/projects': 1,
        '/pipeline_snapshots': Math.ceil(all / 500),
        '/pipeline_builds': most,
      })
    },
    60_000,
  )

  it('fails where the server lists no build that a snapshot refers to, as it did not say why', async () => {
    await expect(
      discoverOn({
        version: '0.98.0',
        lists: { '/pipeline_snapshots': snapshots(1), '/pipeline_builds': [] },
      }),
    ).rejects.toMatchObject({ code: 'unexpected-answer' })
  })

  it('takes the named snapshot, and not a newer one of the same pipeline without a name', async () => {
    const anonymous = { ...snapshot(1), name: null }
    const found = await discoverOn({
      version: '0.98.0',
      lists: { '/pipeline_snapshots': [snapshot(0), anonymous], '/pipeline_builds': builds(2) },
    })
    expect(found?.map(({ id }) => id)).toEqual(['s0'])
  })
})
