import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Result } from '../../src/result/result.ts'
import { upgrade } from '../unit/report/results.ts'
import { runBundle, startBundle } from '../support/bundle.ts'
import { until } from '../support/ends-with-tests.ts'
import { httpServer, silence, type HttpTestServer } from '../support/http-server.ts'

// What a run leaves in the report directory of an earlier one.

const INFO = {
  id: 'server-1',
  name: 'default',
  version: '0.94.1',
  active: true,
  deployment_type: 'other',
  auth_scheme: 'OAUTH2_PASSWORD_BEARER',
}

let workspace: string
let reports: string
let server: HttpTestServer
const args = ['upgrade-workspace', '--environment', 'staging', '--backup', 'skip']
const env = { ZENML_STORE_API_KEY: 'ZENKEY_wrong' }

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'interrupted-'))
  reports = join(workspace, 'reports')
  // It says who it is, and never answers anything else: the run waits until it is killed.
  server = await httpServer(({ path }) => (path === '/api/v1/info' ? { json: INFO } : silence))
  await writeFile(
    join(workspace, 'zenml-upgrade.yml'),
    `zenml: 0.98.0
environments:
  staging: { server: "${server.url}", deploy: { command: { deploy: "true" } } }
  production: { server: "http://127.0.0.1:8", deploy: { command: { deploy: "true" } } }
`,
  )
  execFileSync('git', ['init', '--quiet', workspace])
  const green = upgrade({ environment: 'staging', code: 'upgraded', summary: 'upgraded yesterday' })
  execFileSync('mkdir', ['-p', join(reports, 'staging')])
  await writeFile(join(reports, 'staging', 'upgrade-workspace.json'), JSON.stringify(green))
})
afterEach(async () => {
  await server.close()
  await rm(workspace, { recursive: true })
})

const resultIn = async (name: string) =>
  JSON.parse(await readFile(join(reports, 'staging', name), 'utf8')) as Result

async function killAtWork(more: readonly string[], extra: Record<string, string> = {}) {
  const { process: child, ended } = await startBundle([...args, ...more], {
    cwd: workspace,
    env: { ...env, ...extra },
    reports,
  })
  await until(() => server.seen.some(({ path }) => path === '/api/v1/login'), ended)
  child.kill('SIGKILL')
  await ended
}

describe('a command that is killed', () => {
  it('leaves the result "interrupted" and not the green one of an earlier run, and the report says so', async () => {
    await killAtWork([])
    expect(await resultIn('upgrade-workspace.json')).toMatchObject({
      outcome: 'cancelled',
      'reason-code': 'interrupted',
      summary: expect.stringMatching(/^upgrade-workspace began at .* and has not ended/),
      details: null,
    })
    await runBundle(['report'], { cwd: workspace, reports })
    const comment = await readFile(join(reports, 'comment.md'), 'utf8')
    expect(comment).toContain('Staging: interrupted before it wrote a result')
    expect(comment).toContain('Run the command again')
    expect(comment).not.toContain('upgraded yesterday')
  }, 60_000)

  it('leaves the result of a real run alone when it was a dry run', async () => {
    await killAtWork(['--dry-run'])
    expect(await resultIn('upgrade-workspace.json')).toMatchObject({ 'reason-code': 'upgraded' })
    expect(await resultIn('upgrade-workspace.dry-run.json')).toMatchObject({
      'reason-code': 'interrupted',
    })
    await runBundle(['report'], { cwd: workspace, reports })
    const comment = await readFile(join(reports, 'comment.md'), 'utf8')
    expect(comment).not.toContain('interrupted')
    expect(comment).not.toContain('was stopped')
  }, 60_000)
})

describe('results of several configuration files', () => {
  it('do not overwrite each other in one report directory', async () => {
    await writeFile(join(workspace, 'other.yml'), 'zenml: latest\n')
    await runBundle([...args, '--config', 'other.yml'], { cwd: workspace, env, reports })
    expect(await resultIn('upgrade-workspace.json')).toMatchObject({ 'reason-code': 'upgraded' })
    const names = await readdir(join(reports, 'staging'))
    const [own = ''] = names.filter((name) => /^upgrade-workspace-[0-9a-f]{8}\.json$/.test(name))
    expect(await resultIn(own)).toMatchObject({
      config: 'other.yml',
      'reason-code': 'invalid-file',
    })
  }, 60_000)
})
