import type { Machine } from '../runner/machine.ts'
import type { Uv } from './uv.ts'

/** A virtual environment with exactly one ZenML client in it. */
export interface ClientEnvironment {
  /** Path of its interpreter. */
  readonly python: string
  /** Directory of its programs: first on PATH for the user's commands. */
  readonly bin: string
  readonly zenmlVersion: string
  /** `X.Y` of its interpreter. */
  readonly pythonVersion: string
  /** Requirements of the user that name another ZenML and were overridden, as written. */
  readonly overridden: readonly string[]
  /** True when it was there from an earlier run. */
  readonly cached: boolean
  readonly seconds: number
}

export interface ClientSpec {
  readonly machine: Machine
  readonly uv: Uv
  readonly zenmlVersion: string
  /** `X.Y`. */
  readonly python: string
  /** Absolute paths of requirement files of the source. */
  readonly requirements: readonly string[]
  /** Names of ZenML integrations that the stacks use; an unknown name is refused. */
  readonly integrations: readonly string[]
  /** Extras of zenml, such as `local` (needed by `configure` jobs). */
  readonly extras: readonly string[]
  /** Names of environment variables that hold an index URL: UV_INDEX_URL, PIP_EXTRA_INDEX_URL and the like, or any name. */
  readonly indexEnv: readonly string[]
  readonly cacheDirectory: string
}

/** Builds the environment, or finds it in the cache. Throws Stop('index-unreachable' | 'version-not-found' | 'preflight-failed'). */
export function prepareClient(_spec: ClientSpec): Promise<ClientEnvironment> {
  throw new Error('not yet')
}
