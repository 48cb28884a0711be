import type { Build, HydratedSnapshot } from '../zenml/entities.ts'
import type { DiscoveredSnapshot } from './discovered.ts'
import { describePin, pinsOfBuild, pinsOfSettings } from './pinned-client.ts'
import { carries } from './versions.ts'

/** Stands where neither a build nor a client version is recorded; such a snapshot is stale. */
const UNKNOWN_VERSION = 'unknown'

/**
 * The ZenML version a snapshot runs with: that of its build, which is what is in the image, else
 * that of the client that made it. Only true for named snapshots: a run started by the server makes
 * an anonymous one with the server's version and the old build.
 */
export function carriedVersion(record: HydratedSnapshot, build: Build | null): string {
  return build?.metadata.zenml_version ?? record.metadata.client_version ?? UNKNOWN_VERSION
}

/**
 * Why a snapshot must be rebuilt, as a clause; undefined when it carries the target. What its image
 * is made of counts as much as the client that made it, regardless of who made it and when.
 */
export function staleBecause(
  { record, build, version }: Pick<DiscoveredSnapshot, 'record' | 'build' | 'version'>,
  target: string,
): string | undefined {
  if (!carries(version, target)) return `it still carries ZenML ${version}`
  const pins = [...pinsOfSettings(record.metadata, target), ...pinsOfBuild(build, target)]
  return pins.length === 0
    ? undefined
    : `another ZenML is put into its image: ${pins.map(describePin).join(', ')}`
}

/**
 * `X.Y` of the Python the snapshot runs with: that of its build, else of the client that made it.
 */
export function pythonVersion(record: HydratedSnapshot, build: Build | null): string | undefined {
  const recorded =
    build?.metadata.python_version ?? record.metadata.client_environment?.['python_version']
  return typeof recorded === 'string' ? /^\d+\.\d+/.exec(recorded)?.[0] : undefined
}
