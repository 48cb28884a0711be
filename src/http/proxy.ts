import { BlockList, isIP } from 'node:net'

// undici's EnvHttpProxyAgent is marked experimental (it warns on every start), sends https through
// HTTP_PROXY and does not match the subdomains of a NO_PROXY entry. This follows what requests and
// uv do, so that every tool of one command takes the same way.

type Env = Readonly<Record<string, string | undefined>>

const DEFAULT_PORT: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/**
 * The proxy for a URL by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY in lower or upper case, or
 * undefined for a direct way.
 */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const read = (name: string) =>
    [env[name], env[name.toUpperCase()]].find((value) => value !== undefined && value !== '')
  const proxy = read(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') ?? read('all_proxy')
  if (proxy === undefined || exempt(url, read('no_proxy') ?? '')) return undefined
  const address = proxy.includes('://') ? proxy : `http://${proxy}`
  return URL.canParse(address) ? new URL(address) : undefined
}

function exempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? DEFAULT_PORT[url.protocol] : url.port
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      if (entry.includes('/')) return inNetwork(host, entry)
      const [, name = entry, only] = /^(.+):(\d+)$/.exec(isIP(entry) === 6 ? '' : entry) ?? []
      if (only !== undefined && only !== port) return false
      const domain = name.replace(/^\*?\./, '').replace(/^\[(.*)\]$/, '$1')
      return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`))
    })
}

/** True when `host` is an address inside a network such as 10.0.0.0/8. */
function inNetwork(host: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/')
  const family = isIP(base)
  if (
    family === 0 ||
    family !== isIP(host) ||
    !/^\d+$/.test(bits) ||
    Number(bits) > (family === 4 ? 32 : 128)
  )
    return false
  const name = family === 4 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(base, Number(bits), name)
  return block.check(host, name)
}
