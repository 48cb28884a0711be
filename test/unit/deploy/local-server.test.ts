import { afterEach, describe, expect, it } from '@jest/globals'
import { askDirectly } from '../../../src/deploy/local-server.ts'
import { closeHttp } from '../../../src/http/http.ts'
import { httpServer, type HttpTestServer, type Reply } from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'

let server: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await server.close()
})

describe('a server of this machine', () => {
  const machine = testMachine({ HTTP_PROXY: 'http://127.0.0.1:9' })
  const ask = async (reply: Reply) => {
    server = await httpServer(() => reply)
    return askDirectly(Number(new URL(server.url).port), machine)
  }

  it('is asked past the proxy', async () => {
    await expect(ask({ json: { id: 'server-1', version: '0.98.0' } })).resolves.toMatchObject({
      id: 'server-1',
      version: '0.98.0',
    })
  })

  it('is not seen where it answers with an error', async () => {
    await expect(ask({ status: 500, json: { detail: 'x' } })).resolves.toBeUndefined()
  })
})
