// What a team has around its ZenML server: a container engine, a registry, and a bucket. All of it
// is real, listens on 127.0.0.1, and ends with the tests.
import { startDocker, type TestDocker } from './docker.ts'
import { imageStorage } from './images.ts'
import { assertMachineCan } from './machine-check.ts'
import { progress } from './progress.ts'
import { containerPrograms, type ContainerPrograms } from './programs.ts'
import { startRegistry, type TestRegistry } from './registry.ts'
import { removeLeftovers } from './leftovers.ts'
import { makeRunDirectory } from './run-directory.ts'
import { startS3, type TestS3 } from './s3.ts'

export const BUCKET = 'artifacts'
const PRINT_VERSION = 'import zenml; print(zenml.__version__)'

export interface TestContainers extends Omit<TestDocker, 'stop'> {
  readonly programs: ContainerPrograms
  readonly directory: string
  /** Where the tests push to; empty at the start. */
  readonly registry: TestRegistry
  readonly s3: TestS3
  /** Asks an image itself which ZenML it holds. */
  readonly zenmlIn: (image: string) => Promise<string>
  stop(): Promise<void>
}

/**
 * Starts all of it. @throws on a machine that cannot run containers, with the reason: the layer
 * fails there.
 */
export async function startContainers(): Promise<TestContainers> {
  await assertMachineCan()
  const programs = await containerPrograms()
  const storage = await imageStorage(programs)
  const directory = await makeRunDirectory(programs)
  progress(`starting Docker, registries and S3 in ${directory}`)
  const started: { stop(): Promise<void> }[] = []
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop()
    await removeLeftovers(programs, directory)
  }
  const keep = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    started.push(part)
    return part
  }
  try {
    const common = { programs, directory }
    const hub = keep(
      await startRegistry({ ...common, name: 'docker-hub', storage, isReadOnly: true }),
    )
    const registry = keep(await startRegistry({ ...common, name: 'registry' }))
    const s3 = keep(await startS3(directory, BUCKET))
    const engine = keep(await startDocker(programs, directory, hub.host))
    const zenmlIn = async (image: string) =>
      (await engine.docker('run', '--rm', image, 'python', '-c', PRINT_VERSION)).trim()
    const { variables, docker } = engine
    return { ...common, registry, s3, variables, docker, zenmlIn, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
