import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { runBundle } from '../support/bundle.ts'
import { httpServer, silence, type HttpTestServer } from '../support/http-server.ts'

const INFO = {
  id: 'server-1',
  name: 'default',
  version: '0.94.1',
  active: true,
  deployment_type: 'other',
  auth_scheme: 'OAUTH2_PASSWORD_BEARER',
}

let workspace: string
let state: string
let server: HttpTestServer
let unmount: () => void

/** A full disk where this user may mount one, else a directory without the right to write. */
async function fillState(): Promise<'ENOSPC' | 'EACCES'> {
  if (process.getuid?.() !== 0) {
    await mkdir(join(state, 'locks'))
    await chmod(join(state, 'locks'), 0o500)
    return 'EACCES'
  }
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', state])
  unmount = () => execFileSync('umount', [state])
  await writeFile(join(state, 'filler'), Buffer.alloc(64 * 1024))
  return 'ENOSPC'
}

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'full-disk-'))
  state = join(workspace, 'state')
  unmount = () => undefined
  await mkdir(state)
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
})
afterEach(async () => {
  unmount()
  await server.close()
  await rm(workspace, { recursive: true })
})

describe('a state directory that takes no more', () => {
  it('is reported with its path and what to do, and not as a defect of the tool', async () => {
    const code = await fillState()
    const run = await runBundle(
      ['upgrade-workspace', '--environment', 'staging', '--state-directory', state],
      { cwd: workspace, env: { ZENML_STORE_API_KEY: 'ZENKEY_any' } },
    )
    expect(run.outputs).toMatchObject({
      outcome: 'inconclusive',
      'reason-code': 'file-access-failed',
    })
    expect(run.exitCode).toBe(4)
    expect(run.result?.summary).toContain(join(state, 'locks'))
    expect(run.result?.summary).toContain(`(${code})`)
    expect(run.result?.next).toContain('then run this again')
  }, 60_000)
})
