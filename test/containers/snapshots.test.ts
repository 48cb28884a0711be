import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { SnapshotReport, SnapshotsDetails } from '../../src/result/snapshots.ts'
import type { BundleRun } from '../support/bundle.ts'
import { startContainers, type TestContainers } from '../support/containers/containers.ts'
import { containersPlace, type ContainersPlace } from '../support/containers/place.ts'
import { CLUSTER, DOCKER } from '../support/containers/stacks.ts'
import { NEW, OLD } from '../support/environments.ts'

// Snapshots whose images are really built, pushed, and run.

/** Its steps run in containers. */
const REPORT = {
  op: 'snapshot',
  source: 'churn.report.report',
  stack: DOCKER,
  name: 'report',
} as const

let containers: TestContainers
let place: ContainersPlace

beforeAll(async () => {
  containers = await startContainers()
  place = await containersPlace(
    containers,
    'snapshots',
    'execute: { staging: declared }\nsnapshots: [{ name: report }]\n',
  )
  const snapshot = { op: 'snapshot' } as const
  await place.users([
    { ...snapshot, source: 'churn.training.training', stack: CLUSTER, name: 'training' },
    {
      ...snapshot,
      source: 'churn.training.training',
      stack: CLUSTER,
      name: 'careful',
      config: { parameters: { threshold: 0.9 } },
    },
    REPORT,
  ])
  await place.upgrade()
})
afterAll(async () => {
  await place.stop()
  await containers.stop()
})

function reportOf(run: BundleRun, name: string): SnapshotReport | undefined {
  const details = run.result?.details as SnapshotsDetails | undefined
  return details?.snapshots.find((report) => report.name === name)
}

describe('a snapshot that a person makes again with the old client on the new server', () => {
  it('has the old image, and is not run', async () => {
    await place.users([{ ...REPORT, replace: true }])
    expect((await place.snapshot('report')).metadata).toMatchObject({ server_version: NEW })
    expect((await place.buildOf('report')).version).toBe(OLD)
    const run = await place.run(['rebuild-snapshots', '--mode', 'execute'])
    expect(run.outputs).toMatchObject({ outcome: 'failure', 'reason-code': 'snapshots-failed' })
    expect(reportOf(run, 'report')).toMatchObject({
      status: 'failed',
      message: `It cannot be run: it still carries ZenML ${OLD}.`,
    })
  })
})

describe('a rebuild with a container engine', () => {
  let run: BundleRun

  it('builds and pushes images with the new ZenML', async () => {
    expect(await containers.zenmlIn((await place.buildOf('training')).image)).toBe(OLD)
    run = await place.run(['rebuild-snapshots', '--mode', 'all'])
    expect([run.outputs['reason-code'], run.log]).toEqual([
      'snapshots-executed',
      expect.any(String),
    ])
    expect(run.outputs).toMatchObject({ rebuilt: '3', executed: '1', failed: '0' })
    for (const name of ['training', 'careful', 'report']) {
      const build = await place.buildOf(name)
      expect(build.version).toBe(NEW)
      expect(build.image).toMatch(`${containers.registry.host}/zen/zenml@sha256:`)
      // From the registry, not from what the engine still has.
      await containers.docker('pull', '--quiet', build.image)
      expect(await containers.zenmlIn(build.image)).toBe(NEW)
      expect(reportOf(run, name)).toMatchObject({ 'version-before': OLD, 'version-after': NEW })
    }
  })

  it('keeps what a server can run', async () => {
    expect((await place.snapshot('training')).body).toMatchObject({ runnable: true })
  })

  it('builds once for two snapshots of the same environment', async () => {
    expect((await place.buildOf('careful')).id).toBe((await place.buildOf('training')).id)
  })

  it('runs the steps of a local Docker stack in the new image', async () => {
    const report = reportOf(run, 'report')
    expect(report).toMatchObject({
      status: 'executed',
      'executed-on': 'source',
      run: { status: 'completed', 'zenml-version': NEW },
    })
    const { metadata, resources } = await place.admin.get(`/runs/${report?.run?.id ?? ''}`)
    expect(metadata).toMatchObject({
      orchestrator_environment: { environment: 'docker', zenml_version: NEW },
    })
    expect(resources).toMatchObject({ build: { id: (await place.buildOf('report')).id } })
  })
})
