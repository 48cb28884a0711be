import { readdir, readFile, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { identify } from '../../src/runtime/process-identity.ts'
import { startContainers, type TestContainers } from '../support/containers/containers.ts'
import { removeLeftovers } from '../support/containers/leftovers.ts'
import { makeRunDirectory } from '../support/containers/run-directory.ts'

let containers: TestContainers

beforeAll(async () => {
  containers = await startContainers()
})
afterAll(() => containers.stop())

const bridgeOf = async (directory: string) =>
  (JSON.parse(await readFile(join(directory, 'bridge.json'), 'utf8')) as { bridge: string }).bridge

async function pidOf(process: string): Promise<number> {
  const record = join(containers.directory, 'processes', `${process}.json`)
  return (JSON.parse(await readFile(record, 'utf8')) as { pid: number }).pid
}

describe('the container engine of the tests', () => {
  it('leaves nothing behind that the next run does not remove, when its run is killed', async () => {
    const { directory, docker } = containers
    const image = 'python:3.11-slim-bookworm'
    const id = (await docker('run', '--detach', image, 'sleep', '1000')).trim()
    const inside = Number(await docker('inspect', '--format', '{{.State.Pid}}', id))
    const [daemon, bridge] = [await pidOf('dockerd'), await bridgeOf(directory)]
    process.kill(daemon, 'SIGKILL')
    // As of a process that is gone.
    await writeFile(join(directory, 'owner.json'), JSON.stringify({ pid: 1, started: 'never' }))
    expect(await identify(inside)).toBeDefined()
    expect(Object.keys(networkInterfaces())).toContain(bridge)

    const next = await makeRunDirectory(containers.programs)
    await removeLeftovers(containers.programs, next)
    await expect(readdir(directory)).rejects.toThrow('ENOENT')
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(directory)
    expect(await identify(inside)).toBeUndefined()
    expect(Object.keys(networkInterfaces())).not.toContain(bridge)
  })
})
