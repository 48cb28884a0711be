import { registerSecret, registerUrlSecret } from './secrets.ts'

/**
 * Who runs code that is not ours: pipelines that are imported or run, tests of the smoke suite, and
 * the commands that deploy and back up.
 */
export type Audience = 'pipelines' | 'tests' | 'commands'

/** Whether an audience gets a variable of the job, and why. */
interface Access {
  readonly gets: boolean
  readonly why: string
}

const gets = (why: string): Access => ({ gets: true, why })
const lacks = (why: string): Access => ({ gets: false, why })

interface VariableRule extends Readonly<Record<Audience, Access>> {
  /** In upper case; one that ends with `*` is the beginning of a name. */
  readonly names: readonly string[]
  /**
   * How the value is masked in our output: whole; only the password of the URL; or not at all,
   * because it is no secret or because it is masked where it is read.
   */
  readonly mask: 'whole' | 'password' | 'no'
}

const OURS = lacks('only zenml-upgrade itself uses it')
const STEERS_JOB = lacks('changes what later steps of the job do')
const SERVER_KEY = lacks('opens a server; a job or suite gets the key of its own server anew')
const NEEDED = gets('reaches the package index and the network')

/**
 * Environment variables that are secret or steer a job, each with its reasons. The first rule that
 * fits a name decides; a variable without a rule is the user's, and everyone gets it.
 * docs/drivers.md lists what commands do not get.
 */
export const VARIABLE_RULES: readonly VariableRule[] = [
  {
    names: ['INPUT_API-KEY', 'INPUT_GITHUB-TOKEN'],
    mask: 'whole',
    pipelines: OURS,
    tests: OURS,
    commands: OURS,
  },
  {
    names: ['INPUT_*'],
    mask: 'no',
    pipelines: OURS,
    tests: OURS,
    commands: gets('holds no key: the inputs with keys have a rule of their own'),
  },
  {
    names: [
      'ZENML_UPGRADE_APP_KEY',
      'ZENML_UPGRADE_SOURCES_TOKEN',
      'ZENML_UPGRADE_API_KEY',
      'ZENML_UPGRADE_GITHUB_TOKEN',
    ],
    mask: 'whole',
    pipelines: OURS,
    tests: OURS,
    commands: OURS,
  },
  {
    // Each value in it is masked by the composite that reads it.
    names: [
      'ZENML_STAGING_ENV',
      'ZENML_PRODUCTION_ENV',
      'ZENML_STAGING_SOURCES_ENV',
      'ZENML_PRODUCTION_SOURCES_ENV',
    ],
    mask: 'no',
    pipelines: OURS,
    tests: OURS,
    commands: lacks('its variables are in the environment one by one'),
  },
  {
    names: ['ZENML_UPGRADE_*'],
    mask: 'no',
    pipelines: OURS,
    tests: OURS,
    commands: gets('holds no key: the inputs with keys have a rule of their own'),
  },
  {
    names: ['ZENML_STAGING_API_KEY', 'ZENML_PRODUCTION_API_KEY'],
    mask: 'whole',
    pipelines: lacks('opens a server, maybe the other one'),
    tests: lacks('opens a server, maybe the other one'),
    commands: lacks('opens a server, maybe the other one'),
  },
  {
    names: ['ZENML_STORE_API_KEY', 'ZENML_STORE_API_TOKEN'],
    mask: 'whole',
    pipelines: SERVER_KEY,
    tests: SERVER_KEY,
    commands: lacks('opens the server; a command that needs it takes a key of its own'),
  },
  {
    // A client logs in with it; a server opens its database with it.
    names: ['ZENML_STORE_PASSWORD'],
    mask: 'whole',
    pipelines: SERVER_KEY,
    tests: SERVER_KEY,
    commands: gets('configures a server that a command starts'),
  },
  {
    names: ['ZENML_STORE_URL'],
    mask: 'password',
    pipelines: lacks('leads to another server; the right address is set anew'),
    tests: lacks('leads to another server; the right address is set anew'),
    commands: gets('configures a server that a command starts: there it names the database'),
  },
  {
    names: ['ZENML_STORE_*'],
    mask: 'no',
    pipelines: lacks('leads to another server; the right address is set anew'),
    tests: lacks('leads to another server; the right address is set anew'),
    commands: gets('configures a server that a command starts'),
  },
  {
    names: ['ZENML_PRO_API_KEY'],
    mask: 'whole',
    pipelines: lacks('opens the control plane, which can delete a workspace'),
    tests: lacks('opens the control plane, which can delete a workspace'),
    commands: lacks('opens the control plane, which can delete a workspace'),
  },
  {
    names: ['ZENML_PRO_*'],
    mask: 'no',
    pipelines: lacks('leads to a control plane'),
    tests: lacks('leads to a control plane'),
    commands: gets('the commands may need the address of the control plane'),
  },
  {
    names: ['ZENML_DATABASE_*'],
    mask: 'password',
    pipelines: lacks('opens the database behind the server'),
    tests: lacks('opens the database behind the server'),
    commands: gets('commands that deploy and back up work on the database'),
  },
  {
    names: ['ZENML_SERVER*', 'ZENML_REPOSITORY_PATH'],
    mask: 'no',
    pipelines: lacks('makes a client act as a server, or with the settings of another directory'),
    tests: lacks('makes a client act as a server, or with the settings of another directory'),
    commands: gets('configures a server that a command starts'),
  },
  {
    names: ['ZENML_ACTIVE_*', 'ZENML_CONFIG_PATH'],
    mask: 'no',
    pipelines: lacks(
      "the user's own choice of project and stack; the record of a snapshot decides",
    ),
    tests: gets('the suite may choose its project and stack'),
    commands: gets('the user put it there'),
  },
  {
    names: ['GITHUB_TOKEN'],
    mask: 'whole',
    pipelines: lacks('writes to the repository'),
    tests: lacks('writes to the repository'),
    commands: lacks('it is the token of zenml-upgrade; a command takes GH_TOKEN'),
  },
  {
    names: ['GH_TOKEN', 'GITHUB_ENTERPRISE_TOKEN', 'GH_ENTERPRISE_TOKEN'],
    mask: 'whole',
    pipelines: lacks('writes to a repository'),
    tests: lacks('writes to a repository'),
    commands: gets('the user put it there, for gh'),
  },
  {
    names: ['ACTIONS_RUNTIME_TOKEN'],
    mask: 'whole',
    pipelines: lacks('writes artifacts and caches of the run'),
    tests: lacks('writes artifacts and caches of the run'),
    commands: lacks('writes artifacts and caches of the run'),
  },
  {
    names: ['ACTIONS_ID_TOKEN_*'],
    mask: 'no',
    pipelines: lacks('logs in to clouds as the job'),
    tests: lacks('logs in to clouds as the job'),
    commands: gets('commands that deploy log in to clouds as the job'),
  },
  {
    names: ['ACTIONS_RUNTIME_*', 'ACTIONS_RESULTS_*', 'ACTIONS_CACHE_*'],
    mask: 'no',
    pipelines: lacks('leads to artifacts and caches of the run'),
    tests: lacks('leads to artifacts and caches of the run'),
    commands: gets('is of no use without ACTIONS_RUNTIME_TOKEN'),
  },
  {
    names: ['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'],
    mask: 'no',
    pipelines: STEERS_JOB,
    tests: STEERS_JOB,
    commands: gets('a deploy command may pass values to later steps of its own job'),
  },
  {
    names: ['PYTHONHOME', 'VIRTUAL_ENV'],
    mask: 'no',
    pipelines: lacks('leads to another Python than the prepared one'),
    tests: lacks('leads to another Python than the prepared one'),
    commands: gets('commands run with the Python of the user'),
  },
  {
    names: ['HTTPS_PROXY', 'HTTP_PROXY', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'PIP_INDEX_URL'],
    mask: 'password',
    pipelines: NEEDED,
    tests: NEEDED,
    commands: NEEDED,
  },
]

type Variables = Readonly<Record<string, string | undefined>>

// Windows and some tools write names in lower case; a secret must not slip through by its case.
function ruleOf(variable: string): VariableRule | undefined {
  const upper = variable.toUpperCase()
  return VARIABLE_RULES.find(({ names }) =>
    names.some((name) =>
      name.endsWith('*') ? upper.startsWith(name.slice(0, -1)) : upper === name,
    ),
  )
}

/** Returns the variables of the job that an audience gets. */
export function variablesFor(
  audience: Audience,
  env: Variables,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => ruleOf(name)?.[audience].gets !== false),
  )
}

/** Registers every secret among the variables of the job, before anything else happens. */
export function registerSecretVariables(env: Variables): void {
  for (const [name, value] of Object.entries(env)) {
    const mask = ruleOf(name)?.mask
    if (mask === 'whole') registerSecret(value)
    if (mask === 'password') registerUrlSecret(value)
  }
}
