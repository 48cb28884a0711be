import { join } from 'node:path'

/** Where the local driver keeps what: everything lies below the `directory` of the file. */
export interface LocalLayout {
  readonly directory: string
  /** One Python environment per version. */
  readonly versions: string
  readonly logs: string
  /** Of the installer. */
  readonly cache: string
  /** Which process serves, since when. */
  readonly serverFile: string
  /** Environment variables of the user for the server, dotenv lines. */
  readonly environmentFile: string
  /** Signs the tokens of the server; kept, so that tokens survive an upgrade. */
  readonly secretFile: string
  readonly database: string
  /** ZenML's own configuration folder. */
  readonly configuration: string
  /**
   * Working directory of all processes: never one with a `.zen` folder, which would make a server
   * act as somebody's client.
   */
  readonly neutral: string
}

export function layoutOf(directory: string): LocalLayout {
  return {
    directory,
    versions: join(directory, 'versions'),
    logs: join(directory, 'logs'),
    cache: join(directory, 'cache'),
    serverFile: join(directory, 'server.json'),
    environmentFile: join(directory, 'server.env'),
    secretFile: join(directory, 'jwt-secret'),
    database: join(directory, 'zenml.db'),
    configuration: join(directory, 'config'),
    neutral: join(directory, 'cwd'),
  }
}

/**
 * What processes of the server need of the machine's environment. Nothing else of the job that
 * happens to start it.
 */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
]

/** The driver sets these itself, so the user's `server.env` must not. */
export const RESERVED = [
  'ZENML_SERVER',
  'ZENML_STORE_URL',
  'ZENML_CONFIG_PATH',
  'ZENML_STORE_BACKUP_STRATEGY',
  'DISABLE_DATABASE_MIGRATION',
] as const

export interface LocalVariables {
  readonly machine: Readonly<Record<string, string | undefined>>
  /** Of `server.env`. */
  readonly user: Readonly<Record<string, string>>
  readonly layout: LocalLayout
  readonly databaseUrl: string
}

/** Environment of the process that migrates. */
export function migrationVariables({
  machine,
  user,
  layout,
  databaseUrl,
}: LocalVariables): Record<string, string> {
  return {
    ...passedOn(machine),
    ...user,
    ZENML_CONFIG_PATH: layout.configuration,
    ZENML_STORE_URL: databaseUrl,
    // ZenML's own backup is no safety here and a danger: when a migration fails it drops the
    // database to restore it, from memory that a kill loses or from a file that may be left from
    // another upgrade. A verified backup exists.
    ZENML_STORE_BACKUP_STRATEGY: 'disabled',
    ZENML_ANALYTICS_OPT_IN: 'false',
    ZENML_LOGGING_COLORS_DISABLED: 'true',
    ZENML_ENABLE_RICH_TRACEBACK: 'false',
  }
}

/**
 * Environment of the server. `migrated`: the schema is known to fit, so the server must not touch
 * it.
 */
export function serverVariables(
  variables: LocalVariables,
  server: { readonly port: number; readonly jwtSecret: string; readonly migrated: boolean },
): Record<string, string> {
  const { machine, user, layout, databaseUrl } = variables
  return {
    ...passedOn(machine),
    ZENML_SERVER_JWT_SECRET_KEY: server.jwtSecret,
    ZENML_SERVER_SERVER_URL: `http://127.0.0.1:${server.port}`,
    ZENML_LOGGING_COLORS_DISABLED: 'true',
    ZENML_ENABLE_RICH_TRACEBACK: 'false',
    ...user,
    ZENML_SERVER: 'true',
    ZENML_CONFIG_PATH: layout.configuration,
    ZENML_STORE_URL: databaseUrl,
    ZENML_STORE_BACKUP_STRATEGY: 'disabled',
    // Without it an old version refuses to start on a newer schema (alembic cannot locate the
    // revision): wanted on the way back.
    ...(server.migrated ? { DISABLE_DATABASE_MIGRATION: 'true' } : {}),
  }
}

function passedOn(machine: LocalVariables['machine']): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => (machine[name] === undefined ? [] : [[name, machine[name]]])),
  )
}
