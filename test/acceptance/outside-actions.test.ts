import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { COMMAND_NAMES, type CommandName } from '../../src/inputs/inputs.ts'
import { runBundle } from '../support/bundle.ts'
import { httpServer } from '../support/http-server.ts'

// Outside GitHub Actions `::add-mask::` would print a secret, and `::group::` is noise.

const KEY = 'ZENKEY_planted'
const PASSWORD = 'planted-password'
const ENVIRONMENT = ['--environment', 'staging']
/** What each command needs to begin; the demo only starts these. */
const ARGS: Readonly<Record<Exclude<CommandName, 'demo'>, readonly string[]>> = {
  'upgrade-workspace': ENVIRONMENT,
  'run-smoke-suite': ENVIRONMENT,
  'rebuild-snapshots': ENVIRONMENT,
  promote: [...ENVIRONMENT, '--step', 'gate'],
  plan: ENVIRONMENT,
  'check-stacks': ENVIRONMENT,
  'check-out-sources': [...ENVIRONMENT, '--into', 'sources'],
  acknowledge: [...ENVIRONMENT, '--attempt', 'none', '--reason', 'a reason'],
  report: ENVIRONMENT,
  init: [],
}
let workspace: string
let server: Awaited<ReturnType<typeof httpServer>>

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'outside-'))
  execFileSync('git', ['init', '--quiet', workspace])
  server = await httpServer(() => ({
    status: 401,
    json: { detail: `::error::${KEY} is not a key, and ${PASSWORD} no password` },
  }))
  await writeFile(
    join(workspace, 'zenml-upgrade.yml'),
    `zenml: 0.98.0
environments:
  staging: { server: "${server.url}", deploy: { command: { deploy: "true" } } }
  production: { server: "${server.url.replace('127.0.0.1', 'localhost')}", deploy: { command: { deploy: "true" } } }
`,
  )
})
afterAll(async () => {
  await server.close()
  await rm(workspace, { recursive: true })
})

it.each(COMMAND_NAMES.filter((name) => name !== 'demo'))(
  '%s prints no secret, no command for a runner, and no escape code outside GitHub Actions',
  async (command) => {
    const { log } = await runBundle([command, ...ARGS[command]], {
      cwd: workspace,
      env: {
        NO_COLOR: '',
        TERM: 'xterm-256color',
        ZENML_STORE_API_KEY: KEY,
        ZENML_DATABASE_URL: `mysql://zenml:${PASSWORD}@127.0.0.1:9/zenml`,
      },
    })
    expect(log).not.toMatch(/^::/m)
    expect(log).not.toContain('\u001B')
    expect(log).not.toContain(KEY)
    expect(log).not.toContain(PASSWORD)
    expect(log).not.toBe('')
  },
)
