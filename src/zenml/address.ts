import { Stop } from '../core/stop.ts'

const EXAMPLE = 'Use the address of the ZenML server itself, such as https://zenml.example.com.'

/**
 * The base address of a server from what a user wrote: no slash at its end, no `/api/v1`, no query.
 * Throws Stop('invalid-input') for what cannot be one; credentials inside are refused without
 * repeating them.
 */
export function normaliseAddress(written: string): string {
  const text = written.trim()
  const notOne = () =>
    new Stop(
      'invalid-input',
      `${JSON.stringify(text.replace(/^.*@/, ''))} is not the address of a ZenML server: it must begin with https:// or http://.`,
      { next: EXAMPLE },
    )
  if (!URL.canParse(text)) throw notOne()
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw notOne()
  if (url.username !== '' || url.password !== '')
    throw new Stop('invalid-input', `The address of ${url.host} holds a user name or password.`, {
      next: 'Leave them out; the service-account key comes from ZENML_STORE_API_KEY.',
    })
  const path = url.pathname
    .replace(/\/+$/, '')
    .replace(/\/api(\/v1(\/.*)?)?$/, '')
    .replace(/\/(health|ready|docs|redoc|login)$/, '')
    .replace(/\/+$/, '')
  return `${url.origin}${path}`
}

/**
 * The server address that a redirect points to, when it only moves the same path to another place;
 * else undefined.
 */
export function movedTo(
  asked: URL,
  base: string,
  location: string | undefined,
): string | undefined {
  if (location === undefined || !URL.canParse(location, asked.href)) return undefined
  const target = new URL(location, asked)
  const suffix = asked.pathname.slice(new URL(base).pathname.replace(/\/$/, '').length)
  if (!target.pathname.endsWith(suffix)) return undefined
  return `${target.origin}${target.pathname.slice(0, -suffix.length)}`
}

/** ZenML Pro's dashboard has one host for all workspaces; their servers have others. */
export function isProDashboard(base: string): boolean {
  const { hostname } = new URL(base)
  return hostname === 'cloud.zenml.io' || hostname === 'staging.cloud.zenml.io'
}

/**
 * Whether ZENML_STORE_URL names a server, as clients read it: a server that is started with the
 * variable reads the address of its database.
 */
export function isServerAddress(url: string | undefined): url is string {
  return url !== undefined && /^https?:/i.test(url)
}
