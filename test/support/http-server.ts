import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly json?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface HttpTestServer {
  readonly url: string
  readonly seen: SeenRequest[]
  /** Number of connections that were opened. */
  connections(): number
  close(): Promise<void>
}

/** What a handler may do instead of replying. */
export type Trick = (response: ServerResponse) => void
/** Closes the connection without a word, as a dying server does. */
export const hangUp: Trick = (response) => {
  response.socket?.destroy()
}
/** Never answers. */
export const silence: Trick = () => undefined

/**
 * An HTTP server on 127.0.0.1, on a free port where none is named, that answers what `handle` says.
 */
export async function httpServer(
  handle: (request: SeenRequest, count: number) => Reply | Trick,
  wanted = 0,
): Promise<HttpTestServer> {
  const seen: SeenRequest[] = []
  let connections = 0
  const server = createServer((incoming, response) => {
    let body = ''
    incoming
      .setEncoding('utf8')
      .on('data', (chunk: string) => {
        body += chunk
      })
      .on('end', () => {
        const url = new URL(incoming.url ?? '/', 'http://localhost')
        const request = {
          method: incoming.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: incoming.headers,
          body,
        }
        seen.push(request)
        const reply = handle(
          request,
          seen.filter((each) => each.path === request.path && each.method === request.method)
            .length,
        )
        if (typeof reply === 'function') {
          reply(response)
          return
        }
        const { status = 200, json, text, headers = {} } = reply
        response.writeHead(status, {
          'content-type': text === undefined ? 'application/json' : 'text/html',
          ...headers,
        })
        response.end(text ?? JSON.stringify(json ?? null))
      })
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => {
    server.listen(wanted, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
