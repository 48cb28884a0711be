import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { closeHttp, requestBy } from '../../../src/http/dispatchers.ts'

let server: Server
afterEach(async () => {
  server.close()
  await closeHttp()
})

/** A proxy that does with every connection what `handle` does; returns its address. */
async function proxy(handle: (socket: Socket) => void): Promise<URL> {
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    handle(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

const ask = (through: URL) =>
  requestBy(through, new URL('https://zenml.internal/'), {
    method: 'GET',
    signal: AbortSignal.timeout(1000),
  })

describe('a request through a proxy', () => {
  it('fails at once where the proxy answers CONNECT by closing the connection', async () => {
    let connections = 0
    const closing = await proxy((socket) => {
      connections += 1
      socket.once('data', () => socket.destroy())
    })
    await expect(ask(closing)).rejects.toThrow('the proxy opened no connection')
    expect(connections).toBe(1)
  })

  it('ends with its time where the proxy never answers', async () => {
    const open: Socket[] = []
    const silent = await proxy((socket) => open.push(socket))
    await expect(ask(silent)).rejects.toMatchObject({ name: 'TimeoutError' })
    for (const socket of open) socket.destroy()
  })
})
