import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startForkServer } from '../../../src/zenml-client/fork-server.ts'
import type { Job } from '../../../src/zenml-client/protocol.ts'
import { testMachine } from '../../support/machine.ts'

const READY =
  'echo \'{"event":"ready","zenmlVersion":"1","pythonVersion":"3.11","importSeconds":1}\''

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fork-server-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** Starts a shell script in the place of Python. */
async function start(
  script: string,
  machine = testMachine({ PATH: process.env['PATH'], TMPDIR: directory }),
) {
  const python = join(directory, 'python')
  await writeFile(python, `#!/bin/sh\n${script}\n`)
  await chmod(python, 0o755)
  const environment = {
    python,
    bin: directory,
    env: {},
    zenmlVersion: '1',
    pythonVersion: '3.11',
    overridden: [],
    released: [],
    packages: 1,
    cached: true,
    seconds: 0,
  }
  return startForkServer({ machine, environment, forkServerPath: '__main__.py', parallel: 1 })
}

const job = (): Job => ({
  op: 'configure',
  sourceRoot: directory,
  pipelineSource: 'a.b',
  env: {},
  configuration: null,
  configPath: null,
  timeoutSeconds: 1,
  logPath: join(directory, 'job.log'),
  stackDefinition: { name: 's', components: [] },
})
/** A process id that is never that of a group. */
const STARTED = `read line; echo '{"event":"started","id":0,"pid":${2 ** 30}}'`
const block = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
const done = (result: unknown) =>
  `read line; echo '${JSON.stringify({ event: 'done', id: 0, seconds: 0.5, result })}'; cat >/dev/null`

describe('startForkServer', () => {
  it('says why ZenML cannot be imported', async () => {
    await expect(start('echo "ImportError: no pydantic" >&2; exit 1')).rejects.toMatchObject({
      code: 'preflight-failed',
      message: expect.stringContaining('ImportError: no pydantic'),
    })
  })

  it('gives a job’s value only when it is what the operation promises', async () => {
    const value = {
      pipeline: 'p',
      file: 'a.py',
      steps: ['a'],
      parameters: { x: 1 },
      pythonVersion: '3.11',
      clientVersion: '1',
      notChecked: [],
      notes: [],
      records: null,
      buildsImage: false,
      plannedBuild: null,
      isStackComplete: true,
    }
    const good = await start(`${READY}; ${done({ ok: true, value })}`)
    expect(await good.run(job())).toEqual({ ok: true, value, seconds: 0.5 })
    await good.close()
    const bad = await start(`${READY}; ${done({ ok: true, value: { snapshotId: 1 } })}`)
    expect(await bad.run(job())).toMatchObject({
      ok: false,
      kind: 'crash',
      error: 'The process of the job ended with something else than a result.',
      seconds: 0.5,
    })
    await bad.close()
  })

  it('takes no result for what is nested too deeply to be read', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const value = `{"event":"done","id":0,"seconds":1,"result":{"ok":true,"value":${deep}}}`
    const server = await start(`${READY}; read line; echo '${value}'; cat >/dev/null`)
    expect(await server.run(job())).toMatchObject({ ok: false, kind: 'crash' })
    await server.close()
  })

  it('ends a process that writes a line that is no event, and names the line', async () => {
    const server = await start(`${READY}; ${STARTED}; echo 'not json'; cat >/dev/null`)
    expect(await server.run(job())).toMatchObject({
      ok: false,
      kind: 'crash',
      error: expect.stringContaining('it wrote no event: not json'),
    })
    await server.close()
  })

  it('reads what the process wrote before its end also when the event loop was blocked', async () => {
    const event = JSON.stringify({ event: 'done', id: 0, seconds: 0.5, result: null })
    const server = await start(
      `${READY}; ${STARTED}; (sleep 1; echo '${event}') 2>/dev/null & exit 0`,
    )
    const onStarted = () => {
      // The process has ended by then, and what it left behind writes meanwhile. After an immediate
      // the loop runs timers before it reads.
      setTimeout(() => setImmediate(block, 2500), 500)
    }
    expect(await server.run(job(), { onStarted })).toMatchObject({
      error: 'The process of the job ended with something else than a result.',
    })
    await server.close()
  })

  it('gives up on a process that ends again and again, which the result says', async () => {
    const server = await start(`${READY}; read line; exit 3`)
    expect(await server.run(job())).toMatchObject({
      ok: false,
      kind: 'crash',
      error: 'The process that runs ZenML ended 21 times. This code was not tried again.',
    })
    await server.close()
  })

  it('rejects what runs when the command is stopped, and what comes after', async () => {
    const machine = testMachine({ PATH: process.env['PATH'] })
    const server = await start(`${READY}; cat >/dev/null`, machine)
    const running = server.run(job())
    machine.stop(new Error('stopped by the user'))
    await expect(running).rejects.toThrow('stopped by the user')
    await expect(server.run(job())).rejects.toThrow('stopped by the user')
    await server.close()
  })

  const OF_THE_JOB = {
    GH_TOKEN: 'k',
    GH_ENTERPRISE_TOKEN: 'k',
    GITHUB_ENTERPRISE_TOKEN: 'k',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'k',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'k',
    ACTIONS_RUNTIME_TOKEN: 'k',
    ACTIONS_RESULTS_URL: 'k',
    ACTIONS_CACHE_URL: 'k',
    GITHUB_ENV: '/e',
    GITHUB_PATH: '/p',
    GITHUB_OUTPUT: '/o',
    GITHUB_STATE: '/s',
    GITHUB_STEP_SUMMARY: '/m',
    ZENML_STAGING_API_KEY: 'k',
    ZENML_PRODUCTION_API_KEY: 'k',
    GITHUB_SHA: 'f',
    ACTIONS_STEP_DEBUG: '1',
  }

  it('does not hand on the connection and the secrets of the command', async () => {
    const machine = testMachine({
      PATH: process.env['PATH'],
      ZENML_STORE_API_KEY: 'k',
      ZENML_PRO_API_KEY: 'k',
      GITHUB_TOKEN: 'k',
      'INPUT_API-KEY': 'k',
      ZENML_DATABASE_URL: 'k',
      ...OF_THE_JOB,
      ZENML_LOGGING_VERBOSITY: 'DEBUG',
      OWN: 'yes',
    })
    const server = await start(
      `env | cut -d= -f1 | sort > ${directory}/seen; ${READY}; cat >/dev/null`,
      machine,
    )
    await server.close()
    const seen = await readFile(join(directory, 'seen'), 'utf8')
    expect(
      seen.split('\n').filter((name) => /ZENML|GH_|GITHUB|ACTIONS|INPUT|OWN/.test(name)),
    ).toEqual(['ACTIONS_STEP_DEBUG', 'GITHUB_SHA', 'OWN', 'ZENML_LOGGING_VERBOSITY'])
  })

  it('removes its working directory, where credentials are cached', async () => {
    const server = await start(`echo "$3" > ${directory}/work; ${READY}; cat >/dev/null`)
    await server.close()
    const work = (await readFile(join(directory, 'work'), 'utf8')).trim()
    expect(work).toContain('zenml-upgrade-client-')
    await expect(readdir(work)).rejects.toThrow('ENOENT')
  })
})
