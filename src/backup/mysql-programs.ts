import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { run } from '../runtime/process.ts'
import type { MysqlAddress } from './mysql-url.ts'

export type Vendor = 'mariadb' | 'mysql'

/** The vendor of a server or program, from the text in which it names its version. */
export function vendorOf(version: string): Vendor {
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql'
}

/** A pair of the database's own command line programs. */
export interface Programs {
  readonly vendor: Vendor
  readonly client: string
  readonly dump: string
  readonly version: string
  /** `--help` of both: which options they know differs between vendors and versions. */
  readonly help: { readonly client: string; readonly dump: string }
}

const PAIRS = [
  ['mariadb', 'mariadb-dump'],
  ['mysql', 'mysqldump'],
] as const

/**
 * Every usable pair of PATH; the names do not tell the vendor, because MariaDB also installs
 * MySQL's.
 */
export async function findPrograms(machine: Machine): Promise<Programs[]> {
  const found: Programs[] = []
  for (const [client, dump] of PAIRS) {
    const text = async (program: string, argument: string) => {
      const result = await run({
        argv: [program, '--no-defaults', argument],
        env: machine.env,
        timeoutSeconds: 30,
      })
      return result.exitCode === 0 ? result.stdout : undefined
    }
    // Some versions take --version only as the first argument, so the banner of --help is read
    // instead.
    const [clientHelp, dumpHelp] = [await text(client, '--help'), await text(dump, '--help')]
    if (clientHelp === undefined || dumpHelp === undefined) continue
    const banner = dumpHelp.split('\n').find((line) => /\bVer\b|\bDistrib\b/.test(line)) ?? ''
    found.push({
      vendor: vendorOf(banner),
      client,
      dump,
      version: banner.replace(/^\S*\/|^\s+/, '').trim(),
      help: { client: clientHelp, dump: dumpHelp },
    })
  }
  return found
}

/**
 * The pair of the server's own vendor, else any: the other vendor's programs also dump ZenML's
 * plain tables. @throws Stop `preflight-failed`
 */
export function choosePrograms(found: readonly Programs[], vendor: Vendor | undefined): Programs {
  const chosen = found.find((pair) => pair.vendor === vendor) ?? found[0]
  if (chosen === undefined) {
    throw new Stop(
      'preflight-failed',
      'Neither mariadb and mariadb-dump nor mysql and mysqldump were found on PATH.',
      {
        next: 'Install the client package of your database: `apt-get install mariadb-client` or `default-mysql-client`.',
      },
    )
  }
  return chosen
}

/**
 * Arguments of every call. `--no-defaults` must be the first: option files of this machine must not
 * change a backup.
 */
export function connectionArguments(address: MysqlAddress, vendor: Vendor, help: string): string[] {
  return [
    '--no-defaults',
    `--host=${address.host}`,
    `--port=${address.port}`,
    // `localhost` would mean a socket file to these programs, and TCP to ZenML.
    '--protocol=TCP',
    `--user=${address.user}`,
    '--default-character-set=utf8mb4',
    ...tlsArguments(address, vendor, help),
  ]
}

function tlsArguments({ tls }: MysqlAddress, vendor: Vendor, help: string): string[] {
  const files = [
    ['--ssl-ca', tls.ca],
    ['--ssl-cert', tls.cert],
    ['--ssl-key', tls.key],
  ]
    .filter(([, path]) => path !== undefined)
    .map(([option, path]) => `${option ?? ''}=${path ?? ''}`)
  if (vendor === 'mysql') {
    const mode = {
      off: 'DISABLED',
      'server-decides': 'PREFERRED',
      required: 'REQUIRED',
      verified: 'VERIFY_IDENTITY',
    }[tls.mode]
    return help.includes('ssl-mode') ? [`--ssl-mode=${mode}`, ...files] : files
  }
  if (tls.mode === 'off') return ['--skip-ssl']
  if (tls.mode === 'verified') return ['--ssl', '--ssl-verify-server-cert', ...files]
  // MariaDB 11.4 and newer verify by default and then refuse servers without TLS.
  const unverified = help.includes('ssl-verify-server-cert')
    ? ['--skip-ssl-verify-server-cert']
    : []
  return tls.mode === 'required' ? ['--ssl', ...unverified, ...files] : unverified
}

/**
 * The environment of every call: the password goes this way, and a stored login of this user must
 * not get in its place.
 */
export function connectionEnvironment(
  address: MysqlAddress,
  machine: Machine,
): Record<string, string | undefined> {
  return {
    ...machine.env,
    MYSQL_PWD: address.password,
    MYSQL_TEST_LOGIN_FILE: '/nonexistent/zenml-upgrade',
  }
}
