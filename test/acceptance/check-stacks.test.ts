import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { parityCheck } from '../../src/commands/stacks/preflight-check.ts'
import { openWorkspace } from '../../src/session/session.ts'
import type { Environment } from '../../src/core/environments.ts'
import { readInputs } from '../../src/inputs/inputs.ts'
import { Stop } from '../../src/core/stop.ts'
import { closeHttp } from '../../src/http/http.ts'
import { BUNDLE, runBundle, type BundleRun } from '../support/bundle.ts'
import type { HttpTestServer } from '../support/http-server.ts'
import { testMachine } from '../support/machine.ts'
import {
  cloudStack,
  FORBIDDEN,
  stacksServer,
  VALUE,
  type FakeStacks,
} from '../support/stacks-server.ts'

// One environment is read with its own key, and what was read meets that of the other one as a file
// of the report directory.

jest.setTimeout(60_000)

let directory: string
let reports: string
let data: Record<Environment, FakeStacks>
let servers: Record<Environment, HttpTestServer>

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'check-stacks-'))
  reports = await mkdtemp(join(tmpdir(), 'check-stacks-report-'))
  data = {
    staging: { id: 'staging-1', stacks: [cloudStack('staging-k8s')] },
    production: {
      id: 'production-1',
      stacks: [cloudStack('prod-k8s'), cloudStack('old', { used: false })],
    },
  }
  servers = {
    staging: await stacksServer(data.staging),
    production: await stacksServer(data.production),
  }
  await configure({ 'prod-k8s': 'staging-k8s' })
  execFileSync('git', ['-C', directory, 'init', '--quiet'])
  execFileSync('git', ['-C', directory, 'add', '.'])
})

afterEach(async () => {
  await closeHttp()
  for (const server of Object.values(servers)) await server.close()
  await rm(directory, { recursive: true })
  await rm(reports, { recursive: true })
})

async function configure(
  stacks: Readonly<Record<string, string>>,
  zenml = '0.98.0',
): Promise<void> {
  const environment = ({ url }: HttpTestServer) =>
    JSON.stringify({ server: url, deploy: { command: { deploy: 'true' } } })
  await writeFile(
    join(directory, 'zenml-upgrade.yml'),
    `zenml: ${zenml}\nenvironments: { staging: ${environment(servers.staging)}, production: ${environment(servers.production)} }\nstacks: ${JSON.stringify(stacks)}\n`,
  )
}

const check = (environment: Environment): Promise<BundleRun> =>
  runBundle(['check-stacks', '--environment', environment], {
    cwd: directory,
    reports,
    env: { ZENML_STORE_API_KEY: `ZENKEY_of-${environment}` },
  })
const fileOf = (environment: Environment) => join(reports, environment, 'check-stacks.json')
const detailsOf = ({ result }: BundleRun) =>
  result?.command === 'check-stacks' ? result.details : null

/** The file of staging as it is, with something else in it. */
async function tamper(
  change: (
    result: Record<string, unknown> & {
      details: Record<string, unknown> & { inventory: Record<string, unknown> }
    },
  ) => void,
): Promise<void> {
  const result = JSON.parse(await readFile(fileOf('staging'), 'utf8')) as Parameters<
    typeof change
  >[0]
  change(result)
  await writeFile(fileOf('staging'), JSON.stringify(result))
}

describe('check-stacks', () => {
  it('reads, says how to compare, and compares once both have been read, each with its own key', async () => {
    const first = await check('staging')
    expect(first).toMatchObject({
      exitCode: 0,
      outputs: {
        outcome: 'success',
        'reason-code': 'inventory-read',
        parity: '',
        summary:
          'staging: 1 stack read, 1 in use by named snapshots; not compared: check-stacks has not read the stacks of production into this report directory',
      },
    })
    expect(first.result?.next).toContain('check-stacks --environment production')
    const second = await check('production')
    expect(second).toMatchObject({
      exitCode: 0,
      outputs: {
        'reason-code': 'stacks-mirrored',
        parity: 'mirrored',
        summary: expect.stringMatching(
          /^production: 2 stacks read, 1 in use by named snapshots; 1 stack mirrored; 1 stack of production not compared, because no named snapshot uses it; staging was read on 20\d\d-\d\d-\d\d \d\d:\d\d UTC$/,
        ),
      },
    })
    expect((await check('staging')).outputs).toMatchObject({
      'reason-code': 'stacks-mirrored',
      parity: 'mirrored',
    })
    for (const run of [first, second])
      expect([run.log, JSON.stringify(run.result)].join()).not.toContain(VALUE)
    for (const [name, { seen }] of Object.entries(servers))
      expect(seen.filter(({ path }) => path === '/api/v1/login').map(({ body }) => body)).toEqual(
        Array(name === 'staging' ? 2 : 1).fill(`password=ZENKEY_of-${name}`),
      )
  })

  it('fails where they differ, whatever a stack is called', async () => {
    data.production.stacks = [
      cloudStack('</details><script>'),
      cloudStack('prod-k8s'),
      cloudStack('::error::x\r\n::error::y'),
    ]
    data.staging.stacks = [
      cloudStack('staging-k8s', {
        components: [{ id: 'c', type: 'orchestrator', flavor: 'local' }],
      }),
    ]
    await check('staging')
    const run = await check('production')
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'failure', 'reason-code': 'stacks-differ', parity: 'differs' },
    })
    expect(detailsOf(run)?.parity).toMatchObject({
      compared: 3,
      differences: 4,
      findings: [
        { kind: 'twin-missing' },
        { kind: 'twin-missing' },
        { kind: 'component-missing', stack: 'prod-k8s' },
        { kind: 'flavor', stack: 'prod-k8s', twin: 'staging-k8s' },
      ],
    })
    expect(run.log).not.toMatch(/^\s*::error/m)
    execFileSync(process.execPath, [BUNDLE, 'report', '--report-directory', reports], {
      cwd: directory,
      stdio: 'pipe',
      env: { PATH: process.env['PATH'] },
    })
    const comment = await readFile(join(reports, 'comment.md'), 'utf8')
    expect(comment).toMatch(/^\| \*\*Stack parity\*\* +\| ⚠️ 4 differences +\|$/m)
    expect(comment.replace(/`[^`]*`/g, '')).not.toContain('<script>')
  })

  it('has nothing to say about stacks while no snapshot uses one', async () => {
    data.production.stacks = [cloudStack('a', { used: false })]
    await configure({})
    await check('staging')
    expect((await check('production')).outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'inventory-read',
      parity: '',
      summary: expect.stringContaining('no stack in use'),
    })
  })

  it.each<[string, Parameters<typeof tamper>[0], string]>([
    [
      'is older than six hours',
      ({ details: { inventory } }) => {
        inventory['read'] = new Date(Date.now() - 6.1 * 3600_000).toISOString()
      },
      'more than 6 hours ago',
    ],
    [
      'is of a time to come',
      ({ details: { inventory } }) => {
        inventory['read'] = new Date(Date.now() + 3600_000).toISOString()
      },
      'in the future',
    ],
    [
      'is about another file',
      ({ details }) => {
        details['file'] = 'other'
      },
      'another configuration file',
    ],
    [
      'is about another target',
      ({ details }) => {
        details['target-version'] = '0.97.0'
      },
      'for ZenML 0.97.0, not 0.98.0',
    ],
    [
      'is of the other environment',
      (result) => {
        result['environment'] = 'production'
      },
      'is damaged, or was written by another version',
    ],
    [
      'is of another command',
      (result) => {
        result['command'] = 'plan'
      },
      'is damaged, or was written by another version',
    ],
    [
      'is of another schema',
      (result) => {
        result['schema-version'] = 2
      },
      'is damaged, or was written by another version',
    ],
    [
      'has more in it than this version knows',
      ({ details }) => {
        details['values'] = {}
      },
      'is damaged, or was written by another version',
    ],
    [
      'is of the same server',
      ({ details: { inventory } }) => {
        inventory['server-id'] = 'production-1'
      },
      'have the same server',
    ],
  ])('does not count a file that %s, and says so', async (_, change, why) => {
    await check('staging')
    await tamper(change)
    const run = await check('production')
    expect(run.outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'inventory-read',
      parity: '',
      summary: expect.stringContaining(why),
    })
    expect(detailsOf(run)).toMatchObject({
      parity: null,
      'not-compared': expect.stringContaining(why),
    })
  })

  it('does not count half a file, the file of a check that failed, and no file that is in the repository', async () => {
    await check('staging')
    await writeFile(fileOf('staging'), (await readFile(fileOf('staging'), 'utf8')).slice(0, 500))
    expect((await check('production')).outputs['summary']).toContain('is damaged')
    data.staging.intercept = ({ path }) => (path === '/api/v1/components' ? FORBIDDEN : undefined)
    expect(await check('staging')).toMatchObject({
      exitCode: 4,
      outputs: { outcome: 'inconclusive', 'reason-code': 'credentials-refused' },
    })
    await tamper((result) => {
      result['ended'] = '2026-11-23T10:31:00.000Z'
    })
    const run = await check('production')
    expect(run.outputs['summary']).toContain(
      'not compared: the stacks of staging could not be read on 2026-11-23 10:31 UTC: ',
    )
    expect(run.result?.next).toContain('check-stacks --environment staging')
    const tracked = join(directory, 'reports', 'staging')
    await mkdir(tracked, { recursive: true })
    await writeFile(join(tracked, 'check-stacks.json'), '{}')
    execFileSync('git', ['-C', directory, 'add', '--force', 'reports'])
    expect(
      (
        await runBundle(['check-stacks', '--environment', 'production'], {
          cwd: directory,
          reports: join(directory, 'reports'),
        })
      ).outputs,
    ).toMatchObject({
      'reason-code': 'invalid-input',
      summary: expect.stringContaining('tracked by Git'),
    })
  })
})

describe('the check before an upgrade', () => {
  async function before(environment: Environment, parity: 'fail' | 'warn' | 'off') {
    const machine = testMachine({ ZENML_STORE_API_KEY: 'ZENKEY_x' })
    const inputs = readInputs(
      'upgrade-workspace',
      [
        '--environment',
        environment,
        '--report-directory',
        reports,
        '--working-directory',
        directory,
      ],
      machine.env,
    )
    return parityCheck(await openWorkspace(inputs, { ...machine, now: () => new Date() }), parity)
  }

  it('passes, warns or holds by what was found', async () => {
    await check('staging')
    expect(await before('production', 'fail')).toMatchObject({
      report: { compared: 1, differences: 0 },
      check: { status: 'passed', message: expect.stringContaining('1 stack mirrored') },
    })
    data.production.stacks = [cloudStack('prod-vertex')]
    expect(await before('production', 'warn')).toMatchObject({
      report: { differences: 2 },
      check: {
        status: 'warning',
        message: expect.stringContaining('\nprod-vertex: staging has no stack "prod-vertex"'),
      },
    })
    expect(await before('production', 'fail')).toMatchObject({
      check: { status: 'failed', 'reason-code': 'stacks-not-mirrored' },
    })
    const asked = servers.production.seen.length
    expect(await before('production', 'off')).toBeUndefined()
    expect(servers.production.seen).toHaveLength(asked)
  })

  it('holds production where it is demanded and nobody can tell, and says why', async () => {
    const unknown = { report: null, check: { status: 'failed', 'reason-code': 'parity-unknown' } }
    expect(await before('production', 'fail')).toMatchObject({
      ...unknown,
      check: {
        ...unknown.check,
        message: expect.stringContaining('has not read the stacks of staging'),
      },
    })
    expect(await before('production', 'warn')).toMatchObject({
      report: null,
      check: { status: 'not-checked' },
    })
    expect(servers.production.seen).toEqual([])
    await check('staging')
    await tamper(({ details }) => {
      details['file'] = 'other'
    })
    expect(await before('production', 'fail')).toMatchObject({
      ...unknown,
      check: { ...unknown.check, message: expect.stringContaining('another configuration file') },
    })
    await check('staging')
    data.production.intercept = ({ path }) => (path === '/api/v1/stacks' ? FORBIDDEN : undefined)
    expect(await before('production', 'fail')).toMatchObject({
      ...unknown,
      check: { ...unknown.check, message: expect.stringContaining('403') },
    })
    expect(await before('production', 'warn')).toMatchObject({
      report: null,
      check: { status: 'not-checked' },
    })
  })

  it('does not take for mirrored what a key could not read', async () => {
    await check('staging')
    await tamper(({ details: { inventory } }) => {
      for (const { components } of inventory['stacks'] as {
        components: { connector: { type: string | null } | null }[]
      }[])
        for (const component of components)
          if (component.connector !== null) component.connector.type = null
    })
    const message = expect.stringContaining('the key may not read the service connector in staging')
    expect(await before('production', 'fail')).toMatchObject({
      report: { differences: 0 },
      check: { status: 'failed', 'reason-code': 'parity-unknown', message },
    })
    expect(await before('production', 'warn')).toMatchObject({
      check: { status: 'not-checked', message },
    })
    expect((await check('production')).outputs).toMatchObject({
      'reason-code': 'inventory-read',
      parity: '',
      summary: message,
    })
  })

  it('asks of staging nothing while production was not looked at, and never waits for it', async () => {
    expect(await before('staging', 'fail')).toBeUndefined()
    await check('production')
    expect(await before('staging', 'fail')).toMatchObject({
      report: { compared: 1, differences: 0 },
      check: { status: 'passed' },
    })
    await writeFile(fileOf('production'), '{')
    expect(await before('staging', 'fail')).toMatchObject({
      report: null,
      check: { status: 'not-checked' },
    })
  })

  it('ends with the command when that is stopped', async () => {
    await check('staging')
    const machine = testMachine()
    const workspace = await openWorkspace(
      readInputs(
        'upgrade-workspace',
        [
          '--environment',
          'production',
          '--report-directory',
          reports,
          '--working-directory',
          directory,
        ],
        {},
      ),
      { ...machine, now: () => new Date() },
    )
    machine.stop(new Stop('cancelled', 'stopped by SIGTERM'))
    await expect(parityCheck(workspace, 'warn')).rejects.toMatchObject({ code: 'cancelled' })
  })
})
