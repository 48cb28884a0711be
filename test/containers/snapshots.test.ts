import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { SnapshotReport, SnapshotsDetails } from '../../src/result/snapshots.ts'
import type { BundleRun } from '../support/bundle.ts'
import { startContainers, type TestContainers } from '../support/containers/containers.ts'
import { containersPlace, type ContainersPlace } from '../support/containers/place.ts'
import { CLUSTER, DOCKER } from '../support/containers/stacks.ts'
import { NEW, OLD } from '../support/environments.ts'

// Snapshots whose images are really built, pushed, and run.

let containers: TestContainers
let place: ContainersPlace

beforeAll(async () => {
  containers = await startContainers()
  place = await containersPlace(containers, 'snapshots')
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
    { ...snapshot, source: 'churn.report.report', stack: DOCKER, name: 'report' },
  ])
  await place.upgrade()
})
afterAll(async () => {
  await place.stop()
  await containers.stop()
})

/** What the server has of the build of a snapshot. */
async function buildOf(name: string) {
  const { resources } = await place.snapshot(name)
  const { id } = resources?.['build'] as { id: string }
  const { metadata } = await place.admin.get(`/pipeline_builds/${id}`)
  const { zenml_version: version, images } = metadata as {
    zenml_version: string
    images: Record<string, { image: string }>
  }
  return { id, version, image: images['orchestrator']?.image ?? '' }
}

function reportOf(run: BundleRun, name: string): SnapshotReport | undefined {
  const details = run.result?.details as SnapshotsDetails | undefined
  return details?.snapshots.find((report) => report.name === name)
}

/** Asks the image itself which ZenML it holds. */
const zenmlIn = async (image: string) =>
  (
    await containers.docker(
      'run',
      '--rm',
      image,
      'python',
      '-c',
      'import zenml; print(zenml.__version__)',
    )
  ).trim()

describe('rebuild-snapshots with a container engine', () => {
  let run: BundleRun

  it('builds and pushes images with the new ZenML', async () => {
    expect(await zenmlIn((await buildOf('training')).image)).toBe(OLD)
    run = await place.run(['rebuild-snapshots'])
    expect([run.outputs['reason-code'], run.log]).toEqual(['snapshots-rebuilt', expect.any(String)])
    for (const name of ['training', 'careful', 'report']) {
      const build = await buildOf(name)
      expect(build.version).toBe(NEW)
      expect(build.image).toMatch(`${containers.registry.host}/zen/zenml@sha256:`)
      // From the registry, not from what the engine has still.
      await containers.docker('pull', '--quiet', build.image)
      expect(await zenmlIn(build.image)).toBe(NEW)
      expect(reportOf(run, name)).toMatchObject({
        status: 'rebuilt',
        'version-before': OLD,
        'version-after': NEW,
      })
    }
  })

  it('keeps what a server can run', async () => {
    expect((await place.snapshot('training')).body).toMatchObject({ runnable: true })
  })

  it('builds once for two snapshots of the same environment', async () => {
    expect((await buildOf('careful')).id).toBe((await buildOf('training')).id)
  })
})
