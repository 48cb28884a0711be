import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../client/protocol.ts'
import type { HydratedSnapshot } from '../zenml/entities.ts'
import { contains, isObject, objectAt, type Json } from './json.ts'
import { withoutPinnedClient } from './pinned-client.ts'
import { overridesOf } from './recorded-configuration.ts'

/** How a rebuilt snapshot differs from the one it replaced, as sentences. */
export interface Differences {
  /** Something that had to carry over did not. */
  readonly failures: readonly string[]
  /** The code decides about it, and the code changed. */
  readonly warnings: readonly string[]
}

// A parameter or setting that a job could not carry over, because the code itself now decides about it, is no failure: `notCarried`
// says so already. Description and tags are given to ZenML as they are, so a difference means that they were dropped.

/** Compares what an upgrade must not change. With a declared configuration, that file decides about parameters and settings. Pure. */
export function compareRecords(old: HydratedSnapshot, rebuilt: HydratedSnapshot, about: { declared: boolean; target: string; codeDecides: ReadonlySet<string> }): Differences {
  const failures: string[] = []
  const warnings: string[] = []
  if ((old.metadata.description ?? '') !== (rebuilt.metadata.description ?? '')) failures.push('Its description did not carry over.')
  const has = new Set(rebuilt.resources.tags.map(({ name }) => name))
  const lostTags = old.resources.tags.map(({ name }) => name).filter((name) => !has.has(name))
  if (lostTags.length > 0) failures.push(`Tags that did not carry over: ${lostTags.join(', ')}.`)
  if (about.declared) return { failures, warnings }

  const [oldPipeline, newPipeline] = [old.metadata.pipeline_configuration, rebuilt.metadata.pipeline_configuration]
  const told = (path: string, sentence: string) => { (about.codeDecides.has(path) ? warnings : failures).push(sentence) }
  for (const [name, value] of Object.entries(objectAt(oldPipeline, 'parameters'))) {
    const now = objectAt(newPipeline, 'parameters')[name]
    if (!isDeepStrictEqual(now, value)) told(`parameters.${name}`, `The parameter ${name} is not what it was.`)
  }
  const lostSettings = settingsLost(objectAt(oldPipeline, 'settings'), objectAt(newPipeline, 'settings'), about.target)
  if (lostSettings.length > 0) failures.push(`Settings of the pipeline that did not carry over: ${lostSettings.join(', ')}.`)

  const [oldSteps, newSteps] = [old.metadata.step_configurations, rebuilt.metadata.step_configurations]
  const gone = Object.keys(oldSteps).filter((step) => newSteps[step] === undefined)
  const added = Object.keys(newSteps).filter((step) => oldSteps[step] === undefined)
  if (gone.length > 0) warnings.push(`The code no longer has the steps ${gone.join(', ')}.`)
  if (added.length > 0) warnings.push(`The code has new steps: ${added.join(', ')}.`)
  for (const [step, record] of Object.entries(oldSteps)) {
    const now = newSteps[step]
    if (now === undefined) continue
    const [before, after] = [overridesOf(record), overridesOf(now)]
    for (const [name, value] of Object.entries(objectAt(before, 'parameters'))) {
      const current = objectAt(after, 'parameters')[name]
      if (!isDeepStrictEqual(current, value)) told(`steps.${step}.parameters.${name}`, `The parameter ${name} of step ${step} is not what it was.`)
    }
    const lost = settingsLost(objectAt(before, 'settings'), objectAt(after, 'settings'), about.target)
    if (lost.length > 0) failures.push(`Settings of step ${step} that did not carry over: ${lost.join(', ')}.`)
  }
  return { failures, warnings }
}

/** What the rebuilt snapshot still pins to another ZenML, from its code or its file. */
export function remainingPins(record: HydratedSnapshot, target: string): string[] {
  const owners = [record.metadata.pipeline_configuration, ...Object.values(record.metadata.step_configurations).map(overridesOf)]
  return [...new Set(owners.flatMap((owner) => withoutPinnedClient(objectAt(owner, 'settings'), target).pins))]
}

/** Keys of settings that are not fully there any more. Only lost values count: components and newer clients add their own. */
function settingsLost(before: JsonObject, after: JsonObject, target: string): string[] {
  const then = byComponentType(withoutPinnedClient(before, target).settings)
  const now = byComponentType(after)
  return Object.entries(then).flatMap(([key, value]) => (contains(now[key], value) ? [] : [key]))
}

/**
 * The settings of a component are recorded as `orchestrator.kubernetes` (by flavor) up to ZenML 0.94.2 and as `orchestrator:prod` (by
 * name) from then on, and code may write just `orchestrator`.
 */
function byComponentType(settings: JsonObject): JsonObject {
  const merged: Record<string, Json> = {}
  for (const [key, value] of Object.entries(settings)) {
    const type = key.split(/[.:]/)[0] ?? key
    const known = merged[type]
    merged[type] = isObject(known) && isObject(value) ? { ...known, ...value } : value
  }
  return merged
}
