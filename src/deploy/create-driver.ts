import type { EnvironmentConfig } from '../config/schema.ts'
import type { DriverContext } from './types.ts'
import type { Driver } from './driver.ts'
import { localDriver } from './local.ts'
import { commandDriver } from './command.ts'
import { gitopsDriver } from './gitops.ts'
import { Stop } from '../core/stop.ts'
import { docsUrl } from '../core/docs-url.ts'

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
