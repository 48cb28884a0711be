import { join } from 'node:path'
import { plainName } from '../core/plain-name.ts'
import type { DiscoveredSnapshot } from './discovered.ts'

/** Returns the file for what a job on a snapshot prints: one for each snapshot and phase. */
export function logPathOf(
  logDirectory: string,
  { project, pipeline, name }: Pick<DiscoveredSnapshot, 'project' | 'pipeline' | 'name'>,
  phase: string,
): string {
  return join(
    logDirectory,
    plainName(project),
    plainName(pipeline),
    `${plainName(name)}.${phase}.log`,
  )
}
