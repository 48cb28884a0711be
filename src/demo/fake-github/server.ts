import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { now } from './clock.ts'
import type { Exchange } from './exchange.ts'
import { takeFault } from './faults.ts'
import { answerOf, type Request } from './handle.ts'
import { findRoute } from './router.ts'
import type { Fault, State } from './state.ts'

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
    const onAnswer = (exchange: Exchange) => {
      requests.push(exchange)
      onExchange?.(exchange)
    }
    answerRequest({ state, root, basePath, onAnswer }, incoming, response).catch(
      (cause: unknown) => {
        // Nobody can catch this here; the client sees it, and the test that watches it.
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
        response.end(
          `the fake GitHub broke: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
        )
      },
    )
  })
  const root = `http://127.0.0.1:${await listen(server, port)}${basePath}`
  return { url: root, state, requests, close: () => close(server) }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve()
    }),
  )
  // After it listens no more: else one that comes in between would keep it open.
  server.closeAllConnections()
  await closed
}

interface Listener {
  readonly state: State
  readonly root: string
  readonly basePath: string
  /** Called before the answer leaves. */
  readonly onAnswer: (exchange: Exchange) => void
}

async function answerRequest(
  { state, root, basePath, onAnswer }: Listener,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming, root, basePath)
  const { method, found, body } = request
  const fault = takeFault(state, { method, route: found?.route.route ?? null, body })
  if (fault?.delayMilliseconds !== undefined) await wait(fault.delayMilliseconds)
  const exchange = carryOut(state, request, fault)
  onAnswer(exchange)
  if (exchange.status === 0) incoming.socket.destroy()
  else {
    // Clients whose own clock differs correct it by this header.
    response.setHeader('date', new Date(now(state)).toUTCString())
    send(response, exchange.status, exchange.answer, exchange.answerHeaders)
  }
}

async function readRequest(
  incoming: IncomingMessage,
  root: string,
  basePath: string,
): Promise<Request> {
  const body = await textOf(incoming)
  const url = new URL(incoming.url ?? '/', root)
  const below = url.pathname.startsWith(`${basePath}/`)
  const path = below ? url.pathname.slice(basePath.length) : url.pathname
  const method = incoming.method ?? 'GET'
  const found = below ? findRoute(method, path) : undefined
  return { method, path, url, found, body, headers: plainHeaders(incoming.headers), api: root }
}

/** Carries a request out, unless a fault forbids it, and says what is answered. */
function carryOut(state: State, request: Request, fault: Fault | undefined): Exchange {
  const { method, path, url, found, headers: requestHeaders, body } = request
  const taken = fault?.answer === undefined || fault.taken === true
  const own = taken ? answerOf(state, request) : undefined
  const injected = fault?.answer === 'cut' ? { status: 0 } : fault?.answer
  const { status, body: answer, headers = {} } = injected ?? own?.answer ?? { status: 500 }
  return {
    method,
    path,
    route: found?.route.route ?? null,
    params: found?.params ?? {},
    query: Object.fromEntries(url.searchParams),
    headers: requestHeaders,
    body: own?.body ?? parsed(body),
    login: own?.login ?? null,
    status,
    answerHeaders: headers,
    answer,
    injected: injected !== undefined,
    taken,
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
