import { join, resolve } from 'node:path'
import { logDirectory } from '../runtime/files.ts'
import { prepareClient, type ClientEnvironment } from '../zenml-client/environment.ts'
import { startForkServer, type ForkServer } from '../zenml-client/fork-server.ts'
import { findUv } from '../zenml-client/uv.ts'
import type { Source } from '../config/schema.ts'
import { once, remember } from '../core/once.ts'
import { defaultCacheDirectory } from '../runtime/cache.ts'
import { missingParts } from '../git/complete-checkout.ts'
import { git, headCommit } from '../git/git.ts'
import { notPushedBecause, pushState } from '../git/push-state.ts'
import { repositoryName, type RepositoryName } from '../git/repository-name.ts'
import { githubServer } from '../github/context.ts'
import type { ClientNeeds, SnapshotsDeps, SourceRoot } from '../snapshots/deps.ts'
import { integrationsOfCodeRepositories } from '../stacks/code-repositories.ts'
import { stackReader } from '../stacks/definition.ts'
import { projects } from '../zenml/inventory.ts'
import { pushedCode } from './pushed-code.ts'
import { isElsewhere } from './read-source.ts'
import { recordedRoots } from './recorded-root.ts'
import type { Workspace } from './session.ts'

/** Beside the bundle: commands run from there only. */
export const FORK_SERVER = join(__dirname, 'zenml_upgrade_fork_server', '__main__.py')

export async function sourceRoot(workspace: Workspace, source: Source): Promise<SourceRoot> {
  const root = isElsewhere(source)
    ? await workspace.repositories.root(source, workspace.environment)
    : await ownRoot(resolve(workspace.workingDirectory, source.path), workspace)
  const missing = await missingParts(root.directory)
  for (const sentence of missing)
    workspace.machine.log.warn(`source ${source.name}: ${sentence} ${howToComplete(source)}`)
  return { ...root, missing }
}

async function ownRoot(directory: string, workspace: Workspace): Promise<SourceRoot> {
  const state = await pushState(directory)
  const isJob = Object.keys(await pushedCode(workspace)).length > 0
  return {
    directory,
    commit: (await headCommit(directory)) ?? undefined,
    notPushed: state === undefined ? undefined : notPushedBecause(state, { isJob }),
  }
}

function howToComplete(source: Source): string {
  return isElsewhere(source)
    ? 'Give ZENML_UPGRADE_SOURCES_TOKEN a token that reads them, and install git-lfs for files of Git LFS.'
    : 'Check them out with `submodules: recursive` and `lfs: true` of actions/checkout, or by hand with `git submodule update --init --recursive` and `git lfs pull`.'
}

/** The repository with the configuration file; undefined where it has no address. */
async function thisRepository({
  machine,
  workingDirectory,
}: Pick<Workspace, 'machine' | 'workingDirectory'>): Promise<RepositoryName | undefined> {
  const name = machine.env['GITHUB_REPOSITORY']?.trim() ?? ''
  if (name !== '') return repositoryName(`${githubServer(machine.env)}/${name}`)
  const address = await git(workingDirectory, ['config', 'remote.origin.url']).catch(() => '')
  return repositoryName(address)
}

/**
 * Makes client environments of one ZenML version; uv and the code repositories are looked for once.
 */
export function clientMaker(
  { machine, server, config }: Workspace,
  zenmlVersion: string,
): (needs: ClientNeeds) => Promise<ClientEnvironment> {
  const cacheDirectory = defaultCacheDirectory(machine)
  const uv = once(() => findUv(machine, cacheDirectory))
  const ofRepositories = once(async () =>
    integrationsOfCodeRepositories(server, await projects(server, config.projects)),
  )
  return async ({ source, root, python, integrations, planning }) => {
    const client = await prepareClient({
      machine,
      uv: await uv(),
      zenmlVersion,
      python,
      requirements: source.install.requirements.map((file) => resolve(root.directory, file)),
      integrations: [...new Set([...integrations, ...(await ofRepositories())])].sort(),
      extras: planning ? ['local'] : [],
      indexEnv: source.install['index-env'],
      cacheDirectory,
    })
    machine.log.info(
      `client: ZenML ${client.zenmlVersion} on Python ${client.pythonVersion}${client.cached ? ', from the cache' : `, installed in ${client.seconds.toFixed(1)} s`}`,
    )
    for (const requirement of client.overridden)
      machine.log.warn(
        `the requirement "${requirement}" names another ZenML and was overridden by ${client.zenmlVersion}`,
      )
    if (client.released.length > 0)
      machine.log.warn(
        `ZenML ${client.zenmlVersion} needs other versions than the lock file of the source ${source.name} has: ${client.released.join(', ')}`,
      )
    return client
  }
}

/** What a command decides, and what it read from the record. */
export type SnapshotsWiring = Pick<
  SnapshotsDeps,
  | 'target'
  | 'shard'
  | 'knownSeconds'
  | 'parallel'
  | 'baseline'
  | 'changed'
  | 'replaced'
  | 'predecessors'
>

/** Returns what the work on snapshots needs from outside. */
export async function snapshotsDeps(
  workspace: Workspace,
  wiring: SnapshotsWiring,
): Promise<SnapshotsDeps> {
  const { machine, server, config, environment } = workspace
  const roots = new Map<string, Promise<SourceRoot>>()
  const { target, parallel } = wiring
  return {
    ...wiring,
    machine,
    server,
    environment,
    file: config,
    sourceRoot: (source) => remember(roots, source.name, () => sourceRoot(workspace, source)),
    recordedRoot: recordedRoots(workspace),
    thisRepository: once(() => thisRepository(workspace)),
    stack: stackReader(server),
    prepareClient: clientMaker(workspace, target),
    startForkServer: (client): Promise<ForkServer> =>
      startForkServer({ machine, environment: client, forkServerPath: FORK_SERVER, parallel }),
    jobVariables: {
      ...(await pushedCode(workspace)),
      ZENML_STORE_URL: server.url,
      ...(workspace.apiKey === undefined ? {} : { ZENML_STORE_API_KEY: workspace.apiKey }),
    },
    triggerMoves: workspace.place.triggerMoves(environment),
    logDirectory: logDirectory(workspace.reportDirectory, environment),
  }
}
