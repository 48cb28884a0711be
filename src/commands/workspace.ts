import { createHash } from 'node:crypto'
import { access, constants, readFile, stat } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { loadConfig, type LoadedConfig } from '../config/load.ts'
import type { Environment } from '../config/environments.ts'
import type { EnvironmentConfig } from '../config/schema.ts'
import type { AttemptStore } from '../record/attempt.ts'
import type { Subject } from '../record/evidence.ts'
import { stateDirectory } from '../record/state-directory.ts'
import { testedDigest } from '../record/tested.ts'
import { Stop } from '../report/stop.ts'
import { headCommit, trackedFiles, type TrackedFile } from '../runner/git.ts'
import type { Machine } from '../runner/machine.ts'
import { normalise } from '../versions.ts'
import { connect, type ZenmlServer } from '../zenml/server.ts'

/** One environment of the file, ready to be worked on. */
export interface Workspace {
  readonly machine: Machine
  readonly environment: Environment
  readonly config: LoadedConfig
  readonly settings: EnvironmentConfig
  readonly target: string
  readonly server: ZenmlServer
  readonly apiKey: string | undefined
  readonly store: AttemptStore
  /** Absolute paths. */
  readonly workingDirectory: string
  readonly stateDirectory: string
  readonly reportDirectory: string
  readonly tested: string
  /** Digest of the configuration file's bytes. */
  readonly file: string
  readonly sha: string | null
}

interface WorkspaceInputs {
  readonly environment: Environment
  readonly config: string
  readonly 'server-url': string | undefined
  readonly 'api-key': string | undefined
  readonly 'working-directory': string
  readonly 'state-directory': string
  readonly 'report-directory': string
  readonly 'target-version'?: string | undefined
}

/**
 * Reads the file and everything on this machine that a command needs; contacts nothing.
 * @throws Stop `invalid-input`, `invalid-file`, `not-built-yet`
 */
export async function openWorkspace(inputs: WorkspaceInputs, machine: Machine): Promise<Workspace> {
  const workingDirectory = resolve(inputs['working-directory'])
  await demandFolder(workingDirectory, 'the working directory', 'Name the root of the repository as --working-directory.')
  await demandPlace(resolve(workingDirectory, inputs['state-directory']), 'state-directory')
  await demandPlace(resolve(inputs['report-directory']), 'report-directory')
  const configFile = resolve(workingDirectory, inputs.config)
  const config = await loadConfig(configFile, inputs.config)
  const settings = config.environments[inputs.environment]
  const target = normalise(inputs['target-version'] ?? config.zenml)
  if (target === undefined) throw new Stop('invalid-input', `input target-version is "${inputs['target-version'] ?? ''}"; it must be a version such as 0.98.0`, { next: 'Name a release of ZenML, or leave the input out: the file says the version.' })
  const url = inputs['server-url'] ?? settings.server ?? machine.env['ZENML_STORE_URL']
  if (url === undefined || url === '') {
    throw new Stop('invalid-input', `no address of the ${inputs.environment} server is given`, { next: `Set environments.${inputs.environment}.server in ${inputs.config}, or ZENML_STORE_URL.` })
  }
  const sources: Record<string, TrackedFile[]> = {}
  for (const source of config.sources) {
    const root = resolve(workingDirectory, source.path)
    await demandFolder(root, `the path of source ${source.name}`, `Correct \`path\` of that source in ${inputs.config}.`)
    sources[source.name] = await trackedFiles(root)
  }
  return {
    machine,
    environment: inputs.environment,
    config,
    settings,
    target,
    server: connect({ url, apiKey: inputs['api-key'], machine }),
    apiKey: inputs['api-key'],
    store: stateDirectory(resolve(workingDirectory, inputs['state-directory'])),
    workingDirectory,
    stateDirectory: resolve(workingDirectory, inputs['state-directory']),
    reportDirectory: resolve(inputs['report-directory']),
    tested: testedDigest({ config, targetVersion: target, sources, configPath: relative(resolve(workingDirectory, config.sources[0]?.path ?? '.'), configFile) }),
    file: createHash('sha256').update(await readFile(configFile)).digest('hex'),
    sha: await headCommit(workingDirectory)
  }
}

async function demandFolder(path: string, what: string, next: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() !== true) throw new Stop('invalid-input', `${what} is not a folder: ${path}`, { next })
}

/** A folder that is there and can be written, or can be made: found out before the work, not after it. */
async function demandPlace(path: string, input: string): Promise<void> {
  let place = path
  while (place !== dirname(place) && (await stat(place).catch(() => undefined)) === undefined) place = dirname(place)
  const found = await stat(place)
  const writable = await access(place, constants.W_OK).then(() => true, () => false)
  if (!found.isDirectory() || !writable) {
    throw new Stop('invalid-input', `${input} ${path} cannot be used: ${place} is ${found.isDirectory() ? 'not writable' : 'not a folder'}`, { next: `Give --${input} a folder that can be made or written.` })
  }
}

export function subjectOf(workspace: Workspace, server: { readonly id: string; readonly version: string }): Subject {
  return {
    environment: workspace.environment, tested: workspace.tested, file: workspace.file, sha: workspace.sha, targetVersion: workspace.target,
    serverId: server.id, serverUrl: workspace.server.url, now: workspace.machine.now()
  }
}
