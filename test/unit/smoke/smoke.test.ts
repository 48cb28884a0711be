import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { RunReport } from '../../../src/result/run.ts'
import { smokeDetailsSchema } from '../../../src/result/smoke.ts'
import { Stop } from '../../../src/core/stop.ts'
import { createLog } from '../../../src/runtime/log.ts'
import { runSmokeSuites, type SmokeDeps, type SmokePlan } from '../../../src/smoke/smoke.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smoke-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const run: RunReport = {
  id: 'r1',
  name: 'training-1',
  status: 'completed',
  'zenml-version': '0.98.0',
  'all-cached': true,
  'failed-step': null,
  exception: null,
  url: null,
}

function deps(runs: readonly RunReport[] = []): SmokeDeps {
  const log = createLog({ write: () => undefined, github: false, colour: false })
  return {
    machine: {
      env: { PATH: process.env['PATH'], TMPDIR: folder },
      log,
      signal: new AbortController().signal,
      now: () => new Date(),
      monotonic: () => performance.now() / 1000,
      sleep: () => Promise.resolve(),
    },
    prepare: (suite) =>
      Promise.resolve({
        source: suite.source ?? 'default',
        sourceRoot: folder,
        client: {
          env: { PATH: `/opt/client/bin:${process.env['PATH'] ?? ''}`, VIRTUAL_ENV: '/opt/client' },
        },
      }),
    markRuns: () =>
      Promise.resolve({
        reports: () => Promise.resolve(runs),
        stopOpen: () => Promise.resolve(['training-1 (r1) was told to stop']),
      }),
  }
}

const plan = (commands: readonly string[], retries = 0): SmokePlan => ({
  suites: commands.map((command, index) => ({ source: `s${index}`, command, timeout: 20 })),
  server: { url: 'https://zenml.example.com', apiKey: 'the-key' },
  serverVersion: '0.98.0',
  retries,
  withhold: [],
})
const report = (inner: string) =>
  `echo '<testsuite><testcase name="a">${inner}</testcase></testsuite>' > "$SMOKE_JUNIT_FILE"`
/** Fails so many times, then passes. */
const flaky = (times: number) =>
  `echo x >> tries; if test $(wc -l < tries) -gt ${times}; then ${report('')}; else ${report('<failure message="not yet"/>')}; exit 1; fi`

describe('all smoke suites', () => {
  it('run, also after one failed, and leave nothing on the machine', async () => {
    const before = await scratchFolders()
    const verdict = await runSmokeSuites(
      plan([`${report('<failure/>')}; exit 1`, report('')]),
      deps(),
    )
    expect([verdict.reasonCode, verdict.summary]).toEqual([
      'smoke-failed',
      's0: 1 of 1 tests failed: a',
    ])
    expect(verdict.details.suites.map((suite) => suite['reason-code'])).toEqual([
      'smoke-failed',
      'smoke-passed',
    ])
    expect(verdict.details).toMatchObject({ total: 2, passed: 1, failed: 1 })
    expect(smokeDetailsSchema.parse(verdict.details)).toEqual(verdict.details)
    expect(await scratchFolders()).toEqual(before)
  })

  it('are run again as often as asked, until they pass', async () => {
    const verdict = await runSmokeSuites(plan([flaky(2)], 3), deps())
    expect(verdict).toMatchObject({
      reasonCode: 'smoke-passed',
      details: { total: 1, passed: 1, flaky: 1, suites: [{ attempts: 3 }] },
    })
  })

  it('are red when they fail as often as they may', async () => {
    expect(await runSmokeSuites(plan([flaky(9)], 2), deps())).toMatchObject({
      reasonCode: 'smoke-failed',
      details: { flaky: 0, suites: [{ attempts: 3 }] },
    })
  })

  it('are judged by their runs too', async () => {
    expect(await runSmokeSuites(plan([report('')], 2), deps([run]))).toMatchObject({
      reasonCode: 'smoke-cached',
      details: { suites: [{ attempts: 1, runs: [run] }] },
    })
  })
})

describe('a suite that is stopped from outside', () => {
  it('names the runs that it left on the server', async () => {
    const controller = new AbortController()
    const stopped = deps()
    const running = runSmokeSuites(plan(['sleep 20']), {
      ...stopped,
      machine: { ...stopped.machine, signal: controller.signal },
    })
    setTimeout(() => {
      controller.abort(new Stop('cancelled', 'stopped by SIGTERM'))
    }, 300)
    await expect(running).rejects.toMatchObject({
      code: 'cancelled',
      message: 'Stopped while the smoke suite of s0 ran: training-1 (r1) was told to stop.',
    })
  })
})

async function scratchFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('zenml-upgrade-smoke-'))
}
