import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startBundle } from '../support/bundle.ts'
import type { HttpTestServer } from '../support/http-server.ts'
import { requestsOf, zenmlLists } from '../support/zenml-lists.ts'
import { build, record } from '../unit/snapshots/example.ts'

// A large server: what the bundle asks of it, and how much memory it takes.

const MANY = 1000
const MOST_MEMORY_MB = 200

let server: HttpTestServer
let directory: string

beforeAll(async () => {
  const { body, metadata, resources } = record('0.98.0', 'churn-098')
  const numbers = Array.from({ length: MANY }, (_, number) => number)
  server = await zenmlLists({
    version: '0.98.0',
    lists: {
      '/pipeline_snapshots': numbers.map((number) => ({
        id: `s${number}`,
        name: `nightly-${number}`,
        body,
        metadata,
        resources: { ...resources, build: { id: `b${number}` } },
      })),
      '/pipeline_builds': numbers.map((number) => ({ ...build('0.98.0'), id: `b${number}` })),
      '/deployments': [],
      '/run_templates': [],
      '/triggers': [],
    },
  })
  directory = await mkdtemp(join(tmpdir(), 'many-snapshots-'))
  const environment = (url: string) =>
    `{ server: "${url}", deploy: { command: { deploy: "true" } } }`
  await writeFile(
    join(directory, 'zenml-upgrade.yml'),
    `zenml: 0.98.0
environments:
  staging: ${environment(server.url)}
  production: ${environment('https://zenml.example.com')}
exclude: [{ pattern: "*", reason: only counted }]
`,
  )
  const git = (...args: string[]) => execFileSync('git', args, { cwd: directory })
  git('init', '--quiet')
  git('add', '.')
  git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '-m', 'file')
})
afterAll(async () => {
  await server.close()
  await rm(directory, { recursive: true, force: true })
})

/** The most memory that a process had, in MB, until it ended. */
async function peakMemory(pid: number | undefined): Promise<number> {
  let most = 0
  for (;;) {
    const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '')
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]
    if (kilobytes === undefined) return most
    most = Number(kilobytes) / 1024
    await sleep(20)
  }
}

it.each([
  { mode: 'plan', surveys: 1 },
  { mode: 'rebuild', surveys: 2 },
])(
  `discovers ${MANY} snapshots with one request for every 500 of a kind, under ${MOST_MEMORY_MB} MB: $mode`,
  async ({ mode, surveys }) => {
    server.seen.length = 0
    const { process: child, ended } = await startBundle(
      ['rebuild-snapshots', '--mode', mode, '--environment', 'staging'],
      { cwd: directory, env: { ZENML_STORE_API_KEY: 'ZENKEY_test' } },
    )
    const [memory, run] = await Promise.all([peakMemory(child.pid), ended])
    expect(run.outputs).toMatchObject({ 'reason-code': 'nothing-to-rebuild', discovered: '1000' })
    const pages = MANY / 500
    expect(requestsOf(server)).toMatchObject({
      '/pipeline_snapshots': pages * surveys,
      '/pipeline_builds': pages,
      '/deployments': 1,
      '/run_templates': 1,
    })
    expect(requestsOf(server)).not.toHaveProperty('/pipeline_builds/{id}')
    expect(requestsOf(server)).not.toHaveProperty('/pipeline_snapshots/{id}')
    process.stdout.write(`${mode} of ${MANY} snapshots: ${memory.toFixed(0)} MB\n`)
    expect(memory).toBeLessThan(MOST_MEMORY_MB)
  },
  120_000,
)
