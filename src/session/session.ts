import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Environment } from '../core/environments.ts'
import type { EnvironmentConfig } from '../config/schema.ts'
import { logWarning, orWarning } from '../github/errors.ts'
import { recordFinding, type Finding, type Subject } from '../state/evidence.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { isServerAddress } from '../zenml/address.ts'
import { connect } from '../zenml/server.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { demandFolder, demandUntracked, readContent, type Content } from './content.ts'
import { findingsThatCount, openPlace, type Place } from '../state/backend.ts'
import { keyPlace } from './key-place.ts'
import { assertKnown, readPins } from './source-commits.ts'
import { isElsewhere } from './read-source.ts'
import { openRepositories, type Repositories } from './repositories.ts'

/** One environment of the file, ready to be worked on. */
export interface Workspace extends Content {
  readonly machine: Machine
  readonly environment: Environment
  readonly settings: EnvironmentConfig
  readonly server: ZenmlServer
  readonly apiKey: string | undefined
  readonly githubToken: string | undefined
  readonly place: Place
  readonly repositories: Repositories
  /** Path of the configuration file, relative to the working directory. */
  readonly configPath: string
  /** Absolute paths. */
  readonly workingDirectory: string
  readonly reportDirectory: string
}

/** What names the address of a server. */
interface AddressInputs {
  readonly environment: Environment
  readonly config: string
  readonly 'server-url': string | undefined
}

interface WorkspaceInputs extends AddressInputs {
  readonly 'api-key': string | undefined
  readonly 'github-token': string | undefined
  readonly 'working-directory': string
  readonly 'state-directory': string
  readonly 'report-directory': string
  readonly 'target-version'?: string | undefined
  readonly sources?: string | undefined
}

/**
 * Reads the file and everything on this machine that a command needs; contacts nothing.
 * @throws Stop `invalid-input`, `invalid-file`, `not-built-yet`
 */
export async function openWorkspace(inputs: WorkspaceInputs, machine: Machine): Promise<Workspace> {
  const workingDirectory = resolve(inputs['working-directory'])
  const reportDirectory = resolve(inputs['report-directory'])
  const place = await openPlaces(inputs, machine, { workingDirectory, reportDirectory })
  const pins = readPins(inputs.environment, inputs.sources)
  const repositories = openRepositories({
    machine,
    place,
    githubToken: inputs['github-token'],
    pins,
  })
  const content = await readContent({
    workingDirectory,
    configPath: inputs.config,
    repositories,
    targetVersion: inputs['target-version'],
  })
  assertKnown(
    pins,
    content.config.sources.filter(isElsewhere).map(({ name }) => name),
  )
  const settings = content.config.environments[inputs.environment]
  const url = serverUrl(inputs, settings, machine)
  return {
    ...content,
    machine,
    environment: inputs.environment,
    settings,
    server: connect({
      url,
      apiKey: inputs['api-key'],
      ...keyPlace(inputs.environment, machine.env),
      machine,
    }),
    apiKey: inputs['api-key'],
    githubToken: inputs['github-token'],
    place,
    repositories,
    configPath: inputs.config,
    workingDirectory,
    reportDirectory,
  }
}

/** The address of the input, else of the file, else of the machine. @throws Stop `invalid-input` */
export function serverUrl(
  inputs: AddressInputs,
  settings: Pick<EnvironmentConfig, 'server'>,
  { env }: Pick<Machine, 'env'>,
): string {
  const store = env['ZENML_STORE_URL']
  const url =
    inputs['server-url'] ?? settings.server ?? (isServerAddress(store) ? store : undefined)
  if (url === undefined || url === '') {
    throw new Stop('invalid-input', `no address of the ${inputs.environment} server is given`, {
      next: `Set environments.${inputs.environment}.server in ${inputs.config}, or ZENML_STORE_URL.`,
    })
  }
  return url
}

/** Opens the record; checks the directories that a command reads and writes. */
async function openPlaces(
  inputs: WorkspaceInputs,
  machine: Machine,
  directories: { readonly workingDirectory: string; readonly reportDirectory: string },
): Promise<Place> {
  const { workingDirectory, reportDirectory } = directories
  await demandFolder(
    workingDirectory,
    'the working directory',
    'Name the root of the repository as --working-directory.',
  )
  const place = await openPlace(inputs, machine)
  if (place.github === undefined)
    await demandPlace(resolve(workingDirectory, inputs['state-directory']), 'state-directory')
  await demandPlace(reportDirectory, 'report-directory')
  await demandUntracked(workingDirectory, reportDirectory)
  return place
}

/**
 * A folder that is there and can be written, or can be made: found out before the work, not after
 * it.
 */
async function demandPlace(path: string, input: string): Promise<void> {
  let place = path
  while (place !== dirname(place) && (await stat(place).catch(() => undefined)) === undefined)
    place = dirname(place)
  const found = await stat(place)
  const writable = await access(place, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!found.isDirectory() || !writable) {
    throw new Stop(
      'invalid-input',
      `${input} ${path} cannot be used: ${place} is ${found.isDirectory() ? 'not writable' : 'not a folder'}`,
      { next: `Give --${input} a folder that can be made or written.` },
    )
  }
}

async function subjectOf(
  workspace: Workspace,
  server: { readonly id: string; readonly version: string },
): Promise<Subject> {
  return {
    environment: workspace.environment,
    ...(await workspace.testedIn(workspace.environment)),
    sha: workspace.sha,
    targetVersion: workspace.target,
    serverId: server.id,
    serverUrl: workspace.server.url,
    now: workspace.machine.now(),
  }
}

/**
 * Adds what a command found out to the record; gives the id of its attempt. What was found out
 * stands, also where GitHub does not take it.
 */
export async function keepFinding(
  workspace: Workspace,
  server: { readonly id: string; readonly version: string },
  finding: Finding,
): Promise<string | undefined> {
  const { place, machine } = workspace
  const subject = await subjectOf(workspace, server)
  const done = await orWarning('what was found out is not in the record', () =>
    recordFinding(findingsThatCount(place, machine, { measuring: false }), subject, finding),
  )
  if ('value' in done) return done.value
  logWarning(machine.log, done.warning)
  return undefined
}
