// The cluster of fake_deployer.py: runs deployments as processes of this machine. The image of a
// deployment is the Python environment of the version that the deployer names.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PYTHON_SUPPORT, serverEnvironment } from './zenml.ts'

interface ClusterOptions {
  /** For the working directories and logs of what it runs. */
  readonly directory: string
  /** What the image holds besides ZenML. */
  readonly code: string
  /** Where the deployments listen, by the settings of their pipelines. */
  readonly ports: readonly number[]
}

export interface DeploymentCluster {
  /** For the component's configuration `cluster`. */
  readonly url: string
  /** While true, nothing new is taken; what runs goes on. */
  refuses: boolean
  close(): Promise<void>
}

interface Order {
  readonly version: string
  readonly environment: Readonly<Record<string, string>>
  readonly arguments: readonly string[]
}

interface Pod {
  readonly port: number
  readonly process: ChildProcess
}

/** Deployments get the ports in the order in which they come first, and keep them. */
export async function deploymentCluster(options: ClusterOptions): Promise<DeploymentCluster> {
  const pods = new Map<string, Pod>()
  const cluster = { url: '', refuses: false }
  const stateOf = (id: string) => {
    const pod = pods.get(id)
    if (pod === undefined) return { status: 'absent', url: '' }
    const { exitCode, signalCode } = pod.process
    const runs = exitCode === null && signalCode === null
    return { status: runs ? 'running' : 'error', url: `http://127.0.0.1:${pod.port}` }
  }
  const put = async (id: string, order: Order) => {
    const before = pods.get(id)
    if (before !== undefined) await end(before.process)
    const port = before?.port ?? options.ports[pods.size]
    if (port === undefined) throw new Error('The cluster has no port left')
    pods.set(id, { port, process: await startPod(options, id, order) })
  }
  const server = createServer((request, response) => {
    const id = (request.url ?? '/').slice(1)
    const answer = async () => {
      if (request.method === 'PUT' && cluster.refuses) return { status: 503, text: 'no room left' }
      if (request.method === 'PUT') await put(id, JSON.parse(await bodyOf(request)) as Order)
      return { status: 200, text: JSON.stringify(stateOf(id)) }
    }
    void answer().then(({ status, text }) => response.writeHead(status).end(text))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cluster.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(cluster, {
    close: async () => {
      for (const { process } of pods.values()) await end(process)
      server.close()
      server.closeAllConnections()
    },
  })
}

async function startPod(
  { directory, code }: ClusterOptions,
  id: string,
  { version, environment, arguments: argv }: Order,
): Promise<ChildProcess> {
  const home = join(directory, id)
  await mkdir(home, { recursive: true })
  const log = await open(join(home, 'pod.log'), 'a')
  const child = spawn(join(await serverEnvironment(version), 'bin', 'python'), argv, {
    cwd: code,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      PYTHONPATH: PYTHON_SUPPORT,
      ...environment,
      ZENML_CONFIG_PATH: join(home, 'config'),
    },
  })
  await log.close()
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
