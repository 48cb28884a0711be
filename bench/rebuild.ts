// How long snapshots take: one Python process for each by ZenML's own command line, against one
// import and a child for each. `npm run bench`; prints figures of this machine, proves nothing by
// itself.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, jest, it } from '@jest/globals'
import { prepareClient } from '../src/zenml-client/environment.ts'
import { startForkServer } from '../src/zenml-client/fork-server.ts'
import { run } from '../src/runtime/process.ts'
import { FORK_SERVER } from '../test/support/fork-server.ts'
import { testMachine } from '../test/support/machine.ts'
import { PIPELINES } from '../test/support/seed.ts'
import { NEW, startServer, testCache, uv } from '../test/support/zenml.ts'

jest.setTimeout(1_200_000)

const SNAPSHOTS = 20
const BY_COMMAND_LINE = 4
const SOURCE = 'churn.training.training'

it('rebuilds snapshots', async () => {
  const machine = { ...testMachine(process.env), sleep: (seconds: number) => delay(seconds * 1000) }
  const server = await startServer({ version: NEW })
  const logs = await mkdtemp(join(tmpdir(), 'bench-'))
  const figures: string[] = []
  const timed = async (title: string, count: number, work: () => Promise<void>) => {
    const started = performance.now()
    await work()
    const seconds = (performance.now() - started) / 1000
    figures.push(
      `${title.padEnd(46)} ${seconds.toFixed(1).padStart(7)} s ${(seconds / count).toFixed(2).padStart(7)} s each`,
    )
  }
  try {
    const environment = await prepareClient({
      machine,
      uv: { path: await uv(), version: '0' },
      zenmlVersion: NEW,
      python: '3.11',
      requirements: [],
      integrations: [],
      extras: ['local'],
      indexEnv: [],
      cacheDirectory: join(testCache(), 'clients'),
    })
    const connection = { ZENML_STORE_URL: server.url, ZENML_STORE_API_KEY: server.apiKey }
    await timed(`command line, ${BY_COMMAND_LINE} snapshots`, BY_COMMAND_LINE, async () => {
      for (let i = 0; i < BY_COMMAND_LINE; i++) {
        const result = await run({
          argv: [
            join(environment.bin, 'zenml'),
            'pipeline',
            'snapshot',
            'create',
            SOURCE,
            '--name',
            `cli-${i}`,
          ],
          env: {
            ...process.env,
            ...environment.env,
            ...connection,
            ZENML_CONFIG_PATH: join(logs, `cli-${i}`),
          },
          cwd: PIPELINES,
          timeoutSeconds: 300,
        })
        expect(result.exitCode).toBe(0)
      }
    })
    const common = {
      sourceRoot: PIPELINES,
      pipelineSource: SOURCE,
      configuration: null,
      configPath: null,
      timeoutSeconds: 300,
    }
    for (const parallel of [1, 2, 4]) {
      await timed(
        `fork server, ${SNAPSHOTS} snapshots, ${parallel} at a time, with its start`,
        SNAPSHOTS,
        async () => {
          const forks = await startForkServer({
            machine,
            environment,
            forkServerPath: FORK_SERVER,
            parallel,
          })
          const results = await Promise.all(
            Array.from({ length: SNAPSHOTS }, (_, i) =>
              forks.run({
                op: 'create',
                ...common,
                env: connection,
                stack: 'default',
                project: 'default',
                name: `fork-${parallel}-${i}`,
                logPath: join(logs, `${parallel}-${i}.log`),
              }),
            ),
          )
          expect(results.filter(({ ok }) => !ok)).toEqual([])
          await forks.close()
        },
      )
    }
    await timed(
      `plan, ${SNAPSHOTS} snapshots, 2 at a time, with its start`,
      SNAPSHOTS,
      async () => {
        const forks = await startForkServer({
          machine,
          environment,
          forkServerPath: FORK_SERVER,
          parallel: 2,
        })
        const results = await Promise.all(
          Array.from({ length: SNAPSHOTS }, (_, i) =>
            forks.run({
              op: 'configure',
              ...common,
              env: {},
              stackDefinition: { name: 'default', components: [] },
              logPath: join(logs, `plan-${i}.log`),
            }),
          ),
        )
        expect(results.filter(({ ok }) => !ok)).toEqual([])
        await forks.close()
      },
    )
  } finally {
    await server.stop()
    await rm(logs, { recursive: true, force: true })
  }
  process.stdout.write(`\n${figures.join('\n')}\n`)
})
