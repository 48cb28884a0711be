import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import { startContainers, type TestContainers } from '../support/containers/containers.ts'
import { containersPlace, type ContainersPlace } from '../support/containers/place.ts'
import { podmanVariables } from '../support/containers/podman.ts'
import { CLUSTER } from '../support/containers/stacks.ts'
import { NEW } from '../support/environments.ts'

jest.setTimeout(900_000)

let containers: TestContainers
let place: ContainersPlace

beforeAll(async () => {
  containers = await startContainers()
  place = await containersPlace(containers, 'podman')
  await place.users([
    { op: 'snapshot', source: 'churn.training.training', stack: CLUSTER, name: 'training' },
  ])
  await place.upgrade()
})
afterAll(async () => {
  await place.stop()
  await containers.stop()
})

it('rebuilds a snapshot with Podman where the runner has no Docker', async () => {
  const run = await place.run(['rebuild-snapshots'], await podmanVariables(containers))
  expect([run.outputs['reason-code'], run.log]).toEqual(['snapshots-rebuilt', expect.any(String)])
  const build = await place.buildOf('training')
  expect(build.version).toBe(NEW)
  expect(await containers.zenmlIn(build.image)).toBe(NEW)
  expect((await place.snapshot('training')).body).toMatchObject({ runnable: true })
})
