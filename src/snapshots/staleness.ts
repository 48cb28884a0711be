import { normalise, sameVersion } from '../core/versions.ts'
import type { Build, HydratedSnapshot } from '../zenml/entities.ts'

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

/** PEP 440 equality; a text that is no version equals none. */
export function carries(version: string, target: string): boolean {
  return (
    normalise(version) !== undefined &&
    normalise(target) !== undefined &&
    sameVersion(version, target)
  )
}

/**
 * `X.Y` of the Python the snapshot runs with: that of its build, else of the client that made it.
 */
export function pythonVersion(record: HydratedSnapshot, build: Build | null): string | undefined {
  const recorded =
    build?.metadata.python_version ?? record.metadata.client_environment?.['python_version']
  return typeof recorded === 'string' ? /^\d+\.\d+/.exec(recorded)?.[0] : undefined
}
