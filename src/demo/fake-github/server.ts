import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Exchange } from './exchange.ts'
import { takeFault } from './faults.ts'
import { answerOf, type Request } from './handle.ts'
import { findRoute } from './router.ts'
import type { State } from './state.ts'

export interface FakeGithubOptions {
  readonly state: State
  /** Left out: any free port. */
  readonly port?: number
  /** `/api/v3` for GitHub Enterprise Server. */
  readonly basePath?: string
  /** Told every exchange, before the answer leaves. */
  readonly onExchange?: (exchange: Exchange) => void
}

export interface FakeGithub {
  /** The API's root, for GITHUB_API_URL. */
  readonly url: string
  readonly state: State
  /** Every exchange, in the order of the answers. */
  readonly requests: readonly Exchange[]
  close(): Promise<void>
}

/**
 * A GitHub of one's own on 127.0.0.1. What is in `state` is what it knows; change it at any time.
 */
export async function startFakeGithub({
  state,
  port = 0,
  basePath = '',
  onExchange,
}: FakeGithubOptions): Promise<FakeGithub> {
  const requests: Exchange[] = []
  const server = createServer((incoming, response) => {
    exchange(incoming, response).catch((cause: unknown) => {
      // Nobody can catch this here; the client sees it, and the test that watches it.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(
        `the fake GitHub broke: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
      )
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}${basePath}`

  async function exchange(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(incoming)
    const url = new URL(incoming.url ?? '/', root)
    const below = url.pathname.startsWith(`${basePath}/`)
    const path = below ? url.pathname.slice(basePath.length) : url.pathname
    const method = incoming.method ?? 'GET'
    const found = below ? findRoute(method, path) : undefined
    const fault = takeFault(state, { method, route: found?.route.route ?? null, body })
    if (fault?.delayMilliseconds !== undefined) await wait(fault.delayMilliseconds)

    const request: Request = {
      method,
      path,
      url,
      found,
      body,
      headers: plainHeaders(incoming.headers),
      api: root,
    }
    const taken = fault?.answer === undefined || fault.taken === true
    const own = taken ? answerOf(state, request) : undefined
    const injected = fault?.answer === 'cut' ? { status: 0 } : fault?.answer
    const { status, body: answer, headers = {} } = injected ?? own?.answer ?? { status: 500 }
    const whole: Exchange = {
      method,
      path,
      route: found?.route.route ?? null,
      params: found?.params ?? {},
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: own?.body ?? parsed(body),
      login: own?.login ?? null,
      status,
      answerHeaders: headers,
      answer,
      injected: injected !== undefined,
      taken,
    }
    requests.push(whole)
    onExchange?.(whole)
    if (status === 0) incoming.socket.destroy()
    else send(response, status, answer, headers)
  }

  return {
    url: root,
    state,
    requests,
    async close() {
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
      // After it listens no more: else one that comes in between would keep it open.
      server.closeAllConnections()
      await closed
    },
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  const content =
    body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, {
    ...(content === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...headers,
  })
  response.end(content)
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function plainHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
}

function parsed(body: string): unknown {
  try {
    return body === '' ? undefined : (JSON.parse(body) as unknown)
  } catch {
    return body
  }
}
