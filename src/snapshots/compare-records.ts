import { isDeepStrictEqual } from 'node:util'
import { short } from '../core/text.ts'
import { redactForeign } from '../runtime/secrets.ts'
import type { JsonObject, PipelineRecord } from '../zenml-client/protocol.ts'
import type { HydratedSnapshot } from '../zenml/entities.ts'
import { comparable } from './comparable.ts'
import { isObject, objectAt, type Json } from './json.ts'

/** A field of a snapshot that is not what it was; undefined where one side does not have it. */
export interface Difference {
  readonly path: readonly string[]
  readonly recorded: Json | undefined
  readonly now: Json | undefined
}

/** What may have changed a field on purpose. */
export interface Reasons {
  /** The record of the code without any configuration; null where there is none. */
  readonly ofCode: JsonObject | null
  /** `abc1234..def5678` where the recorded commit is known and another one; else null. */
  readonly codeChanged: string | null
  /** The file declares a configuration, which replaces the recorded one. */
  readonly declared: boolean
  /** The file declares where the pipeline is in the code, and so where its steps may be. */
  readonly sourceDeclared: boolean
  /** Configuration of the components of the live stack, by their type. */
  readonly components: Readonly<Record<string, JsonObject>>
}

export interface Explained {
  /** Fields that changed for no known reason. */
  readonly unexplained: readonly Difference[]
  /** Sentences about fields that the code, the stack or the file changed. */
  readonly explained: readonly string[]
  /** Whether the changed code is the reason of one of them. */
  readonly byCode: boolean
}

/** What is shown of a value, in characters. */
const SHOWN = 80
/** Differences in a message. */
const NAMED = 5

/** The record of a compiled pipeline as a part of what a server records. */
export function asSnapshot(record: PipelineRecord): JsonObject {
  const { is_dynamic: isDynamic, ...metadata } = record
  return { body: { is_dynamic: isDynamic }, metadata }
}

/** A record as plain JSON: the schema keeps every field that the server sent. */
export function asJson(record: HydratedSnapshot): JsonObject {
  return record as unknown as JsonObject
}

/** The part of a snapshot's record that compiling its pipeline gives. */
export function pipelineRecordOf({ body, metadata }: HydratedSnapshot): PipelineRecord {
  return {
    run_name_template: metadata.run_name_template,
    is_dynamic: body.is_dynamic,
    pipeline_configuration: metadata.pipeline_configuration,
    pipeline_spec: metadata.pipeline_spec ?? null,
    step_configurations: metadata.step_configurations as Record<string, JsonObject>,
  }
}

/** Every compared field in which two records differ. Pure. */
export function differences(recorded: JsonObject, now: JsonObject): Difference[] {
  const found = compareValues(comparable(recorded), comparable(now), [])
  return withoutDerived(
    found.filter(
      (difference) =>
        !hasNoOverrides(recorded, now, difference) && !isUnsetField(recorded, now, difference),
    ),
  )
}

/** Finds the reason of every difference. Pure. */
export function explain(found: readonly Difference[], reasons: Reasons): Explained {
  const unexplained: Difference[] = []
  const explained: string[] = []
  const ofCode = reasons.ofCode === null ? null : comparable(reasons.ofCode)
  let byCode = false
  for (const difference of found) {
    const reason = reasonOf(difference, ofCode, reasons)
    if (reason === undefined) unexplained.push(difference)
    else explained.push(`${describeDifference(difference)}: ${reason}.`)
    byCode ||= reason !== undefined && reason === codeReason(reasons)
  }
  return { unexplained, explained, byCode }
}

/**
 * The differences that the code causes by giving another value each time: two records of it, compiled
 * with the same parameters, differ there too. Pure.
 */
export function varying(
  found: readonly Difference[],
  compiled: JsonObject,
  ofCode: JsonObject | null,
): Difference[] {
  if (ofCode === null) return []
  const [one, other] = [comparable(compiled), comparable(ofCode)]
  const parameters = ['metadata', 'pipeline_configuration', 'parameters']
  if (!isDeepStrictEqual(valueAt(one, parameters), valueAt(other, parameters))) return []
  return found.filter(({ path, recorded }) => {
    const [first, second] = [valueAt(one, path), valueAt(other, path)]
    if (recorded === undefined || first === undefined || second === undefined) return false
    return !isDeepStrictEqual(first, second) && !isDeepStrictEqual(recorded, second)
  })
}

/** `steps.load.parameters.rows: recorded 7, now 9`. */
export function describeDifference({ path, recorded, now }: Difference): string {
  return `${describePath(path)}: recorded ${show(recorded)}, now ${show(now)}`
}

/** `steps.load.parameters.rows`. */
export function describePath(path: readonly string[]): string {
  const where = path.filter((key) => key !== 'metadata' && key !== 'step_config_overrides')
  return where.join('.').replace(/^step_configurations/, 'steps')
}

/** The first differences as one text, and how many more there are. */
export function describeDifferences(found: readonly Difference[]): string {
  const more = found.length > NAMED ? [`and ${found.length - NAMED} more`] : []
  return [...found.slice(0, NAMED).map(describeDifference), ...more].join('; ')
}

function codeReason({ codeChanged }: Pick<Reasons, 'codeChanged'>): string {
  return `the code says so (${codeChanged ?? 'unchanged'})`
}

function reasonOf(
  { path, now }: Difference,
  ofCode: JsonObject | null,
  { codeChanged, declared, sourceDeclared, components }: Reasons,
): string | undefined {
  if (path[0] !== 'metadata' || path[1] === 'description') return undefined
  if (declared) return 'the declared configuration decides'
  if (sourceDeclared && isSource(path)) return 'the declared `pipeline-source` decides'
  if (codeChanged !== null && ofCode !== null && isDeepStrictEqual(valueAt(ofCode, path), now))
    return codeReason({ codeChanged })
  const [type, field] = settingOf(path)
  return now !== undefined && isDeepStrictEqual(components[type]?.[field], now)
    ? 'a component of the stack says so'
    : undefined
}

/** Whether a path is that of the module and the name of a pipeline or a step. */
function isSource(path: readonly string[]): boolean {
  const [owner, key] = path.slice(-2)
  return key === 'source' && (owner === 'pipeline_spec' || owner === 'spec')
}

/** Component type and field of a path below `settings`. */
function settingOf(path: readonly string[]): [type: string, field: string] {
  const at = path.indexOf('settings')
  return at === -1 ? ['', ''] : [path[at + 1] ?? '', path[at + 2] ?? '']
}

function compareValues(
  recorded: Json | undefined,
  now: Json | undefined,
  path: readonly string[],
): Difference[] {
  if (isObject(recorded) && isObject(now)) return compareObjects(recorded, now, path)
  if (isDeepStrictEqual(recorded, now)) return []
  if (recorded === undefined && isEmpty(now)) return []
  if (now === undefined && isEmpty(recorded)) return []
  return [{ path, recorded, now }]
}

function compareObjects(
  recorded: JsonObject,
  now: JsonObject,
  path: readonly string[],
): Difference[] {
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(now)])]
  return keys.flatMap((key) => {
    const inner = [...path, key]
    // A mapping that only one side has is compared field by field, except a step.
    const [before, after] = [recorded[key], now[key]]
    const isStep = path.at(-1) === 'step_configurations'
    if (isStep || (before !== undefined && after !== undefined))
      return compareValues(before, after, inner)
    return compareValues(
      before ?? (isObject(after) ? {} : undefined),
      after ?? (isObject(before) ? {} : undefined),
      inner,
    )
  })
}

/** The default of a field that the other release of ZenML does not have. */
function isEmpty(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0
  return value === null || value === false || (isObject(value) && Object.keys(value).length === 0)
}

/** Older records have no overrides of a step; what they come to is compared. */
function hasNoOverrides(recorded: JsonObject, now: JsonObject, { path }: Difference): boolean {
  if (path[3] !== 'step_config_overrides') return false
  const step = path.slice(0, 3)
  return [recorded, now].some((record) => !isObject(valueAt(record, [...step, path[3] ?? ''])))
}

/**
 * Whether a difference is a field of a pydantic parameter that no one set. ZenML writes its default
 * into the specification where the code passed the object, and not where a configuration did; what
 * the steps got is compared by itself.
 */
function isUnsetField(recorded: JsonObject, now: JsonObject, { path }: Difference): boolean {
  const [, part, key, parameter, ...field] = path
  if (part !== 'pipeline_spec' || key !== 'parameters' || field.length === 0) return false
  return [recorded, now].every((record) => {
    const value = valueAt(record, ['metadata', 'pipeline_configuration', key, parameter ?? ''])
    return isObject(value) && valueAt(value, field) === undefined
  })
}

/** Leaves out what a step inherits from its pipeline, or repeats of its own overrides. */
function withoutDerived(found: readonly Difference[]): Difference[] {
  const key = (path: readonly string[], { recorded, now }: Difference) =>
    JSON.stringify([path, recorded ?? null, now ?? null])
  const sources = new Set(
    found.flatMap((difference) => {
      const { path } = difference
      if (path[1] === 'pipeline_configuration') return [key(['', ...path.slice(2)], difference)]
      if (path[3] === 'step_config_overrides')
        return [key([path[2] ?? '', ...path.slice(4)], difference)]
      return []
    }),
  )
  return found.filter(
    (difference) =>
      difference.path[3] !== 'config' ||
      !['', difference.path[2] ?? ''].some((owner) =>
        sources.has(key([owner, ...difference.path.slice(4)], difference)),
      ),
  )
}

function valueAt(value: JsonObject, path: readonly string[]): Json | undefined {
  const [first, ...rest] = path
  if (first === undefined) return value
  const inner = value[first]
  if (rest.length === 0) return inner
  return isObject(inner) ? valueAt(objectAt(value, first), rest) : undefined
}

function show(value: Json | undefined): string {
  return value === undefined ? 'nothing' : short(redactForeign(JSON.stringify(value)), SHOWN)
}
