// What it takes to rebuild the snapshots of a server that was upgraded: the whole command of the
// committed bundle, its Python environment ready, against ZenML's own command line called once for
// each snapshot, as ZenML's guide does. `npm run bench -- bench/rebuild.ts`; prints figures of this
// machine. What they are compared with runs in the same minutes on the same server.
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import { run } from '../src/runtime/process.ts'
import { runBundle } from '../test/support/bundle.ts'
import { clientEnvironment } from '../test/support/environments.ts'
import { clientJobs, PIPELINES } from '../test/support/seed.ts'
import { NEW, OLD, startServer, type TestServer } from '../test/support/zenml.ts'

jest.setTimeout(3_600_000)

/** How many times faster than the command line the bundle shall be, by number of snapshots. */
const GOALS = { 2: 1.5, 20: 8, 100: 10 } as const
const COUNTS = [2, 20, 100] as const
const BY_COMMAND_LINE = 10
const SOURCE = 'churn.training.training'

let directory: string
let apiKey: string

const dataOf = (count: number) => join(directory, `server-${count}`)
const nameOf = (index: number) => `training-${index}`

/** An old server with 2, 20, and 100 snapshots, one after the other. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bench-rebuild-'))
  const code = join(directory, 'code')
  await cp(PIPELINES, code, { recursive: true })
  execFileSync('git', ['init', '--quiet', code])
  const growing = join(directory, 'old')
  let made = 0
  for (const count of COUNTS) {
    const old = await startServer({
      version: OLD,
      directory: growing,
      ...(made === 0 ? {} : { apiKey }),
    })
    apiKey = old.apiKey
    await clientJobs(old, {
      clientVersion: OLD,
      sourceRoot: code,
      jobs: Array.from({ length: count - made }, (_, index) => ({
        op: 'snapshot' as const,
        source: SOURCE,
        stack: 'default',
        name: nameOf(made + index),
      })),
    })
    made = count
    await old.stop()
    await cp(growing, dataOf(count), { recursive: true })
  }
})

afterAll(() => rm(directory, { recursive: true, force: true }))

/** Seconds for each snapshot of `zenml pipeline snapshot create … --replace`. */
async function byCommandLine(server: TestServer): Promise<number> {
  const zenml = join(await clientEnvironment(NEW), 'bin', 'zenml')
  const started = performance.now()
  for (let index = 0; index < BY_COMMAND_LINE; index++) {
    const result = await run({
      argv: [zenml, 'pipeline', 'snapshot', 'create', SOURCE, '-n', nameOf(index), '--replace'],
      env: {
        ...process.env,
        ZENML_STORE_URL: server.url,
        ZENML_STORE_API_KEY: server.apiKey,
        ZENML_ANALYTICS_OPT_IN: 'false',
        // One for all calls, as on the machine of a person who logged in once.
        ZENML_CONFIG_PATH: join(directory, 'command-line'),
      },
      cwd: join(directory, 'code'),
      timeoutSeconds: 300,
    })
    expect(result.exitCode).toBe(0)
  }
  return (performance.now() - started) / 1000 / BY_COMMAND_LINE
}

async function withServer<T>(data: string, work: (server: TestServer) => Promise<T>): Promise<T> {
  const server = await startServer({ version: NEW, directory: data, apiKey })
  try {
    return await work(server)
  } finally {
    await server.stop()
  }
}

async function bundle(server: TestServer, mode: 'plan' | 'rebuild') {
  const deploy = { command: { deploy: 'true' } }
  const file = {
    zenml: NEW,
    environments: {
      staging: { server: server.url, deploy },
      production: { server: 'https://zenml.example.invalid', deploy },
    },
  }
  await writeFile(join(directory, 'code', 'zenml-upgrade.yml'), JSON.stringify(file))
  const started = performance.now()
  const { result, log } = await runBundle(
    ['rebuild-snapshots', '--environment', 'staging', '--mode', mode],
    {
      cwd: join(directory, 'code'),
      env: { ZENML_STORE_API_KEY: apiKey, XDG_CACHE_HOME: join(directory, 'cache') },
    },
  )
  const seconds = (performance.now() - started) / 1000
  return { seconds, details: result?.command === 'rebuild-snapshots' ? result.details : null, log }
}

it('rebuilds 2, 20, and 100 snapshots', async () => {
  const each = await withServer(dataOf(100), async (server) => {
    // Builds the environment; the next commands find it.
    const { details, log } = await bundle(server, 'plan')
    if (details?.planned !== 100) throw new Error(log)
    return byCommandLine(server)
  })
  const rows = [`command line: ${each.toFixed(2)} s for each of ${BY_COMMAND_LINE} snapshots`]
  await rm(join(directory, 'server-100'), { recursive: true })
  await cp(join(directory, 'old'), dataOf(100), { recursive: true })
  for (const count of COUNTS) {
    const { seconds, details, log } = await withServer(dataOf(count), (server) =>
      bundle(server, 'rebuild'),
    )
    if (details?.rebuilt !== count) throw new Error(log)
    const ratio = (each * count) / seconds
    const verdict = ratio >= GOALS[count] ? 'reached' : 'MISSED'
    rows.push(
      `${String(count).padStart(3)} snapshots: ${seconds.toFixed(1).padStart(6)} s, command line ${(each * count).toFixed(0).padStart(5)} s: ${ratio.toFixed(1)} times, goal ${GOALS[count]} ${verdict}`,
    )
  }
  process.stdout.write(`\n${rows.join('\n')}\n`)
})
