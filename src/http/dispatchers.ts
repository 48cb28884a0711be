import { Agent, Pool, ProxyAgent, type Dispatcher } from 'undici'
import { registerUrlSecret } from '../runtime/secrets.ts'

/**
 * One dispatcher for each way out: '' is the direct one. Made at first use, so that connections are
 * shared by all calls.
 */
const dispatchers = new Map<string, Dispatcher>()

function dispatcherFor(proxy: URL | undefined): Dispatcher {
  const key = proxy?.href ?? ''
  const known = dispatchers.get(key)
  if (known !== undefined) return known
  registerUrlSecret(proxy?.href)
  // Without a tunnel for plain http, because proxies commonly refuse CONNECT to anything but port
  // 443.
  const made =
    proxy === undefined
      ? new Agent()
      : new ProxyAgent({ uri: proxy.href, proxyTunnel: false, factory: poolBehindProxy })
  dispatchers.set(key, made)
  return made
}

/**
 * Makes the connections that lead through a proxy. undici takes a proxy that closes the connection
 * for a server that closed an idle one, and connects again at once and for ever (client.js,
 * UND_ERR_SOCKET); in an error of its own, the code ends the request.
 */
function poolBehindProxy(origin: URL, options: Pool.Options): Dispatcher {
  const { connect } = options
  if (typeof connect !== 'function') return new Pool(origin, options)
  return new Pool(origin, {
    ...options,
    connect: (target, done) => {
      connect(target, (...result) => {
        if (result[0] === null) done(...result)
        else done(new Error('the proxy opened no connection', { cause: result[0] }), null)
      })
    },
  })
}

type Options = Omit<Dispatcher.RequestOptions, 'origin' | 'path'> & {
  readonly signal?: AbortSignal
}

/**
 * Sends one request. Rejects with undici's own errors, and with the signal's reason once it is
 * aborted: undici itself aborts a request only after its connection was made, which a silent proxy
 * never lets happen.
 */
export function requestBy(
  proxy: URL | undefined,
  url: URL,
  options: Options,
): Promise<Dispatcher.ResponseData> {
  const { signal } = options
  const response = dispatcherFor(proxy).request({
    ...options,
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
  })
  return signal === undefined ? response : untilAborted(response, signal)
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort)
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort)
    })
  })
}

/**
 * Ends all kept connections, so that the process can exit at once. Later requests open new ones.
 */
export async function closeHttp(): Promise<void> {
  const open = [...dispatchers.values()]
  dispatchers.clear()
  await Promise.all(open.map((dispatcher) => dispatcher.destroy()))
}
