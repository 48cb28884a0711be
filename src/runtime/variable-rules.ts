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

export interface VariableRule extends Readonly<Record<Audience, Access>> {
  /** In upper case; one that ends with `*` is the beginning of a name. */
  readonly names: readonly string[]
  /**
   * What of the value is a key that this tool knows by name: all of it, or the password of a URL.
   * `no`: nothing is secret, whoever set it. Left out, it is a secret of the user where its name
   * says so: see `registerSecretVariables`.
   */
  readonly mask?: 'whole' | 'password' | 'no'
}

/** Names of the variables that came from a dotenv secret, with blanks between them. */
export const SECRET_NAMES = 'ZENML_UPGRADE_SECRET_NAMES'

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
      'ZENML_UPGRADE_AGE_IDENTITY',
    ],
    mask: 'whole',
    pipelines: OURS,
    tests: OURS,
    commands: OURS,
  },
  {
    // The composite that reads it masks each value, and hands over the names.
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
    names: [SECRET_NAMES],
    mask: 'no',
    pipelines: lacks('says where to look for secrets'),
    tests: lacks('says where to look for secrets'),
    commands: lacks('says where to look for secrets'),
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
    pipelines: lacks('makes a client act as a server, or with the settings of another directory'),
    tests: lacks('makes a client act as a server, or with the settings of another directory'),
    commands: gets('configures a server that a command starts'),
  },
  {
    names: ['ZENML_ACTIVE_*', 'ZENML_CONFIG_PATH'],
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
    pipelines: lacks('logs in to clouds as the job'),
    tests: lacks('logs in to clouds as the job'),
    commands: gets('commands that deploy log in to clouds as the job'),
  },
  {
    names: ['ACTIONS_RUNTIME_*', 'ACTIONS_RESULTS_*', 'ACTIONS_CACHE_*'],
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
    names: ['GOOGLE_APPLICATION_CREDENTIALS'],
    mask: 'no',
    pipelines: gets('is the path of a file'),
    tests: gets('is the path of a file'),
    commands: gets('is the path of a file'),
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
    pipelines: NEEDED,
    tests: NEEDED,
    commands: NEEDED,
  },
]
