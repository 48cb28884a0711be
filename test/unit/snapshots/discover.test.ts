import { afterEach, describe, expect, it } from '@jest/globals'
import { closeHttp } from '../../../src/http/http.ts'
import { discoverSnapshots } from '../../../src/snapshots/discover.ts'
import { connect } from '../../../src/zenml/server.ts'
import { httpServer, type HttpTestServer } from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'

let server: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await server.close()
})

/** Looks for snapshots on a server of a version that answers 404 where they should be. */
async function discoverOn(version: string) {
  server = await httpServer(({ path }) => {
    if (path === '/api/v1/info') return { json: { id: 'server-1', version } }
    if (path !== '/api/v1/projects') return { status: 404, json: { detail: 'Not Found' } }
    const items = [{ id: 'p', name: 'default' }]
    return { json: { index: 1, total_pages: 1, total: 1, items } }
  })
  return discoverSnapshots(connect({ url: server.url, machine: testMachine() }))
}

describe('discovering snapshots', () => {
  it('measures nothing on a server that is older than snapshots', async () => {
    await expect(discoverOn('0.85.0')).resolves.toBeUndefined()
  })

  it('fails where a newer server answers 404: something hides its snapshots', async () => {
    await expect(discoverOn('0.98.0')).rejects.toMatchObject({ code: 'unexpected-answer' })
  })
})
