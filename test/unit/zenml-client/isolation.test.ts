import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startForkServer, type ForkServer } from '../../../src/zenml-client/fork-server.ts'
import type { ConfigureJob, RunJob } from '../../../src/zenml-client/protocol.ts'
import { FORK_SERVER_PACKAGE } from '../../support/fork-server.ts'
import { realMachine } from '../../support/real-machine.ts'

// The fork server itself, without ZenML: whatever the code of one job does, the others get their
// results.

const SUPPORT = join(import.meta.dirname, '..', '..', 'support', 'python')
const GARBAGE = join(import.meta.dirname, '..', '..', 'fixtures', 'garbage')

let directory: string
let servers: ForkServer[]
let machine: ReturnType<typeof realMachine>
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'isolation-'))
  servers = []
})
afterEach(async () => {
  for (const server of servers) await server.close()
  await rm(directory, { recursive: true })
})

async function start(parallel = 2): Promise<ForkServer> {
  machine = realMachine({ PATH: process.env['PATH'], FORK_SERVER_PACKAGE })
  const environment = {
    python: 'python3',
    bin: directory,
    env: {},
    zenmlVersion: '0',
    pythonVersion: '3.11',
    overridden: [],
    released: [],
    packages: 1,
    cached: true,
    seconds: 0,
  }
  const forkServerPath = join(SUPPORT, 'fork_server_without_zenml.py')
  const server = await startForkServer({ machine, environment, forkServerPath, parallel })
  servers.push(server)
  return server
}

function common(module: string) {
  return {
    sourceRoot: GARBAGE,
    pipelineSource: `${module}.x`,
    env: { FULL_ONCE: join(directory, 'full-once') },
    configuration: null,
    configPath: null,
    timeoutSeconds: 20,
    logPath: join(directory, `${module}.log`),
  }
}
const configure = (module: string, more: Partial<ConfigureJob> = {}): ConfigureJob => ({
  op: 'configure',
  ...common(module),
  stackDefinition: { name: 's', components: [] },
  ...more,
})
const runJob = (module: string): RunJob => ({
  op: 'run',
  ...common(module),
  stack: 's',
  project: 'p',
})
const good = { ok: true }
const crash = (words: string) => ({
  ok: false,
  kind: 'crash',
  error: expect.stringContaining(words),
})

describe('code that ends the fork server', () => {
  it('fails alone: what ran beside it and what comes after get their results', async () => {
    const server = await start()
    const [killer, beside, waiting] = await Promise.all([
      server.run(configure('kills_server')),
      server.run(configure('sleeps')),
      server.run(configure('plain')),
    ])
    expect(killer).toMatchObject(crash('ended (SIGKILL) while only this code ran in it'))
    expect([beside, waiting]).toMatchObject([good, good])
    expect(await server.run(configure('plain'))).toMatchObject(good)
    expect(machine.lines).toEqual([
      'The process that runs ZenML ended (SIGKILL) while kills_server.x and sleeps.x ran. It is started again.',
      'The process that runs ZenML ended (SIGKILL) while kills_server.x ran. It is started again.',
    ])
  })

  it('is not tried again when it ran alone', async () => {
    const server = await start(1)
    const [killer, next] = await Promise.all([
      server.run(configure('kills_server')),
      server.run(configure('plain')),
    ])
    expect(killer).toMatchObject(crash('SIGKILL'))
    expect(next).toMatchObject(good)
    expect(machine.lines.filter((line) => line.includes('started again'))).toHaveLength(1)
  })

  it('fails alone also when two of them run together', async () => {
    const server = await start()
    const results = await Promise.all(
      ['kills_server', 'terminates_server', 'plain'].map((name) => server.run(configure(name))),
    )
    expect(results).toMatchObject([crash('SIGKILL'), crash('exit code 0'), good])
  })

  it('makes a run beside it be tried again only as the caller says', async () => {
    const server = await start()
    const [, given, other] = await Promise.all([
      server.run(configure('kills_server')),
      server.run(runJob('sleeps')),
      server.run(configure('plain')),
    ])
    expect(given).toMatchObject(crash('a run is not started twice'))
    expect(other).toMatchObject(good)
    let asked = 0
    const again = () => {
      asked += 1
      return Promise.resolve(runJob('plain'))
    }
    await Promise.all([
      server.run(configure('kills_server')),
      server.run(runJob('sleeps'), { again }),
    ])
    expect(asked).toBe(1)
  })

  it('does not end it for good by stopping it', async () => {
    const server = await start()
    expect(await server.run(configure('stops_server'))).toMatchObject(good)
  })
})

describe('code that misuses its process', () => {
  const misuses = {
    writes_into_descriptors: crash('wrote into a file descriptor'),
    closes_descriptors: crash('exit code 1'),
    forges_result: crash('something else than a result'),
    writes_nan: crash('wrote into a file descriptor'),
    floods_result: crash('wrote into a file descriptor'),
    ends_quietly: crash('exit code 0'),
    real_time_signal: crash('signal 40'),
    exhausts_memory: { ok: false, error: expect.stringContaining('MemoryError') },
    stops_itself: { ok: false, kind: 'timeout' },
    changes_process: good,
    leaves_processes: good,
    floods: good,
  }

  it('affects only its own result', async () => {
    const modules = Object.keys(misuses)
    const timeouts: Record<string, Partial<ConfigureJob>> = { stops_itself: { timeoutSeconds: 1 } }
    const server = await start(modules.length + 1)
    const [beside, ...results] = await Promise.all([
      server.run(configure('sleeps')),
      ...modules.map((module) => server.run(configure(module, timeouts[module]))),
    ])
    expect(beside).toMatchObject(good)
    expect(
      Object.fromEntries(modules.map((module, index) => [module, results[index]])),
    ).toMatchObject(misuses)
    expect(await server.run(configure('plain'))).toMatchObject(good)
    expect(machine.lines).toEqual([])
  })

  it('leaves a log of bounded size, with the beginning and the end of what it printed', async () => {
    const server = await start()
    await server.run(configure('floods'))
    const path = join(directory, 'floods.log')
    expect((await stat(path)).size).toBeLessThan(10_000_000)
    const text = await readFile(path, 'utf8')
    expect(text.slice(0, 10)).toBe('xxxxxxxxxx')
    expect(text).toMatch(/\n\[\d+ bytes of output are left out here\]\n/)
    expect(text.trimEnd().endsWith('the last line')).toBe(true)
  })

  it('leaves no process behind, also none in a session of its own', async () => {
    const server = await start()
    expect(await server.run(configure('leaves_processes'))).toMatchObject(good)
    await server.close()
    expect(await sleepers()).toEqual([])
  })
})

describe('a job that found the disk full', () => {
  it('is tried again when another ran beside it', async () => {
    const server = await start()
    const [full] = await Promise.all([
      server.run(configure('disk_is_full')),
      server.run(configure('sleeps')),
    ])
    expect(full).toMatchObject(good)
  })

  it('fails when it finds it full again', async () => {
    const server = await start()
    const [full, beside] = await Promise.all([
      server.run(configure('disk_stays_full')),
      server.run(configure('sleeps')),
    ])
    expect(full).toMatchObject({ ok: false, error: expect.stringContaining('No space left') })
    expect(beside).toMatchObject(good)
  })
})

describe('a log that cannot be written', () => {
  it('does not change the result of its job', async () => {
    const server = await start()
    const logPath = join(directory, 'x'.repeat(300))
    expect(await server.run(configure('plain', { logPath }))).toMatchObject(good)
    expect(machine.lines.join('\n')).toContain('could not be written')
  })
})

/** Processes of `leaves_processes.py` that are still there. */
async function sleepers(): Promise<string[]> {
  await delay(100)
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.split('\0')[1] === '613') found.push(pid)
  }
  return found
}
