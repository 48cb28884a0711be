// What lets a ZenML server start runs in containers: a workload manager, and a stack that is not
// local.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PYTHON_SUPPORT, type Rest } from '../zenml.ts'
import type { TestContainers } from './containers.ts'
import { copyStack, DOCKER } from './stacks.ts'

/** Name of a stack whose steps run in containers that a server may start. */
export const REMOTE_DOCKER = 'remote-docker'

/** Variables of a server whose runners are containers. */
export async function containerWorkloads({
  directory,
  programs,
  variables,
}: TestContainers): Promise<Readonly<Record<string, string>>> {
  const shared = join(directory, 'shared')
  await mkdir(shared, { recursive: true })
  return {
    ...variables,
    PYTHONPATH: PYTHON_SUPPORT,
    ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE: 'docker_workloads.DockerWorkloadManager',
    DOCKER_WORKLOADS_CLI: join(programs.root, 'usr', 'bin', 'docker'),
    DOCKER_WORKLOADS_DIRECTORY: shared,
  }
}

/** Registers the stack, with everything but the orchestrator from the stack of this machine. */
export async function seedRemoteDockerStack(admin: Rest): Promise<void> {
  await admin.post('/flavors', {
    name: 'remotedocker',
    type: 'orchestrator',
    source: 'remote_docker.RemoteDockerOrchestratorFlavor',
    config_schema: {},
    integration: 'custom',
    is_custom: false,
  })
  await copyStack(admin, {
    from: DOCKER,
    name: REMOTE_DOCKER,
    component: {
      type: 'orchestrator',
      flavor: 'remotedocker',
      configuration: {
        run_args: {
          network_mode: 'host',
          environment: { PYTHONPATH: PYTHON_SUPPORT },
          volumes: { [PYTHON_SUPPORT]: { bind: PYTHON_SUPPORT, mode: 'ro' } },
        },
      },
    },
  })
}
