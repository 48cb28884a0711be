import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { acquireLock } from '../../../src/state/local/lock.ts'
import { createLog } from '../../../src/runtime/log.ts'
import type { Machine } from '../../../src/runtime/runtime.ts'
import { identify } from '../../../src/runtime/process-identity.ts'

let stateDirectory: string
const machine: Machine = {
  env: {},
  log: createLog({ write: () => undefined, github: false, colour: false }),
  signal: new AbortController().signal,
  now: () => new Date(),
  monotonic: () => performance.now() / 1000,
  sleep: () => Promise.resolve(),
}
const acquire = () => acquireLock({ stateDirectory, serverId: 'server', machine })

/** Writes the lock of another process, as that process would have. */
async function ownedBy(owner: Record<string, unknown>): Promise<void> {
  await (await acquire()).release()
  const now = new Date().toISOString()
  const lock = {
    'server-id': 'server',
    host: hostname(),
    pid: 1,
    'process-started': '0',
    since: now,
    beat: now,
    released: false,
    ...owner,
  }
  await writeFile(join(stateDirectory, 'locks', 'server', '2.json'), JSON.stringify(lock))
}

beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), 'lock-'))
})
afterEach(async () => {
  await rm(stateDirectory, { recursive: true })
})

describe('the lock of a server', () => {
  it('is held while its owner lives, and free after', async () => {
    const lock = await acquire()
    await expect(acquire()).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`) as unknown,
    })
    await lock.release()
    await (await acquire()).release()
  })

  it('is another one for another server', async () => {
    const lock = await acquire()
    const other = await acquireLock({ stateDirectory, serverId: 'other', machine })
    await Promise.all([lock.release(), other.release()])
  })

  it('goes to one only of many that come at the same moment', async () => {
    const taken = await Promise.allSettled(Array.from({ length: 20 }, acquire))
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('goes to one only of many that find the same dead owner', async () => {
    for (let round = 0; round < 10; round += 1) {
      await rm(join(stateDirectory, 'locks'), { recursive: true, force: true })
      await ownedBy({ pid: 999_999_999 })
      const taken = await Promise.allSettled(Array.from({ length: 10 }, acquire))
      expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  })

  it('is not held by a later process with the same number', async () => {
    const child = spawn('sleep', ['30'])
    try {
      await ownedBy({ pid: child.pid, 'process-started': 'another start' })
      await (await acquire()).release()
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('is held by a living process that is not ours', async () => {
    const child = spawn('sleep', ['30'])
    try {
      const identity = await identify(child.pid ?? 0)
      await ownedBy({ pid: child.pid, 'process-started': identity?.started })
      await expect(acquire()).rejects.toMatchObject({ code: 'locked' })
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('is held by another host that was heard of lately, and free when it has been silent', async () => {
    await ownedBy({ host: 'elsewhere' })
    await expect(acquire()).rejects.toMatchObject({ code: 'locked' })
    await rm(join(stateDirectory, 'locks'), { recursive: true })
    await ownedBy({ host: 'elsewhere', beat: new Date(Date.now() - 10 * 60_000).toISOString() })
    await (await acquire()).release()
  })

  it.each([-2, 2])(
    'is held by another host that still beats, by a clock that is %d hours apart',
    async (hours) => {
      const beatAt = (seconds: number) =>
        new Date(Date.now() + hours * 3_600_000 + seconds * 1000).toISOString()
      await ownedBy({ host: 'elsewhere', beat: beatAt(0) })
      const path = join(stateDirectory, 'locks', 'server', '2.json')
      let slept = 0
      const sleep = async (seconds: number) => {
        slept += seconds
        if (slept !== 15) return
        const owner = JSON.parse(await readFile(path, 'utf8')) as object
        await writeFile(path, JSON.stringify({ ...owner, beat: beatAt(15) }))
      }
      await expect(
        acquireLock({ stateDirectory, serverId: 'server', machine: { ...machine, sleep } }),
      ).rejects.toMatchObject({ code: 'locked' })
    },
  )

  it('goes to the next where another host is silent, whatever its clock said', async () => {
    await ownedBy({ host: 'elsewhere', beat: new Date(Date.now() + 7_200_000).toISOString() })
    await (await acquire()).release()
  })

  it('is free when its owner died while it wrote', async () => {
    await (await acquire()).release()
    await writeFile(join(stateDirectory, 'locks', 'server', '2.json'), '{"pid":')
    await (await acquire()).release()
    const newest = (await readdir(join(stateDirectory, 'locks', 'server'))).sort().at(-1) ?? ''
    expect(
      JSON.parse(await readFile(join(stateDirectory, 'locks', 'server', newest), 'utf8')),
    ).toMatchObject({ released: true, pid: process.pid })
  })
})
