import { normalise, sameVersion } from '../core/versions.ts'

/** PEP 440 equality; a text that is no version equals none. */
export function carries(version: string, target: string): boolean {
  return (
    normalise(version) !== undefined &&
    normalise(target) !== undefined &&
    sameVersion(version, target)
  )
}
