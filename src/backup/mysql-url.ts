import { Stop } from '../core/stop.ts'
import { registerKey } from '../runtime/secrets.ts'

/** Where a MySQL or MariaDB database is, and how to get in. */
export interface MysqlAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: Tls
}

interface Tls {
  /** `server-decides`: encrypted where the server can; the URL says nothing. */
  readonly mode: 'off' | 'server-decides' | 'required' | 'verified'
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

// The grammar of SQLAlchemy, which ZenML reads its own URL with: a password may hold everything but
// `@`.
const URL_PARTS =
  /^(?<scheme>mysql|mariadb)(?:\+\w+)?:\/\/(?:(?<user>[^:/]*)(?::(?<password>[^@]*))?@)?(?:\[(?<ipv6>[^/?]+)\]|(?<host>[^:/?]*))(?::(?<port>\d+))?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/

/**
 * The address in the environment variable `name`, with its password registered as a secret. @throws
 * Stop `preflight-failed`
 */
export function readAddress(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): MysqlAddress {
  const text = env[name]?.trim()
  if (text === undefined || text === '') {
    throw new Stop(
      'preflight-failed',
      `The environment variable ${name} is not set; it holds the connection to the database.`,
      {
        next: `Set ${name} to mysql://user:password@host:3306/database, the URL that the ZenML server has as ZENML_STORE_URL.`,
      },
    )
  }
  const parts = URL_PARTS.exec(text)?.groups
  const raw = parts?.['password'] ?? ''
  // Both spellings: the one in the URL is what a careless log would hold.
  registerKey(name, raw)
  registerKey(name, decode(raw))
  const host = parts?.['ipv6'] ?? parts?.['host']
  const { user, database } = parts ?? {}
  if (
    host === undefined ||
    host === '' ||
    user === undefined ||
    user === '' ||
    database === undefined ||
    database === ''
  ) {
    throw new Stop(
      'preflight-failed',
      `The environment variable ${name} is not a URL such as mysql://user:password@host:3306/database.`,
      { next: 'Spell special characters of the password as percent escapes, such as %40 for @.' },
    )
  }
  return {
    host,
    port: Number(parts?.['port'] ?? 3306),
    user: decode(user),
    password: decode(raw),
    database: decode(database),
    tls: readTls(new URLSearchParams(parts?.['query'] ?? ''), name),
  }
}

/**
 * The parameters of ZenML's own URL: `ssl`, `ssl_ca`, `ssl_cert`, `ssl_key` (paths of files),
 * `ssl_verify_server_cert`.
 */
function readTls(query: URLSearchParams, name: string): Tls {
  const file = (key: string) => {
    const value = query.get(key) ?? undefined
    if (value?.includes('-----BEGIN') === true) {
      throw new Stop(
        'preflight-failed',
        `${key} in ${name} holds a certificate; the database's command line programs need the path of a file.`,
        { next: 'Write it to a file in the setup step, and name that file.' },
      )
    }
    return value
  }
  const [ca, cert, key] = [file('ssl_ca'), file('ssl_cert'), file('ssl_key')]
  const files = { ca, cert, key }
  const given = query.get('ssl')
  if (given !== null && isFalse(given)) return { mode: 'off', ...files }
  if (given === null && ca === undefined && cert === undefined && key === undefined)
    return { mode: 'server-decides', ...files }
  const verify = query.get('ssl_verify_server_cert')
  return { mode: verify !== null && !isFalse(verify) ? 'verified' : 'required', ...files }
}

function isFalse(text: string): boolean {
  return ['', '0', 'false', 'no', 'n', 'off', 'disabled'].includes(text.toLowerCase())
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A per cent sign that is none of an escape stands for itself, as in SQLAlchemy.
    return text.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) =>
      String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
    )
  }
}

/** For messages: no password. */
export function nameOf({ host, port, database }: MysqlAddress): string {
  return `${database} on ${host}:${port}`
}
