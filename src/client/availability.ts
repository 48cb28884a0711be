import type { Check } from '../report/model.ts'
import type { Machine } from '../runner/machine.ts'
import type { Uv } from './uv.ts'

export interface AvailabilityQuestion {
  readonly machine: Machine
  readonly uv: Uv
  readonly zenmlVersion: string
  /** `X.Y` of every Python among the builds. */
  readonly pythonVersions: readonly string[]
  /** Absolute paths of requirement files that must fit it. */
  readonly requirements?: readonly string[]
  readonly indexEnv?: readonly string[]
}

/** One check per Python version: can this ZenML be installed from the configured index? Throws Stop('index-unreachable') when nobody can tell. */
export function checkInstallable(_question: AvailabilityQuestion): Promise<Check[]> {
  throw new Error('not yet')
}
