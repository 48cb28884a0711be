import { randomUUID } from 'node:crypto'
import { plainName } from '../core/plain-name.ts'
import type { JsonObject } from '../zenml-client/protocol.ts'
import type { DeclaredSnapshot } from '../config/schema.ts'
import type { HydratedSnapshot } from '../zenml/entities.ts'
import { layOver } from './json.ts'

type Smoke = DeclaredSnapshot['smoke']

/**
 * The configuration for running a snapshot on the server: no cache, and the declared smaller
 * values. Caching is turned off for every step by name, because a step that turns it on itself
 * would win over the pipeline.
 */
export function serverRunConfiguration(record: HydratedSnapshot, smoke: Smoke): JsonObject {
  const uncached: JsonObject = { enable_cache: false }
  const steps = Object.fromEntries(
    Object.keys(record.metadata.step_configurations).map((step) => [step, uncached]),
  )
  return layOver({ enable_cache: false, steps }, smokeConfiguration(smoke))
}

/** Laid over the configuration of the snapshot when its pipeline is run from source. */
export function smokeConfiguration(smoke: Smoke): JsonObject {
  return {
    ...(smoke?.parameters === undefined ? {} : { parameters: smoke.parameters }),
    ...(smoke?.steps === undefined ? {} : { steps: smoke.steps }),
  }
}

/**
 * Why the server cannot run this snapshot the way the file asks, or undefined when it may be asked.
 */
export function onlyFromSource(record: HydratedSnapshot, smoke: Smoke): string | undefined {
  if (!record.body.runnable) return 'it has no image that a server could run'
  if (smoke?.parameters === undefined || record.body.is_dynamic) return undefined
  return 'a server takes no pipeline parameters for a static pipeline (`smoke.steps.<step>.parameters` it would take)'
}

/**
 * Returns a name for a run from source that no other run has. ZenML allows 255 characters and
 * replaces what is in braces.
 */
export function newRunName(snapshotName: string): string {
  return `zenml-upgrade-${plainName(snapshotName)}-${randomUUID()}`
}
