import { resolve } from 'node:path'
import { Stop } from '../core/stop.ts'
import type { DriverContext } from './types.ts'
import type { DeployJournal, Deployed, Deployment, Driver, LeftChild } from './driver.ts'
import type { HeldProcess } from './gated-process.ts'
import { install } from './local-install.ts'
import {
  layoutOf,
  migrationVariables,
  serverVariables,
  type LocalVariables,
} from './local-layout.ts'
import { prepareMigration, waitForMigration } from './local-migration.ts'
import { localPreflight } from './local-preflight.ts'
import {
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

/**
 * A ZenML server of this machine: a process of ours, each version in a Python environment of its
 * own.
 */
export function localDriver(
  settings: LocalSettings,
  { machine, workspace, uv }: DriverContext,
): Driver {
  const layout = layoutOf(resolve(workspace, settings.directory))
  const { port } = settings
  const url = () => databaseUrl(layout, settings['database-url-env'], machine.env)
  let own: HeldProcess | undefined

  const variables = async (): Promise<LocalVariables> => ({
    machine: machine.env,
    user: await userVariables(layout),
    layout,
    databaseUrl: url(),
  })
  const installed = async (version: string) => install({ machine, uv: await uv(), layout, version })
  const start = async (version: string, python: string, migrated: boolean) => {
    await requireFreePort(layout, port)
    const env = serverVariables(await variables(), {
      port,
      jwtSecret: await jwtSecret(layout),
      migrated,
    })
    own = await startServer({ machine, layout, version, python, port, env })
  }

  /**
   * Installs, loads the target's code, stops the old server, migrates by one process, starts the
   * new server; in this order.
   */
  const deploy = async (deployment: Deployment, journal: DeployJournal): Promise<Deployed> => {
    const { toVersion } = deployment
    const running = await runningServer(layout)
    if (running?.version === toVersion) {
      return {
        ok: true,
        message: `ZenML ${toVersion} runs already as process ${running.pid}`,
        stoppedAt: null,
        log: [],
      }
    }
    let stoppedAt: Date | null = null
    let log: readonly string[] = []
    try {
      const python = await installed(toVersion)
      const migration = await prepareMigration({
        machine,
        layout,
        python,
        deployment,
        env: migrationVariables(await variables()),
      })
      try {
        stoppedAt = await stopServer(layout, machine)
        await requireFreePort(layout, port)
        const migrated = await migration.run(journal)
        log = migrated.log
        if (migrated.failure !== undefined)
          return { ok: false, message: migrated.failure, stoppedAt, log }
        machine.log.pass(`the database is at the schema of ZenML ${toVersion}`)
      } finally {
        migration.abandon()
      }
      await start(toVersion, python, true)
      return { ok: true, message: `started ZenML ${toVersion} on port ${port}`, stoppedAt, log }
    } catch (error) {
      // A full disk or a missing permission of this machine ends the deployment, not our process:
      // the way back is still open.
      if (isSystemError(error))
        return { ok: false, message: `this machine refused: ${error.message}`, stoppedAt, log }
      if (!(error instanceof Stop) || error.code !== 'upgrade-failed') throw error
      const message = error.next === undefined ? error.message : `${error.message}. ${error.next}`
      return { ok: false, message, stoppedAt, log }
    }
  }

  return {
    name: 'local',
    tellsMigration: true,
    preflight: (deployment) => localPreflight({ machine, uv, layout, port, url }, deployment),
    async endLeftovers(children: readonly LeftChild[]) {
      for (const { name, identity } of children)
        if (name === 'migration') await waitForMigration(identity, machine)
    },
    deploy,
    died: () => earlyEnd(layout, own),
    stop: () =>
      onTheWayBack(async () => {
        await stopServer(layout, machine)
        await requireFreePort(layout, port)
      }),
    startOld: ({ fromVersion }) =>
      onTheWayBack(async () => {
        const running = await runningServer(layout)
        if (running?.version === fromVersion) return
        const python = await installed(fromVersion)
        await stopServer(layout, machine)
        await start(fromVersion, python, false)
      }),
  }
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
