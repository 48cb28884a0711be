import type { Uv } from '../zenml-client/uv.ts'
import { docsUrl } from '../core/docs-url.ts'
import type { Environment } from '../core/environments.ts'
import type { EnvironmentConfig } from '../config/schema.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { commandDriver } from './command.ts'
import type { Driver } from './driver.ts'
import { gitopsDriver } from './gitops.ts'
import { localDriver } from './local.ts'

/** What drivers need from outside. */
export interface DriverContext {
  readonly machine: Machine
  readonly environment: Environment
  /**
   * Root of the user's repository, absolute: relative paths of the file start here, and commands
   * run here.
   */
  readonly workspace: string
  /** Address of the server, told to the user's commands. */
  readonly serverUrl: string
  /** Asked for only by the driver that installs something. */
  readonly uv: () => Promise<Uv>
}

/** The driver that the file names. Throws Stop('not-built-yet') for those of the plan. */
export function createDriver(deploy: EnvironmentConfig['deploy'], context: DriverContext): Driver {
  if (deploy.local !== undefined) return localDriver(deploy.local, context)
  if (deploy.command !== undefined) return commandDriver(deploy.command, context)
  if (deploy.gitops !== undefined) return gitopsDriver(deploy.gitops)
  const name = Object.keys(deploy)[0] ?? 'none'
  throw new Stop(
    'not-built-yet',
    `environments.${context.environment}.deploy: the driver "${name}" is not built yet`,
    { next: `Use local, command or gitops; ${docsUrl('drivers')} shows each.` },
  )
}
