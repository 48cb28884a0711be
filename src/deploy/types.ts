import type { Machine } from '../runtime/runtime.ts'
import type { Environment } from '../core/environments.ts'
import type { Uv } from '../zenml-client/uv.ts'

/** What drivers need from outside. */
export interface DriverContext {
  readonly machine: Machine
  readonly environment: Environment
  /**
   * Root of the user's repository, absolute: relative paths of the file start here, and commands
   * run here.
   */
  readonly workspace: string
  /** Absolute path of the directory that takes the output of the user's commands. */
  readonly logDirectory: string
  /** Address of the server, told to the user's commands. */
  readonly serverUrl: string
  /** Asked for only by the driver that installs something. */
  readonly uv: () => Promise<Uv>
}
