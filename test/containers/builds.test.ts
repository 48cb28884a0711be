import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { SnapshotReport, SnapshotsDetails } from '../../src/result/snapshots.ts'
import type { BundleRun } from '../support/bundle.ts'
import { startContainers, type TestContainers } from '../support/containers/containers.ts'
import { containersPlace, type ContainersPlace } from '../support/containers/place.ts'
import { startRegistry, type TestRegistry } from '../support/containers/registry.ts'
import { CLUSTER } from '../support/containers/stacks.ts'

// What is checked before images are built, and how often they are built.

const LOGIN = { user: 'team', password: 'right' }
const GUARDED = 'guarded'
/** Requirements of an image that can be installed when the snapshot is made, and later cannot. */
const SPOILED = 'spoiled.txt'

let containers: TestContainers
let guarded: TestRegistry
let place: ContainersPlace

beforeAll(async () => {
  containers = await startContainers()
  guarded = await startRegistry({ ...containers, name: GUARDED, login: LOGIN })
  place = await containersPlace(containers, 'builds')
  await registerGuardedStack()
  await writeFile(join(place.repository, SPOILED), 'tomli-w\n')
  const training = { op: 'snapshot', source: 'churn.training.training', stack: CLUSTER } as const
  const docker = (requirements: string | string[]) => ({
    config: { settings: { docker: { requirements } } },
  })
  await place.users([
    ...['plain', 'plain-2', 'plain-3'].map((name, index) => ({
      ...training,
      name,
      config: { parameters: { threshold: index / 10 } },
    })),
    { ...training, name: 'with-more', ...docker(['tomli-w']) },
    { ...training, name: 'spoiled', ...docker(SPOILED) },
    { ...training, name: 'spoiled-2', ...docker(SPOILED) },
  ])
  await logIn(LOGIN.password)
  await place.users([{ ...training, stack: GUARDED, name: GUARDED }])
  await logIn(undefined)
  await place.upgrade()
})
afterAll(async () => {
  await place.stop()
  await guarded.stop()
  await containers.stop()
})

/** A copy of the stack of the cluster with a registry that wants a password. */
async function registerGuardedStack(): Promise<void> {
  const { admin } = place
  const { items } = await admin.get('/stacks', { name: CLUSTER, hydrate: 'true' })
  const { components } = items[0]?.metadata as { components: Record<string, { id: string }[]> }
  const registry = await admin.post('/components', {
    name: GUARDED,
    type: 'container_registry',
    flavor: 'default',
    configuration: { uri: `${guarded.host}/zen` },
  })
  const ids: Record<string, string[]> = {}
  for (const [type, list] of Object.entries(components)) ids[type] = list.map(({ id }) => id)
  await admin.post('/stacks', {
    name: GUARDED,
    components: { ...ids, container_registry: [registry.id] },
  })
}

/** Writes what `docker login` does; without a password, what `docker logout` leaves. */
async function logIn(password: string | undefined): Promise<void> {
  const auth = Buffer.from(`${LOGIN.user}:${password ?? ''}`).toString('base64')
  const auths = password === undefined ? {} : { [guarded.host]: { auth } }
  const directory = containers.variables['DOCKER_CONFIG'] ?? ''
  await writeFile(join(directory, 'config.json'), JSON.stringify({ auths }))
}

const detailsOf = (run: BundleRun) => run.result?.details as SnapshotsDetails
const reportOf = (run: BundleRun, name: string): SnapshotReport | undefined =>
  detailsOf(run).snapshots.find((report) => report.name === name)
const plan = (env: Readonly<Record<string, string>> = {}) =>
  place.run(['rebuild-snapshots', '--mode', 'plan'], env)

describe('a plan', () => {
  it('says that there is no container engine, and what to do', async () => {
    const run = await plan({ DOCKER_HOST: 'unix:///nowhere/docker.sock' })
    expect([run.outputs['reason-code'], run.log]).toEqual(['snapshots-failed', expect.any(String)])
    expect(reportOf(run, 'plain')).toMatchObject({
      'failed-at': 'plan',
      message: expect.stringContaining('has no container engine here'),
      next: expect.stringMatching(/Start Docker or Podman.*kaniko, gcp or aws.*skip_build/),
    })
  })

  it('says which registry has no login', async () => {
    const run = await plan()
    expect(reportOf(run, GUARDED)).toMatchObject({
      'failed-at': 'plan',
      message: `Its image cannot be pushed: ${guarded.host} refuses ${guarded.host}/zen/zenml (HTTP 401: authentication required). This machine has no login for it.`,
      next: expect.stringContaining(`docker login ${guarded.host}`),
    })
    expect(reportOf(run, 'plain')).toMatchObject({ status: 'planned' })
  })

  it('says which login is refused, without its password', async () => {
    await logIn('expired')
    const run = await plan()
    expect(reportOf(run, GUARDED)?.message).toContain('The login is that of ')
    expect(reportOf(run, GUARDED)?.message).toContain('docker-config/config.json')
    expect(run.log).not.toContain('expired')
  })

  it('passes with the right login', async () => {
    await logIn(LOGIN.password)
    expect(reportOf(await plan(), GUARDED)).toMatchObject({ status: 'planned' })
  })
})

describe('a rebuild', () => {
  let run: BundleRun

  it('builds each environment once', async () => {
    await writeFile(join(place.repository, SPOILED), 'no-such-package-of-anyone==1\n')
    run = await place.run(['rebuild-snapshots', '--max-parallel', '4'])
    expect([run.outputs['reason-code'], run.log]).toEqual(['snapshots-failed', expect.any(String)])
    // One image of `plain`, `with-more`, and `guarded` each.
    expect(detailsOf(run)).toMatchObject({ 'images-built': 3, 'builds-reused': 2 })
    const builds = ['plain', 'plain-2', 'plain-3'].map((name) => reportOf(run, name)?.build)
    expect(new Set(builds.map((build) => build?.id)).size).toBe(1)
    expect(builds.map((build) => build?.['images-built']).toSorted()).toEqual([0, 0, 1])
  })

  it('gives each snapshot its own image, although the images have one tag', async () => {
    const packages = async (name: string) => {
      const image = await imageOf(name)
      return containers.docker('run', '--rm', image, 'uv', 'pip', 'list')
    }
    expect(await packages('with-more')).toContain('tomli-w')
    expect(await packages('plain')).not.toContain('tomli-w')
  })

  it('shows what a failed build printed, and does not repeat the build', () => {
    const failed = ['spoiled', 'spoiled-2'].map((name) => reportOf(run, name))
    const first = failed.find((report) => (report?.['log-tail'] ?? []).length > 0)
    const other = failed.find((report) => report !== first)
    expect(first?.['log-tail']?.join('\n')).toContain('no-such-package-of-anyone')
    expect(first?.message).toContain('Its image could not be built or pushed')
    expect(other?.message).toContain(
      `Its image is that of default/churn_training/${first?.name ?? ''}, which could not be built`,
    )
    expect(run.log).toContain('no-such-package-of-anyone')
  })
})

async function imageOf(name: string): Promise<string> {
  const { resources } = await place.snapshot(name)
  const { id } = resources?.['build'] as { id: string }
  const { metadata } = await place.admin.get(`/pipeline_builds/${id}`)
  const { images } = metadata as { images: Record<string, { image: string }> }
  return images['orchestrator']?.image ?? ''
}
