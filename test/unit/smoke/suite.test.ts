import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLog } from '../../../src/runtime/log.ts'
import type { Machine } from '../../../src/runtime/runtime.ts'
import { identify } from '../../../src/runtime/process-identity.ts'
import { registerSecret } from '../../../src/runtime/secrets.ts'
import { suiteEnvironment } from '../../../src/smoke/suite-environment.ts'
import { runSuite } from '../../../src/smoke/suite.ts'

const GREEN = '<testsuite><testcase name="a"/></testsuite>'
let folder = ''
let logged: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suite-'))
  await mkdir(join(folder, 'scratch'))
  logged = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function machine(env: Record<string, string> = {}, signal = new AbortController().signal): Machine {
  const log = createLog({
    write: (text) => {
      logged.push(text)
    },
    github: false,
    colour: false,
  })
  return {
    env: { PATH: process.env['PATH'], ...env },
    log,
    signal,
    now: () => new Date(),
    monotonic: () => performance.now() / 1000,
    sleep: () => Promise.resolve(),
  }
}

function suite(
  command: string,
  {
    junit,
    timeout = 20,
    env = {},
    signal,
  }: { junit?: string; timeout?: number; env?: Record<string, string>; signal?: AbortSignal } = {},
) {
  return runSuite({
    machine: machine(env, signal),
    suite: { command, timeout, ...(junit === undefined ? {} : { junit }) },
    source: 'churn',
    sourceRoot: folder,
    client: {
      env: { PATH: `/opt/client/bin:${process.env['PATH'] ?? ''}`, VIRTUAL_ENV: '/opt/client' },
    },
    server: { url: 'https://zenml.example.com', apiKey: 'the-key', projectId: 'p1' },
    withhold: ['MY_DATABASE'],
    scratch: join(folder, 'scratch'),
  })
}

describe('a suite', () => {
  it('runs in the source root and leaves a JUnit file where we said', async () => {
    const attempt = await suite(
      `test "$PWD" = ${folder}; echo hello; echo world >&2; echo '${GREEN}' > "$SMOKE_JUNIT_FILE"; exit 3`,
    )
    expect(attempt).toMatchObject({
      exitCode: 3,
      timedOut: false,
      junit: { kind: 'read', tests: [{ name: 'a', status: 'passed' }] },
    })
    expect([...attempt.logTail].sort()).toEqual(['hello', 'world'])
    expect(logged.join('')).toContain('hello')
  })

  it('stops at the first failing line, and at one inside a pipe', async () => {
    expect((await suite('false\ntrue')).exitCode).toBe(1)
    expect((await suite('exit 4 | cat')).exitCode).toBe(4)
    expect((await suite('echo "$NOT_SET"')).exitCode).not.toBe(0)
  })

  it('has a JUnit file only if it wrote one in this run', async () => {
    await writeFile(join(folder, 'old.xml'), GREEN)
    expect((await suite('true', { junit: 'old.xml' })).junit).toEqual({ kind: 'missing' })
    expect((await suite(`echo '${GREEN}' > old.xml`, { junit: 'old.xml' })).junit.kind).toBe('read')
    expect((await suite('true', { junit: 'scratch' })).junit).toEqual({
      kind: 'unreadable',
      problem: 'is no file',
    })
    expect((await suite('echo half > "$SMOKE_JUNIT_FILE"')).junit.kind).toBe('unreadable')
  })

  it('that does not end is ended with all that it started', async () => {
    const attempt = await suite(
      `sleep 300 & echo $! > child; echo '${GREEN}' > "$SMOKE_JUNIT_FILE"; wait`,
      { timeout: 1 },
    )
    expect(attempt).toMatchObject({ exitCode: null, timedOut: true, junit: { kind: 'missing' } })
    expect(await isRunning(join(folder, 'child'))).toBe(false)
  })

  it('that leaves something behind which holds its output is ended too', async () => {
    const attempt = await suite('sleep 300 & echo $! > child', { timeout: 1 })
    expect(attempt).toMatchObject({ exitCode: 0, timedOut: true })
    expect(await isRunning(join(folder, 'child'))).toBe(false)
  })

  it('is stopped with the command', async () => {
    const reason = new Error('stopped from outside')
    const controller = new AbortController()
    setTimeout(() => {
      controller.abort(reason)
    }, 200)
    await expect(suite('sleep 300', { signal: controller.signal })).rejects.toBe(reason)
  })

  it('whose folder is not there is told so', async () => {
    await rm(folder, { recursive: true })
    await expect(suite('true')).rejects.toMatchObject({ code: 'invalid-file' })
  })

  it('tells no secret, neither in its output nor in a test', async () => {
    registerSecret('tops3cret-value')
    const attempt = await suite(
      `echo "key tops3cret-value"; echo '<testsuite><testcase name="a"><failure message="tops3cret-value"/></testcase></testsuite>' > "$SMOKE_JUNIT_FILE"`,
    )
    expect(JSON.stringify(attempt) + logged.join('')).not.toContain('tops3cret-value')
  })

  it('sees the server and its key, and nothing else that is secret', async () => {
    const secrets = [
      'ZENML_DATABASE_URL',
      'ZENML_PRO_API_KEY',
      'ZENML_UPGRADE_APP_KEY',
      'INPUT_API-KEY',
      'GITHUB_TOKEN',
      'GH_TOKEN',
      'ACTIONS_RUNTIME_TOKEN',
      'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
      'ACTIONS_ID_TOKEN_REQUEST_URL',
      'GITHUB_ENV',
      'GITHUB_OUTPUT',
      'ZENML_STORE_PASSWORD',
      'ZENML_SERVER',
      'ZENML_REPOSITORY_PATH',
      'MY_DATABASE',
      'PYTHONHOME',
    ]
    const env = {
      ...Object.fromEntries(secrets.map((name) => [name, 'withheld'])),
      AWS_PROFILE: 'ml',
      GITHUB_ACTIONS: 'true',
    }
    await suite('env > seen', { env })
    const seen = await readFile(join(folder, 'seen'), 'utf8')
    expect(seen).not.toContain('withheld')
    for (const line of [
      'ZENML_STORE_URL=https://zenml.example.com',
      'ZENML_STORE_API_KEY=the-key',
      'ZENML_ACTIVE_PROJECT_ID=p1',
      'ZENML_ANALYTICS_OPT_IN=false',
      'AWS_PROFILE=ml',
      'VIRTUAL_ENV=/opt/client',
      `ZENML_CONFIG_PATH=${folder}/scratch/zenml`,
    ])
      expect(seen.split('\n')).toContain(line)
    expect(seen).toMatch(/^PATH=\/opt\/client\/bin:/m)
  })
})

describe('PYTEST_ADDOPTS', () => {
  const given = {
    client: { env: {} },
    server: { url: 'u', apiKey: undefined },
    scratch: "/tmp/it's here",
    junitFile: "/tmp/it's here/junit.xml",
    withhold: [],
  }

  it('keeps what is there and is split as it was meant', () => {
    const options =
      suiteEnvironment({
        ...given,
        tellPytest: true,
        machineEnv: { PYTEST_ADDOPTS: "-k 'not slow'" },
      })['PYTEST_ADDOPTS'] ?? ''
    const split = execFileSync('bash', ['-c', `printf '%s\\n' ${options}`], { encoding: 'utf8' })
      .trim()
      .split('\n')
    expect(split).toEqual([
      '-k',
      'not slow',
      "--junit-xml=/tmp/it's here/junit.xml",
      '-o',
      "cache_dir=/tmp/it's here/pytest-cache",
    ])
  })

  it('leaves the file alone where the suite names its own', () => {
    expect(
      suiteEnvironment({ ...given, tellPytest: false, machineEnv: {} })['PYTEST_ADDOPTS'],
    ).not.toContain('junit')
  })
})

/** An ended process that nobody has waited for yet does not run. */
async function isRunning(file: string): Promise<boolean> {
  return (await identify(Number(await readFile(file, 'utf8')))) !== undefined
}
