// How many requests reach the server while stale snapshots are rebuilt: ours, and those that ZenML's
// own client makes in each job. `npm run bench`; prints the figures, and fails above the limits.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, jest } from '@jest/globals'
import { configSchema } from '../src/config/schema.ts'
import { rebuildSnapshots } from '../src/snapshots/modes.ts'
import { stackReader } from '../src/stacks/definition.ts'
import { triggerMovesIn } from '../src/state/local/trigger-moves.ts'
import { prepareClient } from '../src/zenml-client/environment.ts'
import { startForkServer } from '../src/zenml-client/fork-server.ts'
import { connect } from '../src/zenml/server.ts'
import { countingGateway, type CountingGateway } from '../test/support/counting-gateway.ts'
import { FORK_SERVER } from '../test/support/fork-server.ts'
import { realMachine } from '../test/support/real-machine.ts'
import { clientJobs, PIPELINES, seededOldServer } from '../test/support/seed.ts'
import { NEW, OLD, PYTHON_SUPPORT, startServer, testCache, uv } from '../test/support/zenml.ts'

jest.setTimeout(1_200_000)

/** Four are seeded. */
const MORE = 10
const STALE = 4 + MORE
const MOST = 30 + 8 * STALE

function table(asked: CountingGateway['asked']): string {
  const counts = new Map<string, number>()
  for (const { route, by } of asked) {
    const key = `${by.padEnd(14)} ${route}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => `${String(count).padStart(5)}  ${key}`)
    .join('\n')
}

it(`rebuilds ${STALE} stale snapshots with at most ${MOST} requests`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bench-requests-'))
  const code = join(directory, 'code')
  await cp(PIPELINES, code, { recursive: true })
  const seeded = await seededOldServer(join(directory, 'server'))
  const common = { directory: seeded.directory, apiKey: seeded.apiKey, workloadManager: true }
  const old = await startServer({ version: OLD, ...common })
  await clientJobs(old, {
    clientVersion: OLD,
    sourceRoot: code,
    jobs: Array.from({ length: MORE }, (_, index) => ({
      op: 'snapshot' as const,
      source: 'churn.report.report',
      stack: 'remote',
      name: `report-${index}`,
    })),
  })
  await old.stop()
  const server = await startServer({ version: NEW, ...common })
  const gateway = await countingGateway(server.url)
  try {
    const machine = realMachine({ ...process.env, PYTHONPATH: PYTHON_SUPPORT })
    const zenml = connect({ url: gateway.url, apiKey: server.apiKey, machine })
    const environment = { server: gateway.url, deploy: { command: { deploy: 'true' } } }
    const outcome = await rebuildSnapshots({
      machine,
      server: zenml,
      file: configSchema.parse({
        zenml: NEW,
        environments: { staging: environment, production: environment },
      }),
      environment: 'staging',
      target: NEW,
      sourceRoot: () => Promise.resolve({ directory: code, commit: undefined }),
      stack: stackReader(zenml),
      prepareClient: async ({ python, integrations }) =>
        prepareClient({
          machine,
          uv: { path: await uv(), version: '0' },
          zenmlVersion: NEW,
          python,
          requirements: [],
          integrations,
          extras: ['local'],
          indexEnv: [],
          cacheDirectory: join(testCache(), 'clients'),
        }),
      startForkServer: (made) =>
        startForkServer({ machine, environment: made, forkServerPath: FORK_SERVER, parallel: 2 }),
      jobVariables: { ZENML_STORE_URL: gateway.url, ZENML_STORE_API_KEY: server.apiKey },
      triggerMoves: triggerMovesIn(join(directory, 'moves')),
      logDirectory: join(directory, 'logs'),
      shard: undefined,
      parallel: 2,
      baseline: null,
      changed: new Map(),
    })
    process.stdout.write(
      `\n${gateway.asked.length} requests for ${STALE} stale snapshots, at most ${MOST}\n${table(gateway.asked)}\n`,
    )
    expect(outcome.details).toMatchObject({ rebuilt: STALE, failed: 0 })
    expect(gateway.asked.length).toBeLessThanOrEqual(MOST)
  } finally {
    await gateway.close()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
})
