import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { SnapshotsDeps } from '../../src/snapshots/deps.ts'
import { planSnapshots, rebuildSnapshots } from '../../src/snapshots/modes.ts'
import { clientJobs, PIPELINES, seedRemoteStack } from '../support/seed.ts'
import { startServer, type Json, type TestServer } from '../support/zenml.ts'
import { snapshotsDepsFor } from './snapshots-deps.ts'

/** A run configuration that says as much as it can. */
const CONFIGURATION = {
  run_name: 'nightly-{date}-{who}-{time}',
  enable_step_logs: true,
  enable_artifact_visualization: false,
  parameters: { threshold: 0.25 },
  tags: ['of-file'],
  extra: { team: 'growth', nested: { b: null } },
  retry: { max_retries: 1, delay: 2, backoff: 1 },
  settings: {
    orchestrator: { memory: '2G', labels: { team: 'churn' } },
    resources: { cpu_count: 1 },
  },
  secrets: ['warehouse'],
  substitutions: { shift: 'night' },
  environment: { STAGE: 'prod' },
  steps: {
    load: { parameters: { rows: 7 }, enable_cache: true, extra: { owner: 'file' } },
    train: {
      parameters: { rate: 0.01 },
      settings: { resources: { memory: '4GB' } },
      success_hook_source: 'carryover.hooks.celebrate',
    },
    publish: { environment: { DRY: '1' }, cache_policy: { include_step_code: false } },
  },
}

export function depsFor(server: TestServer, directory: string, target: string): SnapshotsDeps {
  const root = { directory: join(directory, 'code'), commit: undefined }
  return snapshotsDepsFor({ server, directory, target, root })
}

async function namedSnapshots(server: TestServer): Promise<Map<string, Json>> {
  const { items } = await server.admin.get('/pipeline_snapshots', {
    project: 'default',
    named_only: 'true',
    hydrate: 'true',
    size: '100',
  })
  return new Map(items.map((item) => [item.name, item]))
}

/** Paths of all values that differ; lists count as one value. */
function changedPaths(before: unknown, after: unknown, path = ''): string[] {
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => changedPaths(before[key], after[key], `${path}.${key}`))
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
}
function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** All that ZenML itself or a rebuild changes, seen between the releases below. */
const RENEWED = [
  /^\.id$/,
  /^\.body\.(created|updated)$/,
  /^\.metadata\.(client_environment\.\w+|client_version|server_version|pipeline_version_hash|source_code|code_path)$/,
  /^\.metadata\.pipeline_spec\.(steps|input_schema|output_schema)/,
  /\.spec\.(inputs\.\w+|parameter_spec)$/,
  /\.caching_parameters\.\w+$/,
  /\.settings\.docker\.requirements$/,
  /\.settings\.orchestrator[.:][\w-]+$/,
  /^\.resources\.(build\..*|tags|latest_run.*)$/,
]

/** What a rebuild with the next client must keep, on a real server of each release. */
export function describeCarryover(old: string, target: string): void {
  describe(`a snapshot of ${old}`, () => {
    let directory: string
    let server: TestServer

    afterEach(async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    })

    it(`shows no difference when it is rebuilt with ${target} at its own commit`, async () => {
      directory = await mkdtemp(join(tmpdir(), 'carryover-test-'))
      await cp(PIPELINES, join(directory, 'code'), { recursive: true })
      const data = join(directory, 'server')
      server = await startServer({ version: old, directory: data })
      await seedRemoteStack(server.admin, join(directory, 'artifacts'))
      await server.admin.post('/secrets', {
        name: 'warehouse',
        values: { user: 'u' },
        private: false,
      })
      const job = { op: 'snapshot', stack: 'remote', tags: ['t1', 't2'] } as const
      await clientJobs(server, {
        clientVersion: old,
        sourceRoot: join(directory, 'code'),
        jobs: [
          {
            ...job,
            source: 'carryover.training.nightly',
            name: 'configured',
            description: 'All of it',
            config: CONFIGURATION,
          },
          { ...job, source: 'carryover.training.training', name: 'plain' },
          { ...job, source: 'carryover.training.training', name: 'local', stack: 'default' },
        ],
      })
      const planned = await planSnapshots(depsFor(server, directory, target))
      expect(planned).toMatchObject({ code: 'snapshots-planned', details: { planned: 3 } })
      await server.stop()
      server = await startServer({ version: target, directory: data, apiKey: server.apiKey })
      const before = await namedSnapshots(server)
      const outcome = await rebuildSnapshots(depsFor(server, directory, target))
      expect(outcome).toMatchObject({ code: 'snapshots-rebuilt', details: { rebuilt: 3 } })
      for (const report of [...planned.details.snapshots, ...outcome.details.snapshots])
        expect(report['not-checked'].join(' ')).not.toMatch(/recorded/)
      const after = await namedSnapshots(server)
      for (const [name, recorded] of before) {
        const changed = changedPaths(recorded, after.get(name))
        expect(changed.filter((path) => !RENEWED.some((known) => known.test(path)))).toEqual([])
      }
      expect(after.get('configured')?.['metadata']).toMatchObject({
        pipeline_configuration: {
          success_hook_source: { module: 'carryover.hooks', attribute: 'celebrate', type: 'user' },
          failure_hook_source: { module: 'carryover.hooks', attribute: 'alarm', type: 'user' },
          settings: {
            docker: { requirements: [`zenml==${target}`, 'pandas'] },
            'orchestrator:remote-orchestrator': { memory: '2G', labels: { team: 'churn' } },
          },
        },
      })
    })
  })
}
