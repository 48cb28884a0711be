import type { Machine } from '../runner/machine.ts'

/** A uv that can be run. */
export interface Uv {
  readonly path: string
  readonly version: string
}

/** Where downloads and environments of this tool are kept between runs. */
export function defaultCacheDirectory(_machine: Machine): string {
  throw new Error('not yet')
}

/** uv from PATH, else a pinned wheel from the configured package index. Throws Stop('index-unreachable') or Stop('preflight-failed'). */
export function findUv(_machine: Machine, _cacheDirectory: string): Promise<Uv> {
  throw new Error('not yet')
}

/** Path of an interpreter of this version (`3.11`). Throws Stop('preflight-failed') naming those that were found. */
export function findPython(_machine: Machine, _uv: Uv, _version: string): Promise<string> {
  throw new Error('not yet')
}
