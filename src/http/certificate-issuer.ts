import { once } from 'node:events'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { proxyFor } from './proxy.ts'

type Env = Readonly<Record<string, string | undefined>>

const SECONDS = 15

/**
 * Names who issued the certificate that a host presents, for a message about a certificate that is
 * not trusted; undefined when that cannot be found out. Only the names are read: nothing is sent to
 * a host that is not verified.
 */
export async function certificateIssuer(url: URL, env: Env): Promise<string | undefined> {
  const signal = AbortSignal.timeout(SECONDS * 1000)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = Number(url.port === '' ? 443 : url.port)
  let socket: TLSSocket | undefined
  try {
    const proxy = proxyFor(url, env)
    const tunnel =
      proxy === undefined ? undefined : await openTunnel(proxy, `${url.hostname}:${port}`, signal)
    socket = connect({
      ...(tunnel === undefined ? { host, port } : { socket: tunnel }),
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      rejectUnauthorized: false,
    })
    await once(socket, 'secureConnect', { signal })
    return nameOf(lastOf(socket.getPeerCertificate(true)).issuer)
  } catch {
    // The failure that is explained here is reported without it.
    return undefined
  } finally {
    socket?.destroy()
  }
}

/** Asks a proxy for a connection to a host. */
async function openTunnel(proxy: URL, target: string, signal: AbortSignal): Promise<Socket> {
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const asked = request({
    host: proxy.hostname,
    port: proxy.port === '' ? 80 : proxy.port,
    method: 'CONNECT',
    path: target,
    headers: {
      host: target,
      ...(proxy.username === ''
        ? {}
        : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
    signal,
  })
  asked.end()
  const [answer, tunnel] = (await once(asked, 'connect', { signal })) as [
    { readonly statusCode?: number },
    Socket,
  ]
  if (answer.statusCode === 200) return tunnel
  tunnel.destroy()
  throw new Error(`the proxy answers ${String(answer.statusCode)}`)
}

/** The last certificate of a chain as far as the host gives it. */
function lastOf(first: DetailedPeerCertificate): DetailedPeerCertificate {
  let last = first
  const seen = new Set<unknown>()
  while ('issuerCertificate' in last && !seen.has(last)) {
    seen.add(last)
    last = last.issuerCertificate
  }
  return last
}

/** The common name and the organisation, in one line. */
function nameOf({ CN, O }: { readonly CN?: string; readonly O?: string }): string | undefined {
  const names = [CN, O].filter((name) => name !== undefined)
  return names.length === 0 ? undefined : [...new Set(names)].join(', ')
}
