// Stacks whose images are pushed to a registry and whose artifacts are in a bucket.
import type { Rest } from '../rest.ts'
import { BUCKET, type TestContainers } from './containers.ts'

/** Name of a stack whose steps would run in a cluster. Its snapshots can be run by a server. */
export const CLUSTER = 'cluster'
/** Name of a stack whose steps run in containers of this machine. */
export const DOCKER = 'docker'
/** Context of the KUBECONFIG that `writeKubeconfig` writes. */
const CONTEXT = 'tests'

/** Registers both stacks, on one artifact store, one container registry and one image builder. */
export async function seedContainerStacks(
  admin: Rest,
  { registry, s3 }: TestContainers,
): Promise<void> {
  const component = async (type: string, flavor: string, configuration: object) =>
    (await admin.post('/components', { name: `${flavor}-${type}`, type, flavor, configuration })).id
  const shared = {
    artifact_store: [
      await component('artifact_store', 's3', {
        path: `s3://${BUCKET}`,
        key: s3.variables['AWS_ACCESS_KEY_ID'],
        secret: s3.variables['AWS_SECRET_ACCESS_KEY'],
        client_kwargs: { endpoint_url: s3.endpoint, region_name: 'us-east-1' },
      }),
    ],
    container_registry: [
      await component('container_registry', 'default', { uri: `${registry.host}/zen` }),
    ],
    image_builder: [await component('image_builder', 'local', {})],
  }
  const cluster = await component('orchestrator', 'kubernetes', { kubernetes_context: CONTEXT })
  // Servers of tests listen on 127.0.0.1 only.
  const docker = await component('orchestrator', 'local_docker', {
    run_args: { network_mode: 'host' },
  })
  for (const [name, orchestrator] of [
    [CLUSTER, cluster],
    [DOCKER, docker],
  ])
    await admin.post('/stacks', { name, components: { orchestrator: [orchestrator], ...shared } })
}

interface NewComponent {
  readonly type: string
  readonly flavor: string
  readonly configuration: object
}

/** Registers a stack that is like another one but for one component. */
export async function copyStack(
  admin: Rest,
  { from, name, component }: { from: string; name: string; component: NewComponent },
): Promise<void> {
  const { items } = await admin.get('/stacks', { name: from, hydrate: 'true' })
  const { components } = items[0]?.metadata as { components: Record<string, { id: string }[]> }
  const { id } = await admin.post('/components', { name, ...component })
  const ids = new Map(Object.entries(components).map(([type, all]) => [type, all.map((c) => c.id)]))
  ids.set(component.type, [id])
  await admin.post('/stacks', { name, components: Object.fromEntries(ids) })
}

/** A client that makes a snapshot reads the cluster's context, and does not contact the cluster. */
export const KUBECONFIG = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': CONTEXT,
  clusters: [{ name: CONTEXT, cluster: { server: 'http://127.0.0.1:9' } }],
  users: [{ name: CONTEXT, user: {} }],
  contexts: [{ name: CONTEXT, context: { cluster: CONTEXT, user: CONTEXT } }],
})
