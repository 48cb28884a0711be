import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import type { SnapshotsDetails } from '../../src/result/snapshots.ts'
import { startContainers, type TestContainers } from '../support/containers/containers.ts'
import { containersPlace, type ContainersPlace } from '../support/containers/place.ts'
import {
  containerWorkloads,
  REMOTE_DOCKER,
  seedRemoteDockerStack,
} from '../support/containers/server-runs.ts'
import { NEW, OLD, PYTHON_SUPPORT } from '../support/zenml.ts'

// A server starts snapshots in containers: a runner with the ZenML of the snapshot's build, and one
// container for each step.

jest.setTimeout(1_200_000)

let containers: TestContainers
let place: ContainersPlace

beforeAll(async () => {
  containers = await startContainers()
  place = await containersPlace(containers, 'server-runs', {
    more: 'execute: { staging: all }\n',
    serverVariables: await containerWorkloads(containers),
  })
  await seedRemoteDockerStack(place.admin)
  await place.users([
    { op: 'snapshot', source: 'churn.report.report', stack: REMOTE_DOCKER, name: 'report' },
  ])
  await place.upgrade()
})
afterAll(async () => {
  await place.stop()
  await containers.stop()
})

/** Where and with which ZenML a run was. */
async function ranIn(id: string): Promise<unknown> {
  const { metadata } = await place.admin.get(`/runs/${id}`)
  return metadata?.['orchestrator_environment']
}

it('runs an old snapshot with the old ZenML on the new server', async () => {
  const { id } = await place.snapshot('report')
  const run = await place.admin.post(`/pipeline_snapshots/${id}/runs`, { run_configuration: {} })
  let status: unknown
  do {
    await sleep(1000)
    status = (await place.admin.get(`/runs/${run.id}`)).body['status']
  } while (status === 'initializing' || status === 'provisioning' || status === 'running')
  expect([status, await ranIn(run.id)]).toMatchObject([
    'completed',
    { environment: 'docker', zenml_version: OLD },
  ])
})

it('runs a rebuilt snapshot with the new ZenML', async () => {
  const { outputs, result, log } = await place.run(['rebuild-snapshots', '--mode', 'all'], {
    PYTHONPATH: PYTHON_SUPPORT,
  })
  expect([outputs['reason-code'], log]).toEqual(['snapshots-executed', expect.any(String)])
  const [report] = (result?.details as SnapshotsDetails).snapshots
  expect(report).toMatchObject({
    status: 'executed',
    'executed-on': 'server',
    run: { status: 'completed', 'zenml-version': NEW },
  })
  expect(await ranIn(report?.run?.id ?? '')).toMatchObject({
    environment: 'docker',
    zenml_version: NEW,
  })
})
