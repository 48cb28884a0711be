import { join } from 'node:path'
import { variablesFor } from '../runtime/secret-variables.ts'

/** The part of a prepared client that a suite needs. */
export interface SuiteClient {
  /**
   * What its programs need beyond the machine's own environment: PATH with them first, VIRTUAL_ENV,
   * certificates.
   */
  readonly env: Readonly<Record<string, string>>
}

export interface SuiteServer {
  readonly url: string
  readonly apiKey: string | undefined
  /** Active project of the tests; that of the key when left out. */
  readonly projectId?: string
}

export interface SuiteEnvironment {
  readonly machineEnv: Readonly<Record<string, string | undefined>>
  readonly client: SuiteClient
  readonly server: SuiteServer
  /** Folder of this run: configuration of the ZenML client, cache of pytest. */
  readonly scratch: string
  readonly junitFile: string
  /** True when we chose the file: then pytest is told to write it. */
  readonly tellPytest: boolean
  /** Names of variables that the file declares as secrets, such as that of a database URL. */
  readonly withhold: readonly string[]
}

/** Environment variables of a suite. */
export function suiteEnvironment(given: SuiteEnvironment): Record<string, string | undefined> {
  const kept = Object.entries(variablesFor('tests', given.machineEnv)).filter(
    ([name]) => !given.withhold.includes(name),
  )
  const { PYTEST_ADDOPTS: options, ...rest } = Object.fromEntries(kept)
  return {
    ...rest,
    ...given.client.env,
    ZENML_STORE_URL: given.server.url,
    ZENML_STORE_API_KEY: given.server.apiKey,
    ...(given.server.projectId === undefined
      ? {}
      : { ZENML_ACTIVE_PROJECT_ID: given.server.projectId }),
    // Of its own, so that neither the user's login nor that of a parallel suite is used or changed.
    ZENML_CONFIG_PATH: join(given.scratch, 'zenml'),
    ZENML_ANALYTICS_OPT_IN: 'false',
    ZENML_LOGGING_COLORS_DISABLED: 'true',
    ZENML_ENABLE_RICH_TRACEBACK: 'false',
    AUTO_OPEN_DASHBOARD: 'false',
    NO_COLOR: '1',
    PY_COLORS: '0',
    PYTHONUNBUFFERED: '1',
    SMOKE_JUNIT_FILE: given.junitFile,
    PYTEST_ADDOPTS: pytestOptions(options, given),
  }
}

/**
 * pytest splits them as a shell would. Ours come last: the last `--junit-xml` counts, and one on
 * the command line still wins.
 */
function pytestOptions(
  existing: string | undefined,
  { tellPytest, junitFile, scratch }: SuiteEnvironment,
): string {
  // The cache goes to the scratch folder rather than off, because --last-failed and the like need
  // it.
  const own = [
    ...(tellPytest ? [`--junit-xml=${quote(junitFile)}`] : []),
    '-o',
    quote(`cache_dir=${join(scratch, 'pytest-cache')}`),
  ]
  return [...(existing === undefined || existing === '' ? [] : [existing]), ...own].join(' ')
}

function quote(value: string): string {
  return `'${value.replaceAll("'", `'"'"'`)}'`
}
