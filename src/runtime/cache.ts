import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Machine } from './runtime.ts'

/**
 * Where downloads and environments of this tool are kept between runs; a temporary one where there
 * is no home directory.
 */
export function defaultCacheDirectory(machine: Machine): string {
  const { XDG_CACHE_HOME: cache, HOME: home } = machine.env
  if (cache !== undefined && cache !== '') return join(cache, 'zenml-upgrade')
  return home === undefined || home === ''
    ? join(tmpdir(), 'zenml-upgrade-cache')
    : join(home, '.cache', 'zenml-upgrade')
}
