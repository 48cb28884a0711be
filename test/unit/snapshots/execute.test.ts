import { afterEach, expect, it } from '@jest/globals'
import { closeHttp } from '../../../src/http/http.ts'
import type { SelectedSnapshot } from '../../../src/snapshots/discovered.ts'
import { executeEach } from '../../../src/snapshots/execute.ts'
import { currentReport } from '../../../src/snapshots/reports.ts'
import { withTally } from '../../../src/snapshots/tally.ts'
import { connect } from '../../../src/zenml/server.ts'
import {
  httpServer,
  type HttpTestServer,
  type Reply,
  type SeenRequest,
} from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'
import { snapshotsDepsFor } from '../../support/snapshots-deps.ts'
import { discovered, file } from './example.ts'

let fake: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await fake.close()
})

const BUSY: Reply = { status: 429, json: { detail: ['MaxConcurrentTasksError', 'Maximum number'] } }
const run = (id: string) => ({
  id,
  name: `name-${id}`,
  body: { created: '2026-11-23T10:00:00', status: 'completed', project_id: 'p1' },
  metadata: { orchestrator_environment: { zenml_version: '0.98.0' } },
  resources: {},
})

function answer({ method, path }: SeenRequest): Reply {
  if (path === '/api/v1/info')
    return { json: { id: 's', version: '0.98.0', deployment_type: 'other' } }
  if (path === '/api/v1/projects/p1') return { json: { id: 'p1', name: 'default' } }
  if (path.endsWith('/status')) return { json: 'completed' }
  if (path.endsWith('/steps'))
    return { json: { index: 1, max_size: 100, total_pages: 1, total: 0, items: [] } }
  return { json: run(method === 'POST' ? 'r1' : (path.split('/').at(-1) ?? '')) }
}

/** Runs snapshots as the file declares them. */
async function execute(
  handle: (request: SeenRequest, count: number) => Reply,
  snapshots: readonly Record<string, unknown>[],
) {
  fake = await httpServer(handle)
  const machine = testMachine()
  const config = file({ snapshots })
  const deps = {
    ...snapshotsDepsFor({
      server: { url: fake.url, apiKey: '' },
      directory: '/nowhere',
      target: '0.98.0',
      root: { directory: '/nowhere', commit: undefined },
      parallel: 1,
      machine,
    }),
    server: connect({ url: fake.url, machine }),
  }
  const [source] = config.sources
  if (source === undefined) throw new Error('no source')
  const candidates = config.snapshots.map((declaration) => {
    const selected: SelectedSnapshot = {
      snapshot: discovered(declaration.name),
      source,
      declaration,
    }
    return { selected, report: currentReport(selected) }
  })
  const reports = await withTally(machine, ['run', candidates.length], (tally) =>
    executeEach(deps, candidates, tally),
  )
  return { machine, reports: new Map(reports.map((report) => [report.name, report])) }
}

it('waiting for a free slot does not count against the time-out of the snapshot', async () => {
  const { machine, reports } = await execute(
    (request, count) =>
      request.method === 'POST' && request.path.endsWith('/runs') && count < 4
        ? BUSY
        : answer(request),
    [{ name: 'training', timeout: '10s' }],
  )
  expect(machine.slept.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(20)
  expect(reports.get('training')).toMatchObject({ status: 'executed' })
  expect(machine.lines.filter((line) => line.includes('free slot'))).toEqual([
    'training waits for a free slot on the server',
  ])
})

it('names that one snapshot does not have are found before another one is started', async () => {
  const { machine, reports } = await execute(answer, [
    { name: 'training' },
    { name: 'wrong', smoke: { steps: { laod: {} } } },
  ])
  expect(reports.get('wrong')).toMatchObject({
    status: 'failed',
    'failed-at': 'execute',
    message: '`smoke.steps` names steps that the pipeline does not have: laod.',
  })
  expect(reports.get('training')?.status).toBe('executed')
  expect(machine.lines.findIndex((line) => line.includes('wrong failed'))).toBe(0)
})
