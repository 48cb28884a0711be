import { execFileSync } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runBundle, type BundleRun } from '../bundle.ts'
import { cloudClientEnvironment, NEW, OLD } from '../environments.ts'
import { clientJobs, PIPELINES, type ClientJob } from '../seed.ts'
import { startServer, type Json, type Rest, type TestServer } from '../zenml.ts'
import type { TestContainers } from './containers.ts'
import { KUBECONFIG, seedContainerStacks } from './stacks.ts'

/** A ZenML server of the old release with stacks that build images, and a team's repository. */
export interface ContainersPlace {
  readonly admin: Rest
  /** The repository; what is written there is committed by the next `run`. */
  readonly repository: string
  /** Variables of everyone who builds: where Docker, the cluster and S3 are. */
  readonly variables: Readonly<Record<string, string>>
  /** Does with a client what users do by hand; default: the old client. */
  users(jobs: readonly ClientJob[], version?: string): Promise<void>
  /** Restarts the server with the new release, on the same data. */
  upgrade(): Promise<void>
  /** Runs a command of the bundle in the repository. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<BundleRun>
  snapshot(name: string): Promise<Json>
  /** What the server has of the build of a snapshot. */
  buildOf(name: string): Promise<Build>
  stop(): Promise<void>
}

interface Build {
  readonly id: string
  /** The ZenML that the build says it has. */
  readonly version: string
  readonly image: string
}

/** `more`: lines of the configuration file. */
export async function containersPlace(
  containers: TestContainers,
  name: string,
  more = '',
): Promise<ContainersPlace> {
  const directory = join(containers.directory, name)
  const [data, repository] = [join(directory, 'server'), join(directory, 'repository')]
  await mkdir(directory)
  await cp(PIPELINES, repository, {
    recursive: true,
    filter: (path) => !path.includes('__pycache__'),
  })
  const kubeconfig = join(directory, 'kubeconfig')
  await writeFile(kubeconfig, KUBECONFIG)
  const variables = { ...containers.variables, KUBECONFIG: kubeconfig }
  let server: TestServer = await startServer({ version: OLD, directory: data })
  await seedContainerStacks(server.admin, containers)
  await writeFile(
    join(repository, 'zenml-upgrade.yml'),
    `zenml: ${NEW}
environments:
  staging: { server: "${server.url}", deploy: { command: { deploy: "true" } } }
  production: { server: "http://127.0.0.1:9", deploy: { command: { deploy: "true" } } }
${more}`,
  )
  execFileSync('git', ['-C', repository, 'init', '--quiet'])
  const { port } = new URL(server.url)
  const { admin } = server
  return {
    admin,
    repository,
    variables,
    users: async (jobs, version = OLD) => {
      await clientJobs(server, {
        clientVersion: version,
        environment: await cloudClientEnvironment(version),
        sourceRoot: repository,
        jobs,
        env: variables,
      })
    },
    upgrade: async () => {
      const { apiKey } = server
      await server.stop()
      server = await startServer({ version: NEW, directory: data, port: Number(port), apiKey })
    },
    run: async (args, env = {}) => {
      commit(repository)
      return runBundle(
        [...args, '--environment', 'staging', '--state-directory', join(directory, 'state')],
        { cwd: repository, env: { ZENML_STORE_API_KEY: server.apiKey, ...variables, ...env } },
      )
    },
    snapshot: (wanted) => namedSnapshot(admin, wanted),
    buildOf: async (wanted) => buildOf(admin, await namedSnapshot(admin, wanted)),
    stop: () => server.stop(),
  }
}

async function namedSnapshot(admin: Rest, name: string): Promise<Json> {
  const { items } = await admin.get('/pipeline_snapshots', {
    project: 'default',
    named_only: 'true',
    hydrate: 'true',
    size: '100',
  })
  const found = items.find((item) => item.name === name)
  if (found === undefined) throw new Error(`no snapshot ${name}`)
  return found
}

async function buildOf(admin: Rest, { resources }: Json): Promise<Build> {
  const { id } = resources?.['build'] as { id: string }
  const { metadata } = await admin.get(`/pipeline_builds/${id}`)
  const { zenml_version: version, images } = metadata as {
    zenml_version: string
    images: Record<string, { image: string }>
  }
  return { id, version, image: images['orchestrator']?.image ?? '' }
}

function commit(repository: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', [
      '-C',
      repository,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@t.test',
      ...args,
    ])
  git('add', '.')
  git('commit', '--quiet', '--no-gpg-sign', '--allow-empty', '--message', 'content')
}
