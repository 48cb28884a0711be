import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import type { SnapshotReport } from '../../src/result/snapshots.ts'
import type { SnapshotsDeps } from '../../src/snapshots/deps.ts'
import {
  executeSnapshots,
  rebuildAndExecuteSnapshots,
  rebuildSnapshots,
  type SnapshotsOutcome,
} from '../../src/snapshots/modes.ts'
import { realMachine } from '../support/real-machine.ts'
import { clientJobs, PIPELINES, seededOldServer, type SeededData } from '../support/seed.ts'
import { snapshotsDepsFor } from '../support/snapshots-deps.ts'
import { NEW, OLD, PYTHON_SUPPORT, startServer, type TestServer } from '../support/zenml.ts'

// Runs that a real server starts: each in the Python environment of its build's version, which
// stands for the image.

jest.setTimeout(900_000)

/** Says something, then fails with every client, or with the new one only. */
const pipelineCode = (name: string, fails: string) => `
import zenml
from zenml import pipeline, step

@step(enable_cache=False)
def load(rows: int = 3) -> int:
    return rows

@step(enable_cache=False)
def work(rows: int) -> int:
    for row in range(40):
        print(f"row {row} with the token canary-token-1234")
    if ${fails}:
        raise RuntimeError("no rows with ZenML " + zenml.__version__)
    return rows

@pipeline(name="${name}")
def ${name}():
    work(load())
`

let seeded: SeededData
let directory: string
let code: string
let server: TestServer
const lines: string[] = []

function deps(
  file: Record<string, unknown>,
  changes: Partial<SnapshotsDeps> & { client?: string } = {},
): SnapshotsDeps {
  const { client = NEW, ...others } = changes
  const machine = realMachine({ ...process.env, PYTHONPATH: PYTHON_SUPPORT })
  const note = (line: string) => lines.push(line)
  const made = snapshotsDepsFor({
    server,
    directory,
    target: NEW,
    root: { directory: code, commit: undefined },
    client,
    file,
    machine: { ...machine, log: { ...machine.log, info: note, fail: note, pass: note } },
  })
  return { ...made, ...others }
}

const ALL = ['training', 'scoring', 'report', 'local-report', 'broken', 'moved-on']

function only(...names: string[]): Record<string, unknown> {
  const others = ALL.filter((name) => !names.includes(name))
  return { exclude: others.map((pattern) => ({ pattern, reason: 'not this time' })) }
}

function report(outcome: SnapshotsOutcome, name: string): SnapshotReport {
  const found = outcome.details.snapshots.find((snapshot) => snapshot.name === name)
  if (found === undefined) throw new Error(`no report of ${name}`)
  return found
}

async function idOf(name: string): Promise<string> {
  const { items } = await server.admin.get('/pipeline_snapshots', {
    project: 'default',
    named_only: 'true',
    name: `equals:${name}`,
    size: '10',
  })
  return items[0]?.id ?? ''
}

/** Starts a snapshot as a person does, and waits for its end. */
async function runByHand(name: string): Promise<string> {
  const { id } = await server.admin.post(`/pipeline_snapshots/${await idOf(name)}/runs`, {
    run_configuration: {},
  })
  for (;;) {
    const run = await server.admin.get(`/runs/${id}`, { hydrate: 'true' })
    const { body } = run as unknown as { body: { status: string } }
    if (['completed', 'failed'].includes(body.status)) return id
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snapshot-runs-test-'))
  code = join(directory, 'code')
  await cp(PIPELINES, code, { recursive: true })
  await mkdir(join(code, 'runs'))
  await writeFile(join(code, 'runs', 'broken.py'), pipelineCode('broken', 'True'))
  await writeFile(
    join(code, 'runs', 'moved_on.py'),
    pipelineCode('moved_on', `zenml.__version__ != "${OLD}"`),
  )
  seeded = await seededOldServer(join(directory, 'server'))
  const options = { directory: seeded.directory, apiKey: seeded.apiKey, workloadManager: true }
  server = await startServer({ version: OLD, ...options })
  await clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: code,
    jobs: [
      { op: 'snapshot', source: 'runs.broken.broken', stack: 'remote', name: 'broken' },
      { op: 'snapshot', source: 'runs.moved_on.moved_on', stack: 'remote', name: 'moved-on' },
    ],
  })
  await runByHand('broken')
  await runByHand('moved-on')
  await server.stop()
  server = await startServer({ version: NEW, ...options })
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

it('an old snapshot runs old code on the new server, and says so', async () => {
  const run = await server.admin.get(`/runs/${await runByHand('report')}`, { hydrate: 'true' })
  expect(run.metadata).toMatchObject({ orchestrator_environment: { zenml_version: OLD } })
})

it('a run that fails is explained by its log, and compared with the one before its rebuild', async () => {
  const outcome = await rebuildAndExecuteSnapshots(deps(only('broken', 'moved-on', 'report')))
  expect(report(outcome, 'report')).toMatchObject({
    status: 'executed',
    'executed-on': 'server',
    run: { status: 'completed', 'zenml-version': NEW },
  })
  const broken = report(outcome, 'broken')
  expect(broken).toMatchObject({
    status: 'failed',
    'failed-at': 'execute',
    'executed-on': 'server',
    run: { status: 'failed', 'zenml-version': NEW, 'failed-step': 'work' },
    'earlier-run': {
      of: 'snapshot',
      status: 'failed',
      'zenml-version': OLD,
      'failed-step': 'work',
    },
  })
  expect(broken.message).toMatch(
    new RegExp(
      `ended as failed in step work: RuntimeError: no rows with ZenML ${NEW}\\. It failed before its rebuild too: .* \\(20.* UTC, ZenML ${OLD}\\) ended as failed in step work: RuntimeError: no rows with ZenML ${OLD}\\.$`,
    ),
  )
  expect(broken['log-tail']?.length).toBeLessThanOrEqual(20)
  expect(broken['log-tail']?.join('\n')).toContain(`RuntimeError: no rows with ZenML ${NEW}`)
  const movedOn = report(outcome, 'moved-on')
  expect(movedOn.message).toMatch(
    new RegExp(`The last run before its rebuild, .* \\(20.* UTC, ZenML ${OLD}\\), completed\\.`),
  )
  expect(outcome).toMatchObject({ code: 'snapshots-failed', details: { failed: 2, executed: 1 } })
})

it('a later command finds the run before the rebuild by the record of the rebuild, else by the pipeline', async () => {
  const rebuilt = await rebuildSnapshots(deps(only('scoring', 'training')))
  const made = report(rebuilt, 'scoring')
  expect(made.status).toBe('rebuilt')
  const file = {
    ...only('scoring', 'moved-on'),
    snapshots: [{ name: 'scoring', smoke: { steps: { load: { parameters: { rows: 0 } } } } }],
  }
  const outcome = await executeSnapshots(
    deps(file, { predecessors: new Map([[made['new-id'] ?? '', made['old-id']]]) }),
  )
  expect(report(outcome, 'scoring').message).toMatch(
    /There is no run from before its rebuild to compare it with\.$/,
  )
  expect(report(outcome, 'moved-on').message).toMatch(
    /The last run of its pipeline with another client, .*, completed\./,
  )
})

it('names that the pipeline does not have are refused before anything is started', async () => {
  const runs = async () =>
    (await server.admin.get('/runs', { project: 'default', size: '1' })).total
  const before = await runs()
  const outcome = await executeSnapshots(
    deps({
      ...only('report', 'scoring'),
      snapshots: [
        { name: 'report', smoke: { steps: { laod: { parameters: { rows: 1 } } } } },
        { name: 'scoring', smoke: { steps: { load: { parameters: { rwos: 1 } } } } },
      ],
    }),
  )
  expect(report(outcome, 'report').message).toMatch(/does not have: laod\.$/)
  expect(report(outcome, 'scoring').message).toMatch(/does not have: rwos\.$/)
  expect(await runs()).toBe(before)
})

it('the server itself ignores a step that it does not know, and refuses a parameter', async () => {
  const start = async (steps: Record<string, unknown>) =>
    fetch(`${server.url}/api/v1/pipeline_snapshots/${await idOf('report')}/runs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${seeded.apiKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ run_configuration: { steps } }),
    })
  const unknownStep = await start({ laod: { parameters: { rows: 1 } } })
  expect(unknownStep.status).toBe(200)
  const unknownParameter = await start({ load: { parameters: { rwos: 1 } } })
  expect(unknownParameter.status).toBe(400)
  expect(await unknownParameter.text()).toContain('unknown parameters for step load')
})

it('a runner that does not start is explained by its own log', async () => {
  await writeFile(join(seeded.directory, 'workloads', 'refuse'), '')
  try {
    const outcome = await executeSnapshots(deps(only('report')))
    expect(report(outcome, 'report')).toMatchObject({
      status: 'failed',
      run: { status: 'failed', 'failed-step': null, exception: 'Failed to start run.' },
    })
    expect(report(outcome, 'report')['log-tail']).toEqual(['Starting pipeline run.'])
  } finally {
    await rm(join(seeded.directory, 'workloads', 'refuse'))
  }
})

it('a snapshot waits for a free slot, and says so', async () => {
  lines.length = 0
  const slow = { load: { parameters: { seconds: 8 } } }
  const outcome = await executeSnapshots({
    ...deps({
      ...only('training', 'scoring', 'report'),
      snapshots: [
        { name: 'report', smoke: { steps: slow } },
        { name: 'scoring', smoke: { steps: slow } },
        { name: 'training', timeout: '3m' },
      ],
    }),
    parallel: 3,
  })
  expect(lines).toContainEqual(expect.stringMatching(/waits for a free slot on the server$/))
  expect(outcome.details).toMatchObject({ executed: 3, failed: 0 })
})
