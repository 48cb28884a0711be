// Stands in front of a server, passes everything on, and counts it.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CountingGateway {
  readonly url: string
  /** Method and route of everything that was asked, with `{id}` for ids, and who asked. */
  readonly asked: { readonly route: string; readonly by: 'zenml-upgrade' | 'ZenML client' }[]
  close(): Promise<void>
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

export async function countingGateway(target: string): Promise<CountingGateway> {
  const asked: CountingGateway['asked'] = []
  const server = createServer((incoming, response) => {
    const path = new URL(incoming.url ?? '/', target).pathname.replaceAll(ID, '{id}')
    const isOurs = incoming.headers['user-agent']?.startsWith('zenml-upgrade/') === true
    asked.push({
      route: `${incoming.method ?? ''} ${path.replace('/api/v1', '')}`,
      by: isOurs ? 'zenml-upgrade' : 'ZenML client',
    })
    const onward = request(
      new URL(incoming.url ?? '/', target),
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.writeHead(502).end())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
