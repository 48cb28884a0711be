import { parseArgs } from 'node:util'
import { Stop } from '../core/stop.ts'
import { didYouMean } from '../core/did-you-mean.ts'
import { ENVIRONMENTS } from '../core/environments.ts'
import { parseDuration } from '../core/duration.ts'

interface InputSpec {
  readonly description: string
  readonly default?: string
  readonly required?: true
  readonly choices?: readonly string[]
  readonly pattern?: { readonly test: RegExp; readonly says: string }
  /** Read from these environment variables too. A secret is never a flag. */
  readonly secret?: readonly string[]
}

/** Where the configuration file is when no input says otherwise. */
export const DEFAULT_CONFIG = 'zenml-upgrade.yml'

const COMMON = {
  config: {
    description: 'Path of zenml-upgrade.yml, relative to the working directory.',
    default: DEFAULT_CONFIG,
  },
  'server-url': { description: 'Address of the ZenML server; replaces the one in the file.' },
  'api-key': {
    description: 'API key of a ZenML service account.',
    secret: ['ZENML_STORE_API_KEY'],
  },
  'github-token': { description: 'Token of GitHub.', secret: ['GITHUB_TOKEN'] },
  'dry-run': {
    description: 'Plan and check only; change nothing.',
    default: 'false',
    choices: ['true', 'false'],
  },
  timeout: {
    description: 'How long it may take, such as 45m.',
    pattern: { test: /^\d+(s|m|h)$/, says: 'a duration such as 30s, 45m or 2h' },
  },
  'report-directory': {
    description: 'Folder for results and logs.',
    default: 'zenml-upgrade-report',
  },
  'working-directory': { description: 'Root of the repository.', default: '.' },
  'state-directory': {
    description: 'Folder that outlives this run: journal, lock and records.',
    default: '.zenml-upgrade',
  },
} as const satisfies Record<string, InputSpec>

/** For every command that works with the code of the sources. */
const SOURCES = {
  sources: {
    description:
      'Commits of the sources in other repositories, as the output of the same name of an earlier job gives them; default: what their refs point at now.',
  },
} as const

/** What a command needs that asks no server with a key. */
const PLACE = {
  config: COMMON.config,
  'github-token': COMMON['github-token'],
  'report-directory': COMMON['report-directory'],
  'working-directory': COMMON['working-directory'],
  'state-directory': COMMON['state-directory'],
} as const

/** The two long-lived branches where no input names them. */
export const DEFAULT_BRANCHES = { head: 'staging', base: 'main' } as const

const BRANCHES = {
  head: {
    description: 'Branch that deploys to staging and is promoted.',
    default: DEFAULT_BRANCHES.head,
  },
  base: { description: 'Branch that deploys to production.', default: DEFAULT_BRANCHES.base },
} as const

/** What is written into a workflow file: nothing that its syntax gives a meaning. */
const BRANCH_NAME = {
  test: /^\w[\w./-]*$/,
  says: 'the name of a branch, of letters, digits, and . _ / -',
} as const
const REPOSITORY_PATH = {
  test: /^(?!.*\.\.)[\w.][\w./-]*\.ya?ml$/,
  says: 'the path of a YAML file in the repository, of letters, digits, and . _ / -',
} as const

const OVERRIDE = {
  description:
    'Opens a closed gate to production, and says why; recorded with who did it. On GitHub only what a person typed into the form of a dispatched run.',
} as const

const ENVIRONMENT = {
  environment: { description: 'Which environment.', required: true, choices: ENVIRONMENTS },
} as const

/** Every command with its inputs: the contract of the command line and of the actions. */
export const INPUTS = {
  'upgrade-workspace': {
    ...ENVIRONMENT,
    ...COMMON,
    ...SOURCES,
    timeout: {
      ...COMMON.timeout,
      description:
        'How long the server may take to come back at the target, such as 30m; default: 15m.',
    },
    'target-version': { description: 'ZenML version to reach; default: the one in the file.' },
    backup: {
      description: 'Whether a verified backup must exist before the first change.',
      default: 'required',
      choices: ['required', 'skip'],
    },
    'on-failure': {
      description:
        'What to do when the upgrade fails; with loss: also when rows written since the backup are lost.',
      default: 'rollback',
      choices: ['rollback', 'rollback-with-loss', 'stop'],
    },
    ...BRANCHES,
    'override-reason': {
      description:
        'Opens a closed gate to production, or tries again a version that was rolled back, and says why; recorded with who did it. On GitHub only what a person typed into the form of a dispatched run.',
    },
    'snapshots-plan': {
      description:
        "Reason code of the plan that an earlier job of this run made (rebuild-snapshots, mode plan). Given, no pipeline code runs here, beside the database's key; left out, the snapshots are planned here.",
    },
    parity: {
      description:
        'What it does when stacks of production have no mirrored twins in staging: fail stops before the first change, also when nobody can tell.',
      default: 'warn',
      choices: ['fail', 'warn', 'off'],
    },
  },
  'run-smoke-suite': {
    ...ENVIRONMENT,
    ...COMMON,
    ...SOURCES,
    timeout: { ...COMMON.timeout, description: 'The most that a suite may take, such as 20m.' },
    command: {
      description: "Replaces the file's list of suites by this command, run in the first source.",
    },
    junit: { description: 'JUnit file that the command writes.' },
    retries: {
      description: 'How often a failed suite is run again.',
      default: '0',
      pattern: { test: /^[0-5]$/, says: 'a number from 0 to 5' },
    },
  },
  'rebuild-snapshots': {
    ...ENVIRONMENT,
    ...COMMON,
    ...SOURCES,
    'target-version': {
      description:
        'For mode plan before the upgrade: the version to plan for; default: the one in the file.',
    },
    mode: {
      description:
        'plan: can they be rebuilt? rebuild; execute: run them; all: rebuild, then execute.',
      default: 'rebuild',
      choices: ['plan', 'rebuild', 'execute', 'all'],
    },
    shard: {
      description: 'Which part of the snapshots, such as 1/4.',
      pattern: { test: /^[1-9]\d{0,2}\/[1-9]\d{0,2}$/, says: 'a part such as 1/4' },
    },
    shards: {
      description:
        'In how many parts the work is to be cut; the output of the same name lists them for a matrix.',
      default: '1',
      pattern: { test: /^[1-9]\d{0,2}$/, says: 'a number from 1 to 999' },
    },
    'max-parallel': {
      description: 'How many snapshots at once.',
      default: '2',
      pattern: { test: /^([1-9]|[1-2]\d|3[0-2])$/, says: 'a number from 1 to 32' },
    },
  },
  promote: {
    ...ENVIRONMENT,
    ...COMMON,
    ...SOURCES,
    step: {
      description: 'Which step of the promotion.',
      required: true,
      choices: ['propose', 'gate'],
    },
    ...BRANCHES,
    'override-reason': OVERRIDE,
  },
  plan: {
    environment: {
      description: 'Which environment; default: that of the branch the pull request goes into.',
      choices: ENVIRONMENTS,
    },
    ...PLACE,
    ...BRANCHES,
  },
  report: {
    ...PLACE,
    ...SOURCES,
    ...BRANCHES,
    jobs: {
      description:
        'Results of the jobs of this run, toJSON(needs): a job that left no result file is reported as failed or cancelled.',
    },
  },
  'check-stacks': {
    ...ENVIRONMENT,
    ...PLACE,
    'server-url': COMMON['server-url'],
    'api-key': COMMON['api-key'],
    timeout: COMMON.timeout,
    'target-version': {
      description:
        'ZenML version that the upgrade will be told to reach; default: the one in the file.',
    },
  },
  'check-out-sources': {
    ...ENVIRONMENT,
    ...PLACE,
    ...SOURCES,
    timeout: COMMON.timeout,
    into: {
      description:
        'Directory for the repositories. Later commands read them from there when ZENML_UPGRADE_SOURCES_DIRECTORY names it.',
      required: true,
    },
  },
  acknowledge: {
    ...ENVIRONMENT,
    attempt: {
      description: 'Attempt that measured the loss, as its result and the report name it.',
      required: true,
    },
    reason: {
      description:
        'Why the loss is accepted; recorded with who did it. On GitHub only in a run that a person dispatched.',
      required: true,
    },
    ...PLACE,
    ...BRANCHES,
  },
  init: {
    'staging-server': { description: 'Address of the staging server.' },
    'production-server': { description: 'Address of the production server.' },
    'staging-api-key': {
      description: 'API key of a ZenML service account of the staging server.',
      secret: ['ZENML_STAGING_API_KEY', 'ZENML_STORE_API_KEY'],
    },
    'production-api-key': {
      description: 'API key of a ZenML service account of the production server.',
      secret: ['ZENML_PRODUCTION_API_KEY', 'ZENML_STORE_API_KEY'],
    },
    deploy: {
      description:
        'How both servers are deployed; commands stand in for a driver that the file does not take yet.',
      choices: ['command', 'gitops', 'local', 'helm', 'compose', 'terraform', 'pro'],
    },
    'own-workflows': {
      description:
        'Whether our workflows are written into this repository, for runners of your own and secrets of GitHub environments; default: what fits the servers.',
      choices: ['true', 'false'],
    },
    ref: {
      description:
        'Commit of zenml-upgrade at which the workflows use its actions; default: that of the last release.',
      pattern: { test: /^[0-9a-f]{40}$/, says: 'a commit of 40 hexadecimal digits' },
    },
    config: { ...COMMON.config, pattern: REPOSITORY_PATH },
    head: { ...BRANCHES.head, pattern: BRANCH_NAME },
    base: { ...BRANCHES.base, pattern: BRANCH_NAME },
    'dry-run': {
      description: 'Print what would be written; write nothing.',
      default: 'false',
      choices: ['true', 'false'],
    },
    'report-directory': COMMON['report-directory'],
    'working-directory': COMMON['working-directory'],
  },
  demo: {
    keep: {
      description: 'Leave both servers running and say how to look at them.',
      default: 'false',
      choices: ['true', 'false'],
    },
    'from-version': { description: 'Release the two servers start with.', default: '0.94.1' },
    'to-version': { description: 'Release they are upgraded to.', default: '0.98.0' },
    'report-directory': { description: 'Folder for the report.', default: 'zenml-upgrade-report' },
  },
} as const satisfies Record<string, Record<string, InputSpec>>

export type CommandName = keyof typeof INPUTS
export const COMMAND_NAMES = Object.keys(INPUTS) as CommandName[]

type Spec<C extends CommandName, N extends keyof (typeof INPUTS)[C]> = (typeof INPUTS)[C][N]
type ValueOf<S> = S extends { choices: readonly (infer V)[] }
  ? S extends { default: string } | { required: true }
    ? V
    : V | undefined
  : S extends { default: string } | { required: true }
    ? string
    : string | undefined
export type Inputs<C extends CommandName> = {
  readonly [N in keyof (typeof INPUTS)[C]]: ValueOf<Spec<C, N>>
}

/**
 * Reads the inputs of a command: `--name`, else `INPUT_NAME-WITH-HYPHEN`, else
 * `ZENML_UPGRADE_NAME_WITH_UNDERSCORE`, else the default. Empty counts as not given.
 * @throws Stop `invalid-input` that lists every problem.
 */
export function readInputs<C extends CommandName>(
  command: C,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Inputs<C> {
  const specs: Readonly<Record<string, InputSpec>> = INPUTS[command]
  const { flags, empty, problems } = readFlags(specs, args)
  const values: Record<string, string | undefined> = {}
  for (const [name, spec] of Object.entries(specs)) {
    const value = valueOf(name, spec, flags, env)
    // What was given without a value is told already; that it is missing as well would be the same
    // again.
    const problem = empty.has(name) ? undefined : problemOf(name, spec, value)
    if (problem !== undefined) problems.push(problem)
    values[name] = value
  }
  if (problems.length > 0) {
    throw new Stop('invalid-input', problems.join('\n'), {
      next: `\`${command} --help\` tells every input.`,
    })
  }
  return values as Inputs<C>
}

/**
 * Returns an input as {@link readInputs} does, but checks nothing: for what must be known also when
 * an input is wrong.
 */
export function peekInput(
  command: CommandName,
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const specs: Readonly<Record<string, InputSpec>> = INPUTS[command]
  const spec = specs[name]
  return spec === undefined ? undefined : valueOf(name, spec, readFlags(specs, args).flags, env)
}

function valueOf(
  name: string,
  spec: InputSpec,
  flags: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const given = [flags[name], ...variablesOf(name, spec).map((variable) => env[variable])]
  return given.find(isGiven)?.trim() ?? spec.default
}

/** Environment variables that an input is read from, in order. */
function variablesOf(name: string, spec: InputSpec): string[] {
  return [
    `INPUT_${name.toUpperCase()}`,
    `ZENML_UPGRADE_${name.toUpperCase().replaceAll('-', '_')}`,
    ...(spec.secret ?? []),
  ]
}

const isGiven = (value: string | undefined): boolean => value !== undefined && value.trim() !== ''

/**
 * The environment variable that a secret of a command was read from, to be named in messages;
 * undefined when it was not given.
 */
export function variableOf<C extends CommandName>(
  command: C,
  name: keyof (typeof INPUTS)[C] & string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const specs: Readonly<Record<string, InputSpec>> = INPUTS[command]
  return variablesOf(name, specs[name] ?? { description: '' }).find((variable) =>
    isGiven(env[variable]),
  )
}

function problemOf(name: string, spec: InputSpec, value: string | undefined): string | undefined {
  if (value === undefined) {
    return spec.required === true
      ? `input ${name} is missing${spec.choices === undefined ? '' : `; allowed: ${spec.choices.join(', ')}`}`
      : undefined
  }
  if (spec.choices !== undefined && !spec.choices.includes(value))
    return `input ${name} is "${value}"; allowed: ${spec.choices.join(', ')}`
  if (spec.pattern !== undefined && !spec.pattern.test.test(value))
    return `input ${name} is "${value}"; it must be ${spec.pattern.says}`
  return undefined
}

interface Flags {
  readonly flags: Record<string, string>
  /** Names of the inputs that were given without a value. */
  readonly empty: Set<string>
  readonly problems: string[]
}

type Specs = Readonly<Record<string, InputSpec>>

function readFlags(specs: Specs, args: readonly string[]): Flags {
  const read: Flags = { flags: {}, empty: new Set(), problems: [] }
  const tokens = tokensOf(specs, args)
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'option') readFlag(specs, token, read)
    const before = tokens[index - 1]
    const ofUnknownFlag =
      before?.kind === 'option' && specs[before.name] === undefined && before.value === undefined
    if (token.kind === 'positional' && !ofUnknownFlag)
      read.problems.push(`unexpected argument "${token.value}"`)
  }
  return read
}

function tokensOf(specs: Specs, args: readonly string[]) {
  return parseArgs({
    // Without this a switch would swallow the flag that follows it as its value.
    args: args.map((arg, index) =>
      /^--[a-z-]+$/.test(arg) && (args[index + 1]?.startsWith('--') ?? true) ? `${arg}=` : arg,
    ),
    options: Object.fromEntries(
      Object.keys(specs).map((name) => [name, { type: 'string' as const }]),
    ),
    strict: false,
    tokens: true,
  }).tokens
}

/** Adds one flag to what was read, or the problem with it. */
function readFlag(
  specs: Specs,
  { name, value }: { readonly name: string; readonly value: string | undefined },
  { flags, empty, problems }: Flags,
): void {
  const spec = specs[name]
  if (spec === undefined) {
    const known = Object.keys(specs).filter((each) => specs[each]?.secret === undefined)
    problems.push(`unknown input --${name}${didYouMean(name, known)} (known: ${known.join(', ')})`)
  } else if (spec.secret !== undefined)
    problems.push(
      `--${name} is refused: other users of the machine can read arguments; set the environment variable ${spec.secret[0] ?? ''}`,
    )
  else if (flags[name] !== undefined)
    problems.push(`input --${name} is given twice: ${flags[name]}, ${value ?? ''}`)
  // A switch without a value is what a person types for --dry-run and --keep.
  else if (value === '' && spec.choices?.includes('true') === true) flags[name] = 'true'
  else if (value === undefined || value.trim() === '') {
    problems.push(
      `input --${name} has no value${spec.choices === undefined ? '' : `; allowed: ${spec.choices.join(', ')}`}`,
    )
    empty.add(name)
  } else flags[name] = value
}

/**
 * Seconds of a duration input that was checked when it was read; undefined when it was not given.
 */
export function secondsOf(input: string | undefined): number | undefined {
  return input === undefined ? undefined : parseDuration(input)
}
