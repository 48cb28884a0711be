import { join } from 'node:path'
import type { ForkServer } from '../zenml-client/fork-server.ts'
import type { CreateJob, RunJob } from '../zenml-client/protocol.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { DemoServer } from './servers.ts'

/**
 * What the team of the demo has: snapshots made with the old client, one declared in the file, two
 * that are not.
 */
const SNAPSHOTS = [
  {
    name: 'training',
    pipeline: 'training',
    description: 'the model of the week',
    tags: ['weekly'],
    configPath: 'training.yaml',
  },
  {
    name: 'scoring',
    pipeline: 'scoring',
    description: 'scores all customers',
    tags: [],
    configPath: null,
  },
  {
    name: 'report',
    pipeline: 'weekly_report',
    description: 'numbers for Monday',
    tags: ['weekly', 'numbers'],
    configPath: null,
  },
] as const

export interface Seed {
  readonly machine: Machine
  readonly client: ForkServer
  readonly repository: string
  readonly logs: string
}

/** One run with its artifacts and three named snapshots, all made with the old client. */
export async function seed(
  { machine, client, repository, logs }: Seed,
  server: DemoServer,
): Promise<void> {
  const common = (pipeline: string) => ({
    sourceRoot: repository,
    pipelineSource: `pipelines.${pipeline}`,
    stack: 'default',
    project: 'default',
    timeoutSeconds: 300,
    configuration: null,
    env: { ZENML_STORE_URL: server.url, ZENML_STORE_API_KEY: server.apiKey },
    logPath: join(logs, `${server.environment}-${pipeline}.log`),
  })
  const jobs: (CreateJob | RunJob)[] = [
    { op: 'run', ...common('weekly_report'), configPath: null },
    ...SNAPSHOTS.map(({ name, pipeline, description, tags, configPath }) => ({
      op: 'create' as const,
      ...common(pipeline),
      name,
      description,
      tags,
      configPath,
    })),
  ]
  await Promise.all(
    jobs.map(async (job) => {
      const result = await client.run(job)
      if (!result.ok)
        throw new Stop(
          'unexpected-answer',
          `${server.environment}: ${job.pipelineSource} could not be seeded: ${result.error}`,
          { next: `Read ${job.logPath}.` },
        )
      machine.log.pass(
        `${server.environment}: ${job.op === 'run' ? `${job.pipelineSource} ran` : `snapshot ${job.name}`} with ZenML ${result.value.clientVersion}`,
      )
    }),
  )
}
