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
  stop(): Promise<void>
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
  return {
    admin: server.admin,
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
    snapshot: async (wanted) => {
      const { items } = await server.admin.get('/pipeline_snapshots', {
        project: 'default',
        named_only: 'true',
        hydrate: 'true',
        size: '100',
      })
      const found = items.find((item) => item.name === wanted)
      if (found === undefined) throw new Error(`no snapshot ${wanted}`)
      return found
    },
    stop: () => server.stop(),
  }
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
