import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { loadConfig } from '../../src/config/load.ts'
import { runBundle } from '../support/bundle.ts'
import { PIPELINES, seededOldServer, type SeededData } from '../support/seed.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'

// Two real servers: an empty new one as staging, and one of a team with stacks, snapshots and a
// schedule as production.

let repository: string
let seeded: SeededData
let staging: TestServer
let production: TestServer

beforeAll(async () => {
  repository = await mkdtemp(join(tmpdir(), 'init-'))
  await cp(PIPELINES, join(repository, 'ml'), { recursive: true })
  execFileSync('git', ['init', '--quiet', '--initial-branch=staging', repository])
  seeded = await seededOldServer()
  const servers = await Promise.all([
    startServer({ version: NEW }),
    startServer({ version: OLD, directory: seeded.directory, apiKey: seeded.apiKey }),
  ])
  staging = servers[0]
  production = servers[1]
  await addSchedule(production)
}, 600_000)
afterAll(async () => {
  await Promise.all([staging.stop(), production.stop()])
  for (const folder of [repository, seeded.directory]) await rm(folder, { recursive: true })
}, 60_000)

async function addSchedule({ admin }: TestServer): Promise<void> {
  const first = async (path: string, query: Record<string, string> = {}) =>
    (await admin.get(path, query)).items[0]?.id
  const [project, pipeline, orchestrator] = [
    await first('/projects'),
    await first('/pipelines', { name: 'churn_training' }),
    await first('/components', { type: 'orchestrator', name: 'default' }),
  ]
  await admin.post('/schedules', {
    project,
    name: 'nightly',
    cron_expression: '0 3 * * *',
    active: true,
    catchup: false,
    pipeline_id: pipeline,
    orchestrator_id: orchestrator,
  })
}

describe('init on two real servers', () => {
  it('writes a file that the loader accepts, from what the servers have', async () => {
    const run = await runBundle(
      [
        'init',
        '--staging-server',
        staging.url,
        '--production-server',
        production.url,
        '--deploy',
        'command',
        '--ref',
        'c'.repeat(40),
      ],
      {
        cwd: repository,
        env: { ZENML_STAGING_API_KEY: staging.apiKey, ZENML_PRODUCTION_API_KEY: production.apiKey },
      },
    )
    expect(run.outputs).toMatchObject({ outcome: 'success', 'reason-code': 'initialised' })
    const config = await loadConfig(join(repository, 'zenml-upgrade.yml'))
    expect(config).toMatchObject({
      zenml: NEW,
      environments: {
        staging: { server: staging.url, backup: { sqlite: {} } },
        production: { server: production.url, backup: { sqlite: {} } },
      },
      sources: [{ path: 'ml', install: { requirements: ['tests/smoke/requirements.txt'] } }],
    })
    const text = await readFile(join(repository, 'zenml-upgrade.yml'), 'utf8')
    expect(text).toContain('#   remote: <its twin in staging>')
    expect(text).toContain('default/nightly')
    expect(text).not.toContain('# exclude:')
    expect(run.log).toContain(
      `production: ZenML ${OLD}; 2 stacks, 4 named snapshots and 1 schedule`,
    )
    expect(run.log).toContain('default/churn_training/training: module churn.training, in ml')
    expect(run.log).not.toContain(staging.apiKey)
  }, 120_000)

  it('writes a smoke suite that is green on the server, every time without its cache', async () => {
    const { command = '' } =
      (await loadConfig(join(repository, 'zenml-upgrade.yml'))).smoke[0] ?? {}
    const twice = await runBundle(
      ['run-smoke-suite', '--environment', 'staging', '--command', `${command} && ${command}`],
      { cwd: repository, env: { ZENML_STORE_API_KEY: staging.apiKey } },
    )
    expect([twice.outputs['reason-code'], twice.result?.summary]).toEqual([
      'smoke-passed',
      'staging: 2 tests passed',
    ])
    const ran = { status: 'completed', 'zenml-version': NEW, 'all-cached': false }
    expect(twice.result?.details).toMatchObject({
      total: 2,
      passed: 2,
      suites: [{ runs: [ran, ran] }],
    })
  }, 300_000)
})
