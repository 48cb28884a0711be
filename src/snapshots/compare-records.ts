import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../zenml-client/protocol.ts'
import type { HydratedSnapshot } from '../zenml/entities.ts'
import { contains, isObject, objectAt, type Json } from './json.ts'
import { withoutPinnedClient } from './pinned-client.ts'
import { overridesOf, recordedConfiguration } from './recorded-configuration.ts'

/** How a rebuilt snapshot differs from the one it replaced, as sentences. */
export interface Differences {
  /** A parameter, a setting, a tag or the description that had to carry over and did not. */
  readonly failures: readonly string[]
  /** About anything else, or where the code itself decides now. */
  readonly warnings: readonly string[]
}

interface Compared {
  /**
   * The file declares a configuration, and that decides about everything but description and tags.
   */
  readonly declared: boolean
  readonly target: string
  /** Paths of the recorded configuration about which the code now says something else. */
  readonly codeDecides: readonly string[]
}

/** Compares what an upgrade must not change. Pure. */
export function compareRecords(
  old: HydratedSnapshot,
  rebuilt: HydratedSnapshot,
  compared: Compared,
): Differences {
  const about = compareAttributes(old, rebuilt)
  if (compared.declared) return about
  const configured = compareRecordedConfigurations(old, rebuilt, compared)
  return {
    failures: [...about.failures, ...configured.failures],
    warnings: [...about.warnings, ...configured.warnings],
  }
}

/** Compares what a snapshot has besides its configuration. */
function compareAttributes(old: HydratedSnapshot, rebuilt: HydratedSnapshot): Differences {
  const failures: string[] = []
  const warnings: string[] = []
  if ((old.metadata.description ?? '') !== (rebuilt.metadata.description ?? ''))
    failures.push('Its description did not carry over.')
  const tags = new Set(rebuilt.resources.tags.map(({ name }) => name))
  const lostTags = old.resources.tags.map(({ name }) => name).filter((name) => !tags.has(name))
  if (lostTags.length > 0) failures.push(`Tags that did not carry over: ${lostTags.join(', ')}.`)
  const reference = old.resources.code_reference?.body?.commit
  if (reference !== undefined && rebuilt.resources.code_reference?.body == null)
    warnings.push(
      `It had a code reference (${reference.slice(0, 7)}) and has none now: its runs no longer take the code from the code repository.`,
    )
  return { failures, warnings }
}

/** Compares the pipeline and every step that both have. */
function compareRecordedConfigurations(
  old: HydratedSnapshot,
  rebuilt: HydratedSnapshot,
  { target, codeDecides }: Compared,
): Differences {
  const before = recordedConfiguration(old, target).configuration
  const after = recordedConfiguration(rebuilt, target).configuration
  const [then, now] = [
    Object.keys(old.metadata.step_configurations),
    Object.keys(rebuilt.metadata.step_configurations),
  ]
  const found = [
    compareConfigurations('the pipeline', '', before, after, codeDecides),
    ...then
      .filter((name) => now.includes(name))
      .map((step) =>
        compareConfigurations(
          `step ${step}`,
          `steps.${step}.`,
          objectAt(objectAt(before, 'steps'), step),
          objectAt(objectAt(after, 'steps'), step),
          codeDecides,
        ),
      ),
  ]
  return {
    failures: found.flatMap(({ failures }) => failures),
    warnings: [...found.flatMap(({ warnings }) => warnings), ...stepChanges(then, now)],
  }
}

/** Compares the configuration of a pipeline or a step; `path` is where it is in the whole. */
function compareConfigurations(
  owner: string,
  path: string,
  before: JsonObject,
  after: JsonObject,
  codeDecides: readonly string[],
): Differences {
  const failures: string[] = []
  const warnings: string[] = []
  for (const [name, value] of Object.entries(objectAt(before, 'parameters'))) {
    const now = objectAt(after, 'parameters')[name]
    if (isDeepStrictEqual(now, value)) continue
    const how = now === undefined ? 'is gone' : 'is not what it was'
    if (codeDecides.includes(`${path}parameters.${name}`))
      warnings.push(`The parameter ${name} of ${owner} ${how}: the code decides about it now.`)
    else failures.push(`The parameter ${name} of ${owner} ${how}.`)
  }
  const lost = settingsLost(objectAt(before, 'settings'), objectAt(after, 'settings'))
  if (lost.length > 0)
    failures.push(`Settings of ${owner} that did not carry over: ${lost.join(', ')}.`)
  const others = Object.keys(before).filter(
    (key) => !['parameters', 'settings', 'steps'].includes(key),
  )
  const changed = others.filter((key) => !carriedOver(after[key], before[key] ?? null))
  if (changed.length > 0) warnings.push(`Of ${owner} is not what it was: ${changed.join(', ')}.`)
  return { failures, warnings }
}

/** What the code did to the steps of a pipeline, as sentences. */
export function stepChanges(then: readonly string[], now: readonly string[]): string[] {
  const [gone, added] = [
    then.filter((step) => !now.includes(step)),
    now.filter((step) => !then.includes(step)),
  ]
  return [
    ...(gone.length > 0 ? [`The code no longer has the steps ${gone.join(', ')}.`] : []),
    ...(added.length > 0 ? [`The code has new steps: ${added.join(', ')}.`] : []),
  ]
}

/** What the rebuilt snapshot still pins to another ZenML, from its code or its file. */
export function remainingPins(record: HydratedSnapshot, target: string): string[] {
  const owners = [
    record.metadata.pipeline_configuration,
    ...Object.values(record.metadata.step_configurations).map(overridesOf),
  ]
  return [
    ...new Set(
      owners.flatMap((owner) => withoutPinnedClient(objectAt(owner, 'settings'), target).pins),
    ),
  ]
}

/** Lists may have grown: tags and secrets of the code join those of the configuration. */
function carriedOver(now: Json | undefined, value: Json): boolean {
  if (Array.isArray(value))
    return (
      Array.isArray(now) &&
      value.every((entry) => now.some((other) => isDeepStrictEqual(other, entry)))
    )
  return contains(now, value)
}

/**
 * Keys of settings that are not fully there any more. Only lost values count: components and newer
 * clients add their own.
 */
function settingsLost(before: JsonObject, after: JsonObject): string[] {
  const now = byComponentType(after)
  return Object.entries(byComponentType(before)).flatMap(([key, value]) =>
    contains(now[key], value) ? [] : [key],
  )
}

/**
 * The settings of a component are recorded as `orchestrator.kubernetes` (by flavor) up to ZenML
 * 0.94.2 and as `orchestrator:prod` (by name) from then on, and code may write just `orchestrator`.
 */
function byComponentType(settings: JsonObject): JsonObject {
  const merged: JsonObject = {}
  for (const [key, value] of Object.entries(settings)) {
    const type = key.split(/[.:]/)[0] ?? key
    const known = merged[type]
    merged[type] = isObject(known) && isObject(value) ? { ...known, ...value } : value
  }
  return merged
}
