import type { EnvironmentConfig } from '../config/schema.ts'
import type { DriverContext } from './types.ts'
import type { Driver } from './driver.ts'
import { localDriver } from './local.ts'
import { commandDriver } from './command.ts'
import { gitopsDriver } from './gitops.ts'

/** Creates the driver that the file names. */
export function createDriver(deploy: EnvironmentConfig['deploy'], context: DriverContext): Driver {
  if (deploy.local !== undefined) return localDriver(deploy.local, context)
  if (deploy.command !== undefined) return commandDriver(deploy.command, context)
  if (deploy.gitops !== undefined) return gitopsDriver(deploy.gitops)
  throw new Error(`no driver ${Object.keys(deploy).join()}: the file is refused before`)
}
