import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { runBundle, type BundleRun } from '../support/bundle.ts'
import { httpServer, type Reply } from '../support/http-server.ts'

// The committed bundle as a process, given what people give it. Nothing may change, and every
// message says what to do.

const INFO = {
  id: 'server-1',
  name: 'default',
  version: '0.94.1',
  active: true,
  deployment_type: 'other',
  auth_scheme: 'OAUTH2_PASSWORD_BEARER',
}
let workspace: string
let close: (() => Promise<void>) | undefined

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'bad-input-'))
})
afterEach(async () => {
  await close?.()
  close = undefined
})
afterAll(() => rm(workspace, { recursive: true }))

interface Given {
  readonly file?: string
  readonly url?: string
  readonly deploy?: string
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
}

async function upgrade(given: Given): Promise<BundleRun> {
  return run(['upgrade-workspace', '--environment', 'staging', '--backup', 'skip'], given)
}

async function run(
  command: readonly string[],
  {
    file,
    url = 'http://127.0.0.1:9',
    deploy = '{ command: { deploy: "touch changed" } }',
    args = [],
    env = {},
  }: Given,
): Promise<BundleRun> {
  await writeFile(
    join(workspace, 'zenml-upgrade.yml'),
    file ??
      `zenml: 0.98.0
environments:
  staging: { server: "${url}", deploy: ${deploy} }
  production: { server: "http://127.0.0.1:8", deploy: { command: { deploy: "true" } } }
`,
  )
  execFileSync('git', ['init', '--quiet', workspace])
  const run = await runBundle([...command, ...args], {
    cwd: workspace,
    env: { ZENML_STORE_API_KEY: 'ZENKEY_wrong', ...env },
  })
  expect(execFileSync('ls', [workspace], { encoding: 'utf8' })).not.toContain('changed')
  return run
}

/** A server that answers as told by path; `/api/v1/info` as an old server unless told otherwise. */
async function server(answers: Record<string, Reply>): Promise<string> {
  const started = await httpServer(
    ({ path }) =>
      answers[path] ??
      (path === '/api/v1/info' ? { json: INFO } : { status: 404, json: { detail: 'Not Found' } }),
  )
  close = () => started.close()
  return started.url
}

describe('invalid', () => {
  it('is an event of GitHub that is no JSON, or is not there', async () => {
    const event = join(workspace, 'event.json')
    const env = {
      GITHUB_REPOSITORY: 'acme/ml',
      GITHUB_RUN_ID: '1',
      GITHUB_ACTOR: 'octocat',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: event,
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_REF: 'refs/heads/staging',
      GITHUB_TOKEN: 'ghs_job',
    }
    const missing = await upgrade({ env })
    await writeFile(event, '{ half')
    const broken = await upgrade({ env })
    for (const [run, message] of [
      [missing, `GITHUB_EVENT_PATH names ${event}, which cannot be read`],
      [broken, 'the file of GITHUB_EVENT_PATH is no JSON'],
    ] as const) {
      expect(run.outputs).toMatchObject({ outcome: 'invalid', 'reason-code': 'invalid-input' })
      expect(run.log).toContain(message)
    }
  })

  const cases: [string, Given, string, RegExp][] = [
    [
      'an unknown driver',
      { deploy: '{ hlem: {} }' },
      'invalid-file',
      /zenml-upgrade\.yml:3:\d+ environments\.staging\.deploy.*helm/s,
    ],
    [
      'a driver that is not built yet',
      { deploy: '{ helm: { release: zenml, namespace: zenml } }' },
      'not-built-yet',
      /helm/,
    ],
    [
      'a missing environment',
      { file: 'zenml: 0.98.0\nenvironments:\n  staging: { deploy: { command: { deploy: x } } }\n' },
      'invalid-file',
      /production/,
    ],
    [
      'a misspelt key',
      { file: 'zenml: 0.98.0\nenviroments: {}\n' },
      'invalid-file',
      /zenml-upgrade\.yml:2:1.*did you mean "environments"/s,
    ],
    ['an unknown input', { args: ['--on-failur', 'stop'] }, 'invalid-input', /on-failure/],
    [
      'a target that is no version',
      { args: ['--target-version', 'latest'] },
      'invalid-input',
      /target-version must be a version such as 0\.98\.0, not "latest"/,
    ],
    [
      'a target that is a local version',
      { args: ['--target-version', '0.98.0+acme'] },
      'invalid-input',
      /target-version must be a release .* not the local version "0\.98\.0\+acme"/,
    ],
    [
      'a key as a flag',
      { args: ['--api-key', 'ZENKEY_x'] },
      'invalid-input',
      /ZENML_STORE_API_KEY/,
    ],
  ]
  it.each(cases)(
    '%s',
    async (_what, given, code, message) => {
      const run = await upgrade(given)
      expect(run.outputs).toMatchObject({ outcome: 'invalid', 'reason-code': code })
      expect(run.exitCode).toBe(2)
      expect(run.log).toMatch(message)
      expect(run.log).toContain('→ ')
      expect(run.log).not.toContain('ZENKEY_x')
    },
    60_000,
  )
})

describe('a server that is at the target already', () => {
  const AT_TARGET = { '/api/v1/info': { json: { ...INFO, version: '0.98.0' } } }
  const refusedKey = {
    status: 401,
    json: { detail: ['CredentialsNotValid', 'Authentication error: error decoding API key'] },
  }
  it.each([
    ['upgrade-workspace', '--backup', 'skip', '--dry-run'],
    ['upgrade-workspace', '--backup', 'skip'],
    ['rebuild-snapshots', '--dry-run'],
    ['run-smoke-suite', '--command', 'true', '--dry-run'],
  ])(
    'does not hide a refused key from %s %s %s %s',
    async (...command) => {
      const url = await server({ ...AT_TARGET, '/api/v1/login': refusedKey })
      const end = await run([command[0], '--environment', 'staging', ...command.slice(1)], {
        url,
      })
      expect(end.outputs).toMatchObject({
        outcome: 'inconclusive',
        'reason-code': 'credentials-refused',
      })
    },
    60_000,
  )

  it('does not hide a missing key from a dry run', async () => {
    const url = await server({
      ...AT_TARGET,
      '/api/v1/current-user': { status: 401, json: { detail: 'Not authenticated' } },
      '/api/v1/projects': { status: 401, json: { detail: 'Not authenticated' } },
    })
    const end = await upgrade({ url, args: ['--dry-run'], env: { ZENML_STORE_API_KEY: '' } })
    expect(end.outputs).toMatchObject({
      outcome: 'inconclusive',
      'reason-code': 'credentials-refused',
    })
  }, 60_000)
})

describe('inconclusive', () => {
  const html = '<!doctype html><title>ZenML Dashboard</title>'
  const unauthorised = {
    status: 401,
    json: { detail: ['CredentialsNotValid', 'Authentication error: error decoding API key'] },
  }
  it.each<[string, () => Promise<string>, string, RegExp]>([
    [
      'a refused API key',
      () => server({ '/api/v1/login': unauthorised }),
      'credentials-refused',
      /key/,
    ],
    [
      'an unreachable server',
      () => Promise.resolve('http://127.0.0.1:9'),
      'server-unreachable',
      /127\.0\.0\.1:9/,
    ],
    [
      'the address of a dashboard',
      () => server({ '/api/v1/info': { text: html, headers: { 'content-type': 'text/html' } } }),
      'not-a-zenml-server',
      /dashboard/i,
    ],
    [
      'another service',
      () => server({ '/api/v1/info': { json: { hello: 'world' } } }),
      'not-a-zenml-server',
      /ZenML/,
    ],
  ])(
    '%s',
    async (_what, url, code, message) => {
      const run = await upgrade({ url: await url() })
      expect(run.outputs).toMatchObject({ outcome: 'inconclusive', 'reason-code': code })
      expect(run.exitCode).toBe(4)
      expect(run.log).toMatch(message)
      expect(run.log).toContain('→ ')
      expect(run.log).not.toContain('ZENKEY_wrong')
    },
    60_000,
  )

  it('a token that expired and cannot be had again', async () => {
    const token = { json: { access_token: 'token-1', token_type: 'bearer', expires_in: 1 } }
    const run = await upgrade({
      url: await server({
        '/api/v1/login': token,
        '/api/v1/projects': { status: 401, json: { detail: 'Signature has expired' } },
      }),
    })
    expect(run.outputs).toMatchObject({
      outcome: 'inconclusive',
      'reason-code': 'credentials-refused',
    })
    expect(run.log).not.toContain('token-1')
  }, 60_000)
})

describe('every path', () => {
  it('writes the four outputs and a result, also where nothing is right', async () => {
    const run = await upgrade({ file: ']' })
    expect(run.outputs).toEqual({
      outcome: 'invalid',
      'reason-code': 'invalid-file',
      summary: expect.stringContaining('zenml-upgrade.yml') as unknown,
      result: expect.stringMatching(/upgrade-workspace\.json$/) as unknown,
    })
    expect(run.result).toMatchObject({
      'schema-version': 1,
      command: 'upgrade-workspace',
      outcome: 'invalid',
      details: null,
    })
  }, 60_000)

  const SUITE = `zenml: "0.98"
environments:
  staging: { server: "URL", deploy: { command: { deploy: "touch changed" } } }
  production: { server: "http://127.0.0.1:8", deploy: { command: { deploy: "true" } } }
smoke: [{ command: "true" }]
`
  it.each([
    ['rebuild-snapshots', '--mode', 'rebuild'],
    ['rebuild-snapshots', '--mode', 'execute'],
    ['rebuild-snapshots', '--mode', 'all'],
    ['run-smoke-suite'],
    ['run-smoke-suite', '--dry-run'],
  ])(
    'ends %s %s %s as held on a server that is older than the file says',
    async (...command) => {
      const url = await server({})
      const held = await run([command[0], '--environment', 'staging', ...command.slice(1)], {
        file: SUITE.replace('URL', url),
      })
      expect(held.outputs).toMatchObject({
        outcome: 'held',
        'reason-code': 'server-behind',
        summary: expect.stringContaining(
          'the server runs ZenML 0.94.1, the file says 0.98.0',
        ) as unknown,
      })
      expect(held.exitCode).toBe(3)
      expect(held.log).toContain('run upgrade-workspace')
    },
    60_000,
  )

  it('ends a server-ahead file as held', async () => {
    const run = await upgrade({
      url: await server({ '/api/v1/info': { json: { ...INFO, version: '0.99.0' } } }),
    })
    expect(run.outputs).toMatchObject({ outcome: 'held', 'reason-code': 'server-ahead' })
    expect(run.exitCode).toBe(3)
  }, 60_000)
})
