import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startInBackground } from './background.ts'
import { endContainers } from './leftovers.ts'
import { createNetwork } from './network.ts'
import type { ContainerPrograms } from './programs.ts'

const execute = promisify(execFile)

export interface TestDocker {
  /** Variables with which any Docker client works on this daemon, and on no other. */
  readonly variables: Readonly<Record<string, string>>
  /** Runs the command line of Docker, and returns what it prints. */
  readonly docker: (...args: string[]) => Promise<string>
  stop(): Promise<void>
}

/**
 * Starts a Docker daemon with a socket, images and a bridge of its own. `mirror` is where it gets
 * the images of Docker Hub from.
 */
export async function startDocker(
  programs: ContainerPrograms,
  directory: string,
  mirror?: string,
): Promise<TestDocker> {
  const network = await createNetwork(programs, directory)
  const socket = `unix://${join(directory, 'docker.sock')}`
  const config = join(directory, 'docker-config')
  await mkdir(config)
  await writeFile(join(config, 'config.json'), '{}')
  await writeFile(
    join(directory, 'daemon.json'),
    JSON.stringify(daemonConfiguration({ directory, socket, bridge: network.bridge, mirror })),
  )
  const variables = { DOCKER_HOST: socket, DOCKER_CONFIG: config }
  const docker = async (...args: string[]) =>
    (
      await execute('docker', args, {
        env: { ...programs.env, ...variables, DOCKER_BUILDKIT: '0' },
        maxBuffer: 16 * 1024 ** 2,
      })
    ).stdout
  const daemon = await startInBackground({
    argv: ['dockerd', '--config-file', join(directory, 'daemon.json')],
    env: programs.env,
    directory,
    name: 'dockerd',
    ready: () =>
      docker('version').then(
        () => true,
        () => false,
      ),
  })
  const stop = async () => {
    // A daemon waits ten seconds for what does not end by itself.
    await endContainers(directory)
    await daemon.stop()
    await network.remove()
  }
  return { variables, docker, stop }
}

interface DaemonOptions {
  readonly directory: string
  readonly socket: string
  readonly bridge: string
  readonly mirror: string | undefined
}

function daemonConfiguration({ directory, socket, bridge, mirror }: DaemonOptions) {
  return {
    hosts: [socket],
    'data-root': join(directory, 'docker'),
    'exec-root': join(directory, 'exec'),
    pidfile: join(directory, 'dockerd.pid'),
    'storage-driver': 'overlay2',
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    bridge,
    iptables: false,
    ip6tables: false,
    // A container on the network of the host reaches its servers, which listen on this address.
    'host-gateway-ip': '127.0.0.1',
    features: { buildkit: false },
    // A machine without CAP_SYS_RESOURCE refuses more than its own limit.
    'default-ulimits': { nofile: { Name: 'nofile', Soft: 20_000, Hard: 20_000 } },
    ...(mirror === undefined ? {} : { 'registry-mirrors': [`http://${mirror}`] }),
  }
}
