import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import type { DeploymentReport } from '../../src/result/snapshots.ts'
import {
  planSnapshots,
  rebuildSnapshots,
  type SnapshotsOutcome,
} from '../../src/snapshots/modes.ts'
import { deploymentCluster, type DeploymentCluster } from '../support/deployment-cluster.ts'
import { clientJobs, PIPELINES } from '../support/seed.ts'
import { snapshotsDepsFor } from '../support/snapshots-deps.ts'
import { freePort, NEW, OLD, startServer, type Rest, type TestServer } from '../support/zenml.ts'

// A snapshot that is served over HTTP, from before the upgrade until it serves the new client.

jest.setTimeout(600_000)

const KEY = 'default/churn_report/api'

let directory: string
let code: string
let server: TestServer
let cluster: DeploymentCluster
let oldId: string

/** A stack whose deployer asks the cluster. */
async function makeStack(admin: Rest): Promise<void> {
  await admin.post('/flavors', {
    name: 'fakecluster',
    type: 'deployer',
    source: 'fake_deployer.FakeClusterDeployerFlavor',
    config_schema: {},
    integration: 'custom',
    is_custom: false,
  })
  const component = async (type: string, flavor: string, configuration: object) =>
    (await admin.post('/components', { name: `served-${type}`, type, flavor, configuration })).id
  await admin.post('/stacks', {
    name: 'served',
    components: {
      orchestrator: [await component('orchestrator', 'local', {})],
      artifact_store: [await component('artifact_store', 'local', {})],
      deployer: [await component('deployer', 'fakecluster', { cluster: cluster.url })],
    },
  })
}

const settings = (port: number | undefined) => ({
  settings: { deployment: { uvicorn_host: '127.0.0.1', uvicorn_port: port } },
})

function deps(policy: 'list' | 'redeploy', replaced = new Map<string, string>()) {
  return snapshotsDepsFor({
    server,
    directory,
    target: NEW,
    root: { directory: code, commit: undefined },
    file: { deployments: { staging: policy } },
    replaced,
  })
}

function report({ details }: SnapshotsOutcome, name: string): DeploymentReport {
  const found = details.deployments?.find((deployment) => deployment.name === name)
  if (found === undefined) throw new Error(`no report of ${name}`)
  return found
}

/** What the deployment itself says it serves. */
async function served(url: string | null): Promise<string> {
  const reply = await fetch(`${url ?? ''}/info`)
  return ((await reply.json()) as { snapshot: { id: string } }).snapshot.id
}

/** The snapshot that has the name now. */
async function namedId(): Promise<string> {
  const { items } = await server.admin.get('/pipeline_snapshots', {
    project: 'default',
    named_only: 'true',
  })
  return items.find(({ name }) => name === 'api')?.id ?? ''
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deployments-test-'))
  code = join(directory, 'code')
  await cp(PIPELINES, code, { recursive: true })
  const ports = [await freePort(), await freePort()]
  cluster = await deploymentCluster({ directory: join(directory, 'cluster'), code, ports })
  const data = join(directory, 'server')
  server = await startServer({ version: OLD, directory: data })
  await makeStack(server.admin)
  const common = { source: 'churn.report.report', stack: 'served' }
  await clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: code,
    jobs: [
      {
        ...common,
        op: 'snapshot',
        name: 'api',
        deployment: 'report-api',
        config: settings(ports[0]),
      },
      { ...common, op: 'deploy', deployment: 'from-code', config: settings(ports[1]) },
    ],
  })
  oldId = await namedId()
  await server.stop()
  server = await startServer({ version: NEW, directory: data, apiKey: server.apiKey })
})
afterAll(async () => {
  await server.stop()
  await cluster.close()
  await rm(directory, { recursive: true, force: true })
})

it('lists in the plan what serves an old snapshot, and what a rebuild will do', async () => {
  const outcome = await planSnapshots(deps('redeploy'))
  expect(outcome.code).toBe('snapshots-planned')
  expect(report(outcome, 'report-api')).toMatchObject({
    project: 'default',
    pipeline: 'churn_report',
    snapshot: 'api',
    stack: 'served',
    status: 'old',
    'server-status': 'running',
    version: OLD,
    message: `It serves ZenML ${OLD}. After the rebuild it is deployed again.`,
  })
  expect(report(outcome, 'from-code')).toMatchObject({
    snapshot: null,
    status: 'old',
    version: OLD,
    message: expect.stringContaining('No named snapshot is known') as unknown,
  })
})

it('leaves a deployment alone where the file says `list`: it keeps serving the old snapshot', async () => {
  const outcome = await rebuildSnapshots(deps('list'))
  expect(outcome).toMatchObject({ code: 'snapshots-rebuilt', details: { rebuilt: 1, failed: 0 } })
  const api = report(outcome, 'report-api')
  expect(api).toMatchObject({ status: 'old', snapshot: 'api', version: OLD })
  expect(await served(api.url)).toBe(oldId)
  expect(await namedId()).not.toBe(oldId)
  // ZenML takes the name away, and keeps the snapshot because something refers to it.
  expect((await server.admin.get(`/pipeline_snapshots/${oldId}`)).name).toBeNull()
})

it('fails where the deployer refuses, and says that the old one is still served', async () => {
  cluster.refuses = true
  const outcome = await rebuildSnapshots(deps('redeploy', new Map([[oldId, KEY]])))
  cluster.refuses = false
  expect(outcome.code).toBe('snapshots-failed')
  expect(outcome.summary).toBe(
    `2 of 2 deployments could not be deployed again with ZenML ${NEW}: from-code, report-api.`,
  )
  const api = report(outcome, 'report-api')
  expect(api.status).toBe('failed')
  expect(api.message).toMatch(
    /^It could not be deployed again: .*the cluster refuses: no room left.* It still serves the old one\. The server already names the new snapshot for it\.$/,
  )
  expect(await served(api.url)).toBe(oldId)
})

it('deploys the rebuilt snapshot in the place of the old one, which the deployment itself confirms', async () => {
  const outcome = await rebuildSnapshots(deps('redeploy', new Map([[oldId, KEY]])))
  const api = report(outcome, 'report-api')
  expect(api).toMatchObject({ status: 'redeployed', version: NEW, message: null })
  expect(await served(api.url)).toBe(await namedId())
  expect(report(outcome, 'from-code').status).toBe('failed')
  expect(outcome).toMatchObject({
    code: 'snapshots-failed',
    summary: `1 of 2 deployments could not be deployed again with ZenML ${NEW}: from-code.`,
  })

  const again = await rebuildSnapshots(deps('redeploy'))
  expect(report(again, 'report-api')).toMatchObject({ status: 'current', version: NEW })
})
