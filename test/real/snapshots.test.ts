import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import type { SnapshotReport } from '../../src/result/snapshots.ts'
import { Stop } from '../../src/core/stop.ts'
import type { SnapshotsDeps } from '../../src/snapshots/deps.ts'
import {
  executeSnapshots,
  planSnapshots,
  rebuildAndExecuteSnapshots,
  rebuildSnapshots,
  type SnapshotsOutcome,
} from '../../src/snapshots/modes.ts'
import { realMachine } from '../support/real-machine.ts'
import {
  clientJobs,
  PIPELINES,
  seededOldServer,
  seedRemoteStack,
  type SeededData,
} from '../support/seed.ts'
import {
  NEW,
  OLD,
  PYTHON_SUPPORT,
  startServer,
  type Json,
  type TestServer,
} from '../support/zenml.ts'
import { snapshotsDepsFor } from '../support/snapshots-deps.ts'

jest.setTimeout(600_000)

/** Pipelines that an upgrade breaks, each in its own way. */
const TROUBLE = `
import zenml
from zenml import pipeline, step

@step(enable_cache=False)
def load() -> int:
    return 1

@step(enable_cache=False)
def fragile_step(rows: int) -> int:
    if zenml.__version__ != "${OLD}":
        raise RuntimeError("no such attribute in ZenML " + zenml.__version__)
    return rows

@pipeline(name="fragile")
def fragile():
    fragile_step(load())
`
/**
 * Code that went on since its snapshot was made: it passes a parameter itself now, and has lost
 * another and a step.
 */
const moving = (call: string, parameters: string, more: string) => `
from zenml import pipeline, step

@step
def work(${parameters}) -> int:
    return n

@step
def extra() -> int:
    return 1

@pipeline(name="moving", tags=["of-code"])
def moving(scale: int = 1):
    work(${call})
    ${more}
`
const MOVED =
  'The code is that of another snapshot: `trouble.moving.moving` has the steps work, and the snapshot has extra, work'
const GONE = TROUBLE.replaceAll('fragile', 'gone')

let seeded: SeededData
let directory: string
let code: string
let server: TestServer
let triggerId: string
let before: Map<string, Json>

const entries = {
  snapshots: [
    {
      name: 'training',
      config: { staging: 'configs/staging.yaml', production: 'configs/production.yaml' },
    },
  ],
}

function deps(
  file: Record<string, unknown> = {},
  {
    client = NEW,
    signal = new AbortController().signal,
  }: { client?: string; signal?: AbortSignal } = {},
): SnapshotsDeps {
  return snapshotsDepsFor({
    server,
    directory,
    target: NEW,
    root: { directory: code, commit: undefined },
    client,
    file: { ...entries, ...file },
    machine: realMachine({ ...process.env, PYTHONPATH: PYTHON_SUPPORT }, signal),
  })
}

function only(...names: string[]): Record<string, unknown> {
  const others = [
    'training',
    'scoring',
    'report',
    'local-report',
    'fragile',
    'gone',
    'doomed',
    'victim',
    'moving',
  ].filter((name) => !names.includes(name))
  return { exclude: others.map((pattern) => ({ pattern, reason: 'not this time' })) }
}

function report(outcome: SnapshotsOutcome, name: string): SnapshotReport {
  const found = outcome.details.snapshots.find((snapshot) => snapshot.name === name)
  if (found === undefined) throw new Error(`no report of ${name}`)
  return found
}

async function named(): Promise<Map<string, Json>> {
  const { items } = await server.admin.get('/pipeline_snapshots', {
    project: 'default',
    named_only: 'true',
    hydrate: 'true',
    sort_by: 'asc:created',
    size: '100',
  })
  return new Map(items.map((item) => [item.name, item]))
}

async function createTrigger(name: string, snapshot: Json | undefined): Promise<string> {
  const schedule = {
    type: 'schedule',
    flavor: 'native schedule',
    cron_expression: '0 3 * * *',
    active: true,
    concurrency: 'skip',
  }
  return (
    await server.admin.post('/triggers', {
      name,
      project: snapshot?.body['project_id'],
      ...schedule,
    })
  ).id
}

/** Ids of the triggers that start a snapshot. */
async function attached(snapshotId: string | undefined): Promise<string[]> {
  return (
    await server.admin.get('/triggers', { project: 'default', snapshot_id: snapshotId ?? '' })
  ).items.map(({ id }) => id)
}

interface Recorded {
  pipeline_configuration: { parameters: unknown }
  step_configurations: Record<string, { config: { parameters: unknown } }>
  description: string
  run_name_template: string
}
function carried({ metadata, resources }: Json) {
  const recorded = metadata as unknown as Recorded
  return {
    parameters: recorded.pipeline_configuration.parameters,
    steps: Object.entries(recorded.step_configurations).map(([name, { config }]) => [
      name,
      config.parameters,
    ]),
    description: recorded.description,
    runName: recorded.run_name_template,
    tags: (resources?.['tags'] as { name: string }[]).map(({ name }) => name).sort(),
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snapshots-test-'))
  code = join(directory, 'code')
  await cp(PIPELINES, code, { recursive: true })
  await mkdir(join(code, 'trouble'))
  await writeFile(join(code, 'trouble', 'fragile.py'), TROUBLE)
  await writeFile(join(code, 'trouble', 'gone.py'), GONE)
  await writeFile(
    join(code, 'trouble', 'moving.py'),
    moving('', 'n: int = 1, kept: int = 2, dropped: int = 3', 'extra()'),
  )
  seeded = await seededOldServer(join(directory, 'server'))
  server = await startServer({
    version: OLD,
    directory: seeded.directory,
    apiKey: seeded.apiKey,
    workloadManager: true,
  })
  const { stackId } = await seedRemoteStack(server.admin, join(directory, 'artifacts'), 'doomed')
  await clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: code,
    jobs: [
      { op: 'snapshot', source: 'trouble.fragile.fragile', stack: 'remote', name: 'fragile' },
      { op: 'snapshot', source: 'trouble.gone.gone', stack: 'remote', name: 'gone' },
      { op: 'snapshot', source: 'churn.report.report', stack: 'doomed', name: 'doomed' },
      {
        op: 'snapshot',
        source: 'trouble.moving.moving',
        stack: 'default',
        name: 'moving',
        config: {
          parameters: { scale: 4 },
          tags: ['of-file'],
          steps: { work: { parameters: { n: 7, kept: 8 } } },
        },
      },
      { op: 'snapshot', source: 'churn.report.report', stack: 'default', name: 'victim' },
    ],
  })
  await server.admin.delete(`/stacks/${stackId}`)
  await rm(join(code, 'trouble', 'gone.py'))
  await writeFile(
    join(code, 'trouble', 'moving.py'),
    moving('n=9', 'n: int = 1, kept: int = 0', ''),
  )
  before = await named()
  const training = before.get('training')
  triggerId = await createTrigger('nightly', training)
  await server.admin.put(`/triggers/${triggerId}/pipeline_snapshots/${training?.id ?? ''}`, null)
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

describe('before the upgrade', () => {
  it('plans every snapshot with the new client, and finds what will not work', async () => {
    const outcome = await planSnapshots(
      deps({
        snapshots: [
          ...entries.snapshots,
          { name: 'reprot' },
          { name: 'victim', config: { staging: 'configs/none.yaml' } },
        ],
      }),
    )
    expect(outcome).toMatchObject({
      code: 'snapshots-failed',
      details: { mode: 'plan', discovered: 9, planned: 5, failed: 5, rebuilt: null, lost: null },
    })
    for (const name of ['training', 'scoring', 'report', 'local-report', 'fragile'])
      expect(report(outcome, name)).toMatchObject({
        status: 'planned',
        'version-before': OLD,
        'version-after': null,
      })
    expect(report(outcome, 'training')).toMatchObject({
      declared: true,
      stack: 'remote',
      'not-checked': expect.arrayContaining([
        'The image build.',
        'The contact with the orchestrator.',
      ]) as unknown,
    })
    expect(report(outcome, 'local-report')['not-checked']).toEqual([])
    for (const name of ['gone', 'doomed', 'moving', 'reprot', 'victim'])
      expect(report(outcome, name)).toMatchObject({ status: 'failed', 'failed-at': 'plan' })
    expect(report(outcome, 'gone').message).toMatch(/cannot be imported.*trouble\.gone/)
    expect(report(outcome, 'doomed').message).toBe('Its stack was deleted.')
    expect(report(outcome, 'moving').message).toBe(MOVED)
    expect(report(outcome, 'reprot').message).toMatch(/Nearest are default\/churn_report\/report/)
    expect(report(outcome, 'victim').message).toMatch(
      /^The configuration file configs\/none\.yaml is not there: /,
    )
    expect(await named()).toEqual(before)
  })
})

describe('after the upgrade', () => {
  beforeAll(async () => {
    await server.stop()
    server = await startServer({
      version: NEW,
      directory: seeded.directory,
      apiKey: seeded.apiKey,
      workloadManager: true,
    })
  })

  it('catches an old client in the environment, and a snapshot that is deleted meanwhile', async () => {
    const some = deps(only('report'), { client: OLD })
    const outcome = await rebuildSnapshots({
      ...some,
      prepareClient: async (needs) => {
        await server.admin.delete(`/pipeline_snapshots/${before.get('victim')?.id ?? ''}`)
        return some.prepareClient(needs)
      },
    })
    expect(report(outcome, 'report')).toMatchObject({
      status: 'failed',
      'failed-at': 'rebuild',
      'version-after': OLD,
      message: `The command succeeded but the snapshot still carries ${OLD}: the client in the environment is old.`,
    })
    expect(report(outcome, 'victim')).toMatchObject({ status: 'lost' })
    expect(outcome.code).toBe('snapshots-lost')
  })

  it('rebuilds all that can be, with the new client and everything else as it was', async () => {
    const outcome = await rebuildSnapshots(deps())
    const now = await named()
    for (const name of ['training', 'scoring', 'report', 'local-report', 'fragile']) {
      expect(report(outcome, name)).toMatchObject({
        status: 'rebuilt',
        'version-before': OLD,
        'version-after': NEW,
        'new-id': now.get(name)?.id,
      })
      expect(now.get(name)?.id).not.toBe(before.get(name)?.id)
    }
    for (const name of ['scoring', 'report', 'local-report', 'fragile'])
      expect(carried(now.get(name) as Json)).toEqual(carried(before.get(name) as Json))
    expect(carried(now.get('training') as Json)).toMatchObject({
      parameters: { threshold: 0.4 },
      description: 'Nightly training',
      tags: ['churn', 'nightly'],
    })
    expect(carried(now.get('training') as Json).steps).toContainEqual([
      'load',
      { rows: 10, seconds: 0 },
    ])
    expect(report(outcome, 'gone')).toMatchObject({
      status: 'failed',
      'failed-at': 'rebuild',
      'version-after': null,
    })
    expect(report(outcome, 'moving')).toMatchObject({ status: 'failed', message: MOVED })
    expect(now.get('moving')?.id).toBe(before.get('moving')?.id)
    expect(outcome).toMatchObject({ code: 'snapshots-failed', details: { rebuilt: 5 } })
  })

  it('has moved the trigger to the new snapshot', async () => {
    const training = (await named()).get('training')
    expect(await attached(training?.id)).toEqual([triggerId])
    expect(await attached(before.get('training')?.id)).toEqual([])
  })

  it('finishes a move of a trigger that a killed run left open', async () => {
    const training = (await named()).get('training')
    const some = deps(only('training'))
    await server.admin.delete(`/triggers/${triggerId}/pipeline_snapshots/${training?.id ?? ''}`)
    await some.triggerMoves.begin({
      'trigger-id': triggerId,
      'trigger-name': 'nightly',
      snapshot: 'default/churn_training/training',
      'old-id': before.get('training')?.id ?? '',
      'run-configuration': null,
    })
    expect((await rebuildSnapshots(some)).code).toBe('nothing-to-rebuild')
    expect(await attached(training?.id)).toEqual([triggerId])
    expect(await some.triggerMoves.open()).toEqual([])
  })

  it('finds nothing to do the second time', async () => {
    const outcome = await rebuildSnapshots(
      deps(only('training', 'scoring', 'report', 'local-report', 'fragile')),
    )
    expect(outcome).toMatchObject({
      code: 'nothing-to-rebuild',
      details: { rebuilt: 0, failed: 0 },
    })
    expect(report(outcome, 'training')).toMatchObject({
      status: 'current',
      'version-after': NEW,
      'new-id': null,
    })
  })

  it('runs them with the new client: on the server what it can start, from source what it cannot', async () => {
    const outcome = await executeSnapshots(
      deps({
        ...only('training', 'local-report', 'fragile'),
        snapshots: [
          { name: 'training', smoke: { steps: { load: { parameters: { rows: 7 } } } } },
          { name: 'local-report', smoke: { parameters: { title: 'Smoke' } } },
        ],
      }),
    )
    expect(report(outcome, 'training')).toMatchObject({
      status: 'executed',
      'executed-on': 'server',
      run: { status: 'completed', 'zenml-version': NEW, 'all-cached': false },
    })
    expect(report(outcome, 'local-report')).toMatchObject({
      status: 'executed',
      'executed-on': 'source',
      run: { status: 'completed', 'zenml-version': NEW },
    })
    const fragile = report(outcome, 'fragile')
    expect(fragile).toMatchObject({
      status: 'failed',
      'failed-at': 'execute',
      'executed-on': 'server',
      run: { status: 'failed', 'failed-step': 'fragile_step' },
    })
    expect(fragile.message).toBe(
      `The run ${fragile.run?.name ?? ''} (${fragile.run?.id ?? ''}) ended as failed in step fragile_step: RuntimeError: no such attribute in ZenML ${NEW}. There is no run from before its rebuild to compare it with.`,
    )
    expect(outcome).toMatchObject({ code: 'snapshots-failed', details: { executed: 2, failed: 1 } })
    const smoke = await server.admin.get(
      `/runs/${report(outcome, 'training').run?.id ?? ''}/steps`,
      { hydrate: 'true' },
    )
    expect(JSON.stringify(smoke.items.find(({ name }) => name === 'load'))).toContain(
      '"item_count":7',
    )
  })

  it('executes what is declared only, and refuses a step that is not there', async () => {
    const outcome = await executeSnapshots(
      deps({
        ...only('training', 'report'),
        execute: { staging: 'declared', production: 'none' },
        snapshots: [{ name: 'training', smoke: { steps: { laod: {} } } }],
      }),
    )
    expect(report(outcome, 'report').status).toBe('current')
    expect(report(outcome, 'training').message).toBe(
      '`smoke.steps` names steps that the pipeline does not have: laod.',
    )
    const none = await executeSnapshots(
      deps({ ...only('report'), execute: { staging: 'none', production: 'none' } }),
    )
    expect(none.code).toBe('nothing-to-execute')
  })

  it('ends a run that takes too long, and says what became of it', async () => {
    const slow = {
      ...only('training'),
      snapshots: [
        {
          name: 'training',
          timeout: '5s',
          smoke: { steps: { load: { parameters: { seconds: 40 } } } },
        },
      ],
    }
    const { message } = report(await executeSnapshots(deps(slow)), 'training')
    expect(message).toMatch(
      /^The run did not end within 5 s, its status is \w+: .*(was told to stop|may still run)/,
    )
  })

  it('names the runs that were under way when it is stopped', async () => {
    const controller = new AbortController()
    const slow = {
      ...only('training'),
      snapshots: [
        { name: 'training', smoke: { steps: { load: { parameters: { seconds: 40 } } } } },
      ],
    }
    const some = deps(slow, { signal: controller.signal })
    // The first pause is the one between two looks at the run.
    const stopped = {
      ...some,
      machine: {
        ...some.machine,
        sleep: (seconds: number) => {
          controller.abort(new Stop('cancelled', 'Stopped.'))
          return some.machine.sleep(seconds)
        },
      },
    }
    await expect(executeSnapshots(stopped)).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringMatching(
        /Stopped while snapshots ran: .*(was told to stop|may still run)/,
      ) as unknown,
    })
  })

  it('rebuilds and executes in one go', async () => {
    await clientJobs(server, {
      clientVersion: OLD,
      sourceRoot: code,
      jobs: [
        {
          op: 'snapshot',
          source: 'churn.report.report',
          stack: 'remote',
          name: 'report',
          replace: true,
        },
      ],
    })
    const old = (await named()).get('report')
    const weekly = await createTrigger('weekly', old)
    await server.admin.put(`/triggers/${weekly}/pipeline_snapshots/${old?.id ?? ''}`, {
      steps: { load: { parameters: { rows: 3 } } },
    })
    const outcome = await rebuildAndExecuteSnapshots(deps(only('report')))
    expect(outcome).toMatchObject({
      code: 'snapshots-executed',
      details: { rebuilt: 1, executed: 1, failed: 0, lost: 0 },
    })
    expect(report(outcome, 'report')).toMatchObject({
      status: 'executed',
      'version-before': OLD,
      'version-after': NEW,
      run: { 'zenml-version': NEW },
    })
    // The server itself detaches a trigger from a snapshot that is replaced, and with it goes what
    // the trigger laid over.
    expect(await attached((await named()).get('report')?.id)).toEqual([weekly])
    const [copy] = (await server.admin.get(`/triggers/${weekly}`, { hydrate: 'true' })).resources?.[
      'executable_snapshots'
    ] as Json[]
    const started = carried(
      await server.admin.get(`/pipeline_snapshots/${copy?.id ?? ''}`, { hydrate: 'true' }),
    )
    expect(started.steps).toContainEqual(['load', { rows: 3, seconds: 0 }])
  })
})
