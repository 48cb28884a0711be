import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { build } from 'esbuild'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, type ProcessIdentity } from '../../src/runtime/process-identity.ts'
import type { Driver } from '../../src/deploy/driver.ts'
import { layoutOf, type LocalLayout } from '../../src/deploy/local-layout.ts'
import { runningServer, stopServer } from '../../src/deploy/local-server.ts'
import { localDriver, type LocalSettings } from '../../src/deploy/local.ts'
import { realMachine } from '../support/real-machine.ts'
import { seededOldServer } from '../support/seed.ts'
import {
  freePort,
  NEW,
  OLD,
  rest,
  serverEnvironment,
  uv,
  workloadVariables,
} from '../support/zenml.ts'

const MINUTES = 60_000
const deployment = { fromVersion: OLD, toVersion: NEW }
let layout: LocalLayout
let settings: LocalSettings
let apiKey: string
let children: [string, ProcessIdentity | undefined][]

const journal = {
  child: (name: string, identity: ProcessIdentity | undefined) => {
    children.push([name, identity])
    return Promise.resolve()
  },
  note: () => Promise.resolve(),
}
/** As another run would make it: nothing is kept in memory between two calls. */
const driver = (): Driver =>
  localDriver(settings, {
    machine: realMachine(),
    environment: 'staging',
    workspace: '/',
    logDirectory: '/unused',
    serverUrl: url(),
    uv: async () => ({ path: await uv(), version: 'of the test' }),
  })
const url = () => `http://127.0.0.1:${settings.port}`

/** The version the server reports, asked until it answers; or why it has ended. */
async function reported(by: Driver): Promise<{ version: string; id: string } | string> {
  for (;;) {
    const answer = await fetch(`${url()}/api/v1/info`).then(
      (response) => response.json() as Promise<{ version: string; id: string }>,
      () => undefined,
    )
    if (answer !== undefined) return answer
    const death = await by.died?.()
    if (death !== undefined) return death
    await sleep(200)
  }
}

async function useInstalled(version: string): Promise<void> {
  await mkdir(layout.versions, { recursive: true })
  await symlink(await serverEnvironment(version), join(layout.versions, version))
}

beforeEach(async () => {
  layout = layoutOf(await mkdtemp(join(tmpdir(), 'zenml-local-')))
  settings = { directory: layout.directory, port: await freePort() }
  ;({ apiKey } = await seededOldServer(layout.directory))
  const variables = Object.entries(await workloadVariables(layout.directory)).map(
    ([name, value]) => `${name}='${value}'`,
  )
  await writeFile(
    layout.environmentFile,
    ['ZENML_ANALYTICS_OPT_IN=false', 'ZENML_SERVER_AUTO_ACTIVATE=1', ...variables].join('\n'),
  )
  await useInstalled(OLD)
  children = []
}, 5 * MINUTES)
afterEach(async () => {
  await stopServer(layout, realMachine())
  await rm(layout.directory, { recursive: true, force: true })
}, MINUTES)

describe('a server of this machine', () => {
  it(
    'is upgraded, is not started on the wrong schema, and goes back after a restore',
    async () => {
      const before = join(layout.directory, 'before.db')
      await cp(layout.database, before)
      const first = driver()
      await first.startOld?.(deployment, journal)
      const old = await reported(first)
      expect(old).toMatchObject({ version: OLD })

      expect(await driver().preflight(deployment)).toEqual([
        expect.objectContaining({ name: 'server directory', status: 'passed' }),
        expect.objectContaining({ name: 'server settings', status: 'passed' }),
        expect.objectContaining({
          name: 'server process',
          status: 'passed',
          message: expect.stringContaining(`ZenML ${OLD} runs as process`) as unknown,
        }),
        expect.objectContaining({
          name: 'server environment',
          status: 'passed',
          message: expect.stringContaining(`ZenML ${NEW} will be installed`) as unknown,
        }),
      ])

      // Up: installed from the index, migrated by one process, same server.
      const second = driver()
      const deployed = await second.deploy(deployment, journal)
      expect(deployed).toMatchObject({
        ok: true,
        message: `started ZenML ${NEW} on port ${settings.port}`,
      })
      expect(deployed.stoppedAt?.at).toBeInstanceOf(Date)
      expect(deployed.log.join('\n')).toContain(
        `zenml-upgrade: {"version": "${NEW}", "current": ["${NEW}"], "head": ["${NEW}"]}`,
      )
      expect(children.map(([name, identity]) => [name, identity !== undefined])).toEqual([
        ['migration', true],
        ['migration', false],
      ])
      expect(await reported(second)).toEqual({
        ...(old as object),
        version: NEW,
        server_url: url(),
      })
      const snapshots = await rest(url(), { apiKey }).get('/pipeline_snapshots', {
        project: 'default',
        named_only: 'true',
      })
      expect(snapshots.total).toBe(4)
      expect(await driver().deploy(deployment, journal)).toMatchObject({
        ok: true,
        stoppedAt: null,
      })

      // The old version on the new schema: it ends by itself, and the driver tells why.
      await driver().stop?.(deployment)
      expect(await runningServer(layout)).toBeUndefined()
      const third = driver()
      await third.startOld?.(deployment, journal)
      const death = await reported(third)
      expect(death).toContain(
        `the server of ZenML ${OLD} ended by itself (exit code 3): alembic.util.exc.CommandError: Can't locate revision`,
      )
      expect(death).toContain('Application startup failed')
      expect(await driver().died?.()).toContain('exit code unknown, another run had started it')

      // Back: the restored database and the old version.
      await cp(before, layout.database)
      const fourth = driver()
      await fourth.startOld?.(deployment, journal)
      expect(await reported(fourth)).toEqual(old)
    },
    8 * MINUTES,
  )

  it(
    'is not stopped when the target cannot be installed',
    async () => {
      const by = driver()
      await by.startOld?.(deployment, journal)
      await reported(by)
      const deployed = await driver().deploy({ fromVersion: OLD, toVersion: '0.94.999' }, journal)
      expect(deployed).toMatchObject({ ok: false, stoppedAt: null })
      expect(deployed.message).toMatch(
        /^ZenML 0\.94\.999 could not be installed in .*no version of zenml/,
      )
      expect(await runningServer(layout)).toMatchObject({ version: OLD })
      expect(children).toEqual([])
    },
    4 * MINUTES,
  )

  it(
    'is not started when its database cannot be migrated',
    async () => {
      await useInstalled(NEW)
      await writeFile(
        layout.database,
        'no database at all, only text that is long enough to be read as a header of one',
      )
      const deployed = await driver().deploy(deployment, journal)
      expect(deployed).toMatchObject({
        ok: false,
        message: expect.stringContaining(
          `the migration to ZenML ${NEW} failed (exit code 1): sqlite3.DatabaseError: file is not a database`,
        ) as unknown,
      })
      expect(deployed.log.join('\n')).toContain('file is not a database')
      expect(await runningServer(layout)).toBeUndefined()
    },
    2 * MINUTES,
  )
})

describe('a process on the port that is not ours', () => {
  let foreign: Server
  beforeEach(async () => {
    foreign = createServer()
    await new Promise<void>((resolve) => foreign.listen(settings.port, '127.0.0.1', resolve))
  })
  afterEach(() => new Promise((resolve) => foreign.close(resolve)))

  it(
    'is named before the first change, and nothing is migrated',
    async () => {
      await useInstalled(NEW)
      const message = `port ${settings.port} is held by a process that this driver did not start (${layout.serverFile} names none that runs)`
      expect(await driver().preflight(deployment)).toContainEqual({
        name: 'server process',
        status: 'failed',
        message,
        'reason-code': 'preflight-failed',
        next: 'Stop that process once by hand; or, if something else manages this server, use the command driver.',
      })
      expect(await driver().deploy(deployment, journal)).toMatchObject({
        ok: false,
        message: expect.stringContaining(message) as unknown,
      })
      expect(children).toEqual([])
      await expect(driver().stop?.(deployment)).rejects.toMatchObject({ code: 'rollback-failed' })
    },
    2 * MINUTES,
  )
})

describe('a run that was killed', () => {
  /**
   * Deploys in a process of its own, which is killed at that moment. The migration that it left.
   */
  async function killed(moment: 'before-go' | 'after-go'): Promise<ProcessIdentity> {
    const program = join(layout.directory, 'deploy-and-die.mjs')
    await build({
      entryPoints: [join(import.meta.dirname, '../support/deploy-and-die.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      loader: { '.py': 'text' },
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
      },
    })
    const task = JSON.stringify({ settings, deployment, uv: await uv(), moment })
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [program, task], (error, stdout, stderr) => {
        if (error?.signal === 'SIGKILL') resolve(stdout)
        else reject(new Error(stderr))
      })
    })
    return JSON.parse(output) as ProcessIdentity
  }

  it(
    'before the migration began leaves the database as it was',
    async () => {
      await useInstalled(NEW)
      const before = await readFile(layout.database)
      const identity = await killed('before-go')
      await driver().endLeftovers([{ name: 'migration', identity }])
      expect(await isAlive(identity)).toBe(false)
      expect(before.equals(await readFile(layout.database))).toBe(true)
    },
    3 * MINUTES,
  )

  it(
    'in the middle of the migration: the next run waits for it and goes on',
    async () => {
      await useInstalled(NEW)
      const identity = await killed('after-go')
      expect(await isAlive(identity)).toBe(true)
      await driver().endLeftovers([{ name: 'migration', identity }])
      expect(await isAlive(identity)).toBe(false)
      const next = driver()
      expect(await next.deploy(deployment, journal)).toMatchObject({ ok: true, stoppedAt: null })
      expect(await reported(next)).toMatchObject({ version: NEW })
    },
    4 * MINUTES,
  )
})
