import { resolve } from 'node:path'
import { Stop } from '../core/stop.ts'
import { sameVersion } from '../core/versions.ts'
import type { Instant } from '../runtime/instant.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { DriverContext } from './types.ts'
import type { DeployJournal, Deployed, Deployment, Driver, LeftChild } from './driver.ts'
import type { HeldProcess } from './gated-process.ts'
import { install } from './local-install.ts'
import {
  layoutOf,
  migrationVariables,
  serverVariables,
  type LocalLayout,
  type LocalVariables,
} from './local-layout.ts'
import { prepareMigration, waitForMigration } from './local-migration.ts'
import { localPreflight } from './local-preflight.ts'
import {
  askDirectly,
  earlyEnd,
  requireFreePort,
  runningServer,
  startServer,
  stopServer,
} from './local-server.ts'
import { databaseUrl, jwtSecret, userVariables } from './local-settings.ts'

export interface LocalSettings {
  readonly directory: string
  readonly port: number
  readonly 'database-url-env'?: string | undefined
}

/** One server of this machine, and the process of it that we started. */
interface LocalServer {
  readonly machine: Machine
  readonly uv: DriverContext['uv']
  readonly layout: LocalLayout
  readonly port: number
  /** Address of its database. */
  readonly url: () => string
  own: HeldProcess | undefined
}

/**
 * A ZenML server of this machine: a process of ours, each version in a Python environment of its
 * own.
 */
export function localDriver(
  settings: LocalSettings,
  { machine, workspace, uv }: DriverContext,
): Driver {
  const layout = layoutOf(resolve(workspace, settings.directory))
  const url = () => databaseUrl(layout, settings['database-url-env'], machine.env)
  const server: LocalServer = { machine, uv, layout, port: settings.port, url, own: undefined }
  return {
    name: 'local',
    tellsMigration: true,
    preflight: (deployment) => localPreflight(server, deployment),
    async endLeftovers(children: readonly LeftChild[]) {
      for (const { name, identity } of children)
        if (name === 'migration') await waitForMigration(identity, machine)
    },
    deploy: (deployment, journal) => deploy(server, deployment, journal),
    died: () => earlyEnd(layout, server.own),
    serves: () => askDirectly(settings.port, machine),
    stop: () => onTheWayBack(() => stop(server)),
    startOld: ({ fromVersion }) => onTheWayBack(() => startOld(server, fromVersion)),
  }
}

/** What a deployment has done so far. */
interface DeployProgress {
  stoppedAt: Instant | null
  log: readonly string[]
}

async function deploy(
  server: LocalServer,
  deployment: Deployment,
  journal: DeployJournal,
): Promise<Deployed> {
  const { toVersion } = deployment
  const running = await runningServer(server.layout)
  if (running !== undefined && sameVersion(running.version, toVersion)) {
    return {
      ok: true,
      message: `ZenML ${toVersion} runs already as process ${running.pid}`,
      stoppedAt: null,
      log: [],
    }
  }
  const progress: DeployProgress = { stoppedAt: null, log: [] }
  try {
    return { ...(await replaceServer(server, deployment, journal, progress)), ...progress }
  } catch (error) {
    return { ok: false, message: failureOf(error), ...progress }
  }
}

/**
 * Installs, loads the target's code, stops the old server, migrates by one process, starts the new
 * server; in this order.
 */
async function replaceServer(
  server: LocalServer,
  deployment: Deployment,
  journal: DeployJournal,
  progress: DeployProgress,
): Promise<Pick<Deployed, 'ok' | 'message'>> {
  const { machine, layout, port } = server
  const { toVersion } = deployment
  const python = await installed(server, toVersion)
  const migration = await prepareMigration({
    machine,
    layout,
    python,
    deployment,
    env: migrationVariables(await variablesOf(server)),
  })
  try {
    progress.stoppedAt = await stopServer(layout, machine)
    await requireFreePort(layout, port)
    const migrated = await migration.run(journal)
    progress.log = migrated.log
    if (migrated.failure !== undefined) return { ok: false, message: migrated.failure }
    machine.log.pass(`the database is at the schema of ZenML ${toVersion}`)
  } finally {
    migration.abandon()
  }
  await start(server, toVersion, python, true)
  return { ok: true, message: `started ZenML ${toVersion} on port ${port}` }
}

/** Describes what ends the deployment; throws on what ends our process. */
function failureOf(error: unknown): string {
  // A full disk or a missing permission of this machine ends the deployment, not our process:
  // the way back is still open.
  if (isSystemError(error)) return `this machine refused: ${error.message}`
  if (!(error instanceof Stop) || error.code !== 'upgrade-failed') throw error
  return error.next === undefined ? error.message : `${error.message}. ${error.next}`
}

async function installed({ machine, uv, layout }: LocalServer, version: string): Promise<string> {
  return install({ machine, uv: await uv(), layout, version })
}

async function start(
  server: LocalServer,
  version: string,
  python: string,
  migrated: boolean,
): Promise<void> {
  const { machine, layout, port } = server
  await requireFreePort(layout, port)
  const env = serverVariables(await variablesOf(server), {
    port,
    jwtSecret: await jwtSecret(layout),
    migrated,
  })
  server.own = await startServer({ machine, layout, version, python, port, env })
}

async function variablesOf({ machine, layout, url }: LocalServer): Promise<LocalVariables> {
  return {
    machine: machine.env,
    user: await userVariables(layout),
    layout,
    databaseUrl: url(),
  }
}

async function stop({ machine, layout, port }: LocalServer): Promise<void> {
  await stopServer(layout, machine)
  await requireFreePort(layout, port)
}

async function startOld(server: LocalServer, version: string): Promise<void> {
  const running = await runningServer(server.layout)
  if (running !== undefined && sameVersion(running.version, version)) return
  const python = await installed(server, version)
  await stopServer(server.layout, server.machine)
  await start(server, version, python, false)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    !(error instanceof Stop) &&
    typeof (error as NodeJS.ErrnoException).code === 'string'
  )
}

async function onTheWayBack(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    throw new Stop('rollback-failed', error.message, {
      cause: error,
      ...(error.next === undefined ? {} : { next: error.next }),
    })
  }
}
