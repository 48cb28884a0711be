import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { prepareClient, type ClientEnvironment } from '../../src/zenml-client/environment.ts'
import { findUv } from '../../src/zenml-client/uv.ts'
import { Stop } from '../../src/core/stop.ts'
import { createLog } from '../../src/runtime/log.ts'
import type { Machine } from '../../src/runtime/runtime.ts'
import { explainRun } from '../../src/runs/explain.ts'
import { markRuns, runsSince, stopRunsSince } from '../../src/runs/since.ts'
import { runSmokeSuites } from '../../src/smoke/smoke.ts'
import type { SmokeVerdict } from '../../src/smoke/combine.ts'
import { currentUserSchema } from '../../src/zenml/entities.ts'
import { projects } from '../../src/zenml/inventory.ts'
import { connect } from '../../src/zenml/server.ts'
import type { ZenmlServer } from '../../src/zenml/types.ts'
import { leaksIn, PLANTED_ENV, plantedText } from '../support/planted-secrets.ts'
import { seedRemoteStack } from '../support/seed.ts'
import { kindOf } from '../support/github-rows.ts'
import { team, type Team } from '../support/team.ts'
import {
  NEW,
  OLD,
  PYTHON_SUPPORT,
  startServer,
  testCache,
  type TestServer,
} from '../support/zenml.ts'

// pytest suites that run pipelines on a real server, with a client that the tool prepared.

const SUITES = join(import.meta.dirname, '..', 'fixtures', 'smoke-suites')
const machine: Machine = {
  // Compiled modules go to a place of their own: what they are made from is a folder of this
  // repository.
  env: { ...process.env, PYTHONPYCACHEPREFIX: join(testCache(), 'bytecode') },
  log: createLog({ write: () => undefined, github: false, colour: false }),
  signal: new AbortController().signal,
  now: () => new Date(),
  monotonic: () => performance.now() / 1000,
  sleep: (seconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, seconds * 1000)
    }),
}

let server: TestServer
let api: ZenmlServer
let stack: string
const clients = new Map<string, ClientEnvironment>()

beforeAll(async () => {
  server = await startServer({ version: NEW })
  api = connect({ url: server.url, apiKey: server.apiKey, machine })
  const cacheDirectory = join(testCache(), 'clients')
  const uv = await findUv(machine, cacheDirectory)
  stack = await sharedStack(server)
  for (const zenmlVersion of [NEW, OLD]) {
    clients.set(
      zenmlVersion,
      await prepareClient({
        machine,
        uv,
        zenmlVersion,
        python: '3.11',
        requirements: [join(SUITES, 'requirements.txt')],
        integrations: [],
        extras: [],
        indexEnv: [],
        cacheDirectory,
      }),
    )
  }
}, 600_000)
afterAll(() => server.stop(), 30_000)

function suite(
  file: string,
  { timeout = 180, client = NEW, signal = machine.signal } = {},
): Promise<SmokeVerdict> {
  return runSmokeSuites(
    {
      suites: [{ command: `python -m pytest -q ${file}`, timeout }],
      server: { url: server.url, apiKey: server.apiKey },
      serverVersion: NEW,
      retries: 0,
      withhold: [],
      logDirectory: join(server.directory, 'logs'),
    },
    {
      machine: {
        ...machine,
        signal,
        env: {
          ...machine.env,
          ZENML_ACTIVE_STACK_ID: stack,
          PYTHONPATH: PYTHON_SUPPORT,
          HANGS_MARKER: join(server.directory, 'hangs'),
        },
      },
      prepare: () => {
        const prepared = clients.get(client)
        if (prepared === undefined) throw new Error(`no client of ${client} was prepared`)
        return Promise.resolve({ source: 'churn', sourceRoot: SUITES, client: prepared })
      },
      markRuns: async () => {
        const { id: user } = await api.get('/current-user', currentUserSchema)
        const marks = await Promise.all((await projects(api)).map(({ id }) => markRuns(api, id)))
        return {
          reports: async () =>
            Promise.all(
              (await Promise.all(marks.map((mark) => runsSince(api, mark, user))))
                .flat()
                .map(({ id }) => explainRun(api, id, 'source')),
            ),
          stopOpen: async () =>
            (await Promise.all(marks.map((mark) => stopRunsSince(api, mark, user)))).flat(),
        }
      },
    },
  )
}

describe('a smoke suite on a real server', () => {
  it('is green, with the run that it made', async () => {
    const verdict = await suite('test_green.py')
    expect([verdict.reasonCode, verdict.summary]).toEqual(['smoke-passed', '1 test passed'])
    expect(verdict.details).toMatchObject({ total: 1, passed: 1, failed: 0, skipped: 0, flaky: 0 })
    expect(verdict.details.suites[0]?.runs).toMatchObject([
      { status: 'completed', 'zenml-version': NEW, 'all-cached': false },
    ])
  }, 240_000)

  it('is red, and names the test and what failed on the server', async () => {
    const verdict = await suite('test_red.py')
    expect([verdict.reasonCode, verdict.summary]).toEqual([
      'smoke-failed',
      '1 of 2 tests failed: test_red.test_fails_on_the_server',
    ])
    expect(verdict.details).toMatchObject({ total: 2, passed: 1, failed: 1 })
    expect(verdict.details.suites[0]?.runs).toMatchObject([
      {
        status: 'failed',
        'failed-step': 'count',
        exception: 'ValueError: the warehouse has no customers',
      },
    ])
    expect(
      verdict.details.suites[0]?.tests.find(({ status }) => status === 'failed')?.message,
    ).toContain('step(s): count')
  }, 240_000)

  it('is not green when it collects nothing', async () => {
    const verdict = await suite('test_empty.py')
    expect(verdict).toMatchObject({
      reasonCode: 'no-tests',
      details: { total: 0, suites: [{ 'exit-code': 5 }] },
    })
  }, 240_000)

  it('is not green when everything came from the cache', async () => {
    expect((await suite('test_cached.py')).reasonCode).toBe('smoke-passed')
    const verdict = await suite('test_cached.py')
    expect(verdict).toMatchObject({
      reasonCode: 'smoke-cached',
      details: { total: 1, passed: 1, suites: [{ runs: [{ 'all-cached': true }] }] },
    })
  }, 400_000)

  it('is not green when it used another ZenML than the server', async () => {
    const verdict = await suite('test_green.py', { client: OLD })
    expect(verdict.reasonCode).toBe('smoke-failed')
    expect(verdict.summary).toContain(`used ZenML ${OLD}, and the server is ${NEW}`)
  }, 240_000)

  it('that passes and leaves a run open lists it as what it is', async () => {
    const verdict = await suite('test_leaves_run_open.py')
    const marker = join(server.directory, 'hangs')
    process.kill(-Number(await readFile(`${marker}.pid`, 'utf8')), 'SIGKILL')
    await rm(marker)
    expect(verdict.reasonCode).toBe('smoke-passed')
    const [run] = verdict.details.suites[0]?.runs ?? []
    expect(run).toMatchObject({ status: 'running' })
    expect(run?.name).toMatch(/^hanging-/)
  }, 240_000)

  it('that is stopped from outside names the run that it left on the server', async () => {
    const controller = new AbortController()
    const ended = expect(suite('test_hangs.py', { signal: controller.signal })).rejects.toThrow(
      /smoke suite of churn ran: hanging-\S+ \([0-9a-f-]{36}\) (was told to stop|may still run)/,
    )
    while (!existsSync(join(server.directory, 'hangs'))) await machine.sleep(0.2)
    controller.abort(new Stop('cancelled', 'stopped by SIGTERM'))
    await ended
  }, 240_000)

  it('is stopped when its time is over, and nothing counts as measured', async () => {
    const verdict = await suite('test_sleeps.py', { timeout: 8 })
    expect(verdict).toMatchObject({
      reasonCode: 'smoke-timeout',
      details: {
        total: null,
        passed: null,
        failed: null,
        skipped: null,
        flaky: null,
        suites: [{ 'exit-code': null, tests: [] }],
      },
    })
  }, 240_000)
})

describe('what the suite found out, on GitHub', () => {
  const SUITE = 'python -m pytest -q test_ok.py'
  let place: Team
  beforeAll(async () => {
    place = await team()
    const file = place.config(
      `sources: [{ name: churn, path: ., install: { requirements: [requirements.txt] } }]\n`,
    )
    place.push('staging', {
      'zenml-upgrade.yml': file
        .replace(/staging: { server: "[^"]+"/, `staging: { server: "${server.url}"`)
        .replace('pytest -q tests/smoke', SUITE),
      'requirements.txt': 'pytest==8.4.2\n',
      'test_ok.py': 'def test_ok():\n    assert True\n',
    })
    place.start('staging')
  })
  afterAll(() => place.close())

  const run = (...more: string[]) =>
    place.run(['run-smoke-suite', '--environment', 'staging', ...more], {
      env: { ZENML_STORE_API_KEY: server.apiKey },
    })
  const rows = () => place.repository.deployments.map(kindOf)

  it('is no evidence where the command was another than that of the file', async () => {
    const { outputs, result } = await run('--command', SUITE)
    expect(outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'smoke-passed',
      passed: '1',
    })
    expect(result?.attempt).toBeNull()
    expect(rows()).toEqual(['lock'])
  }, 300_000)

  it('writes no secret that the suite prints or puts into its report', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'planted-suite-'))
    const planted = join(directory, 'planted.txt')
    await writeFile(planted, plantedText())
    const reports = join(directory, 'report')
    const command = `cat "$PLANTED"; python -c '
import os, xml.sax.saxutils as xml
text = open(os.environ["PLANTED"]).read()
case = "<testcase name=%s><failure message=%s/></testcase>" % (xml.quoteattr(text), xml.quoteattr(text))
open(os.environ["SMOKE_JUNIT_FILE"], "w").write("<testsuite>" + case + "</testsuite>")'; exit 1`
    const { log, outputs, result, summary } = await place.run(
      ['run-smoke-suite', '--environment', 'staging', '--command', command],
      {
        env: {
          ...PLANTED_ENV,
          PLANTED: planted,
          'INPUT_GITHUB-TOKEN': 'ghs_job',
          GH_TOKEN: PLANTED_ENV['INPUT_GITHUB-TOKEN'] ?? '',
          ZENML_STORE_API_KEY: server.apiKey,
        },
        reports,
      },
    )
    const file = await readFile(outputs['result'] ?? '', 'utf8')
    await rm(directory, { recursive: true })
    expect(result).toMatchObject({ 'reason-code': 'smoke-failed' })
    expect(log).toContain('plain *** end')
    expect(file).toContain('plain *** end')
    const shown = log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    const { deployments } = place.repository
    const all = [...shown, JSON.stringify({ outputs, deployments }), summary, file].join('\n')
    expect(leaksIn(all).filter((kind) => kind !== 'API key')).toEqual([])
    expect(all).not.toContain(server.apiKey)
  }, 300_000)

  it('stands where GitHub does not take it into the record, which is told', async () => {
    place.state.faults.push({
      method: 'POST',
      route: '/repos/{owner}/{repo}/deployments',
      times: null,
      answer: { status: 403, body: { message: 'Resource not accessible by integration' } },
    })
    const { exitCode, outputs, result, log } = await run()
    place.state.faults = []
    expect({ exitCode, outputs }).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'success', 'reason-code': 'smoke-passed' },
    })
    expect(log).toContain('what was found out is not in the record')
    expect(log).toContain('deployments: write')
    expect(result?.attempt).toBeNull()
    expect(rows()).toEqual(['lock'])
  }, 300_000)

  it('is in the record of exactly this content', async () => {
    const { result } = await run()
    expect(result?.attempt).not.toBeNull()
    expect(rows()).toEqual(['lock', 'attempt', 'journal'])
  }, 300_000)
})

/**
 * Pipelines run here, and their artifacts lie in a store that is the same for every client, as a
 * bucket is.
 */
async function sharedStack({ admin, directory }: TestServer): Promise<string> {
  await seedRemoteStack(admin, join(directory, 'artifacts'))
  const id = async (type: string, name: string) =>
    (await admin.get('/components', { type, name })).items[0]?.id
  const components = {
    orchestrator: [await id('orchestrator', 'default')],
    artifact_store: [await id('artifact_store', 'remote-artifact_store')],
  }
  return (await admin.post('/stacks', { name: 'shared', components })).id
}
