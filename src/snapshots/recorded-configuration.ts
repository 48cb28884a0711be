import type { JsonObject } from '../zenml-client/protocol.ts'
import type { HydratedSnapshot } from '../zenml/entities.ts'
import { isObject, objectAt, type Json } from './json.ts'
import { carriedSettings, describePin } from './pinned-client.ts'

// A snapshot's record is the compiled pipeline: what its code says and what its configuration said,
// in one. Seen with ZenML 0.94.1 and 0.98.0: `pipeline_configuration` holds the pipeline's own
// values, `step_config_overrides` those of a step before the pipeline's are merged in, and `config`
// the result. Carried over is what a PipelineRunConfiguration can say and a rebuild must not renew.

/** What one snapshot is rebuilt from when the file declares no configuration for it. */
export interface RecordedConfiguration {
  /** A PipelineRunConfiguration. */
  readonly configuration: JsonObject
  /** What was recorded and is not carried over, as sentences. */
  readonly notCarried: readonly string[]
}

const SWITCHES = [
  'enable_cache',
  'enable_artifact_metadata',
  'enable_artifact_visualization',
  'enable_step_logs',
] as const
// Left out on purpose: `build`, `schedule` and the client's environment.
const OF_PIPELINE = [
  ...SWITCHES,
  'enable_pipeline_logs',
  'enable_heartbeat',
  'execution_mode',
  'cache_policy',
  'retry',
] as const
const OF_STEP = [
  ...SWITCHES,
  'step_operator',
  'experiment_tracker',
  'cache_policy',
  'retry',
  'runtime',
] as const
const MAPPINGS = ['parameters', 'environment', 'extra', 'substitutions'] as const
const STEP_HOOKS = [
  'failure_hook_source',
  'success_hook_source',
  'start_hook_source',
  'end_hook_source',
] as const
const PIPELINE_HOOKS = [
  ...STEP_HOOKS,
  'pause_hook_source',
  'resume_hook_source',
  'init_hook_source',
  'cleanup_hook_source',
] as const
/** Minutes; ZenML's default, recorded for every step. */
const DEFAULT_HEARTBEAT_THRESHOLD = 30

/** `module.attribute` of the pipeline, or why it cannot be imported from source. */
export function pipelineSource(
  record: HydratedSnapshot,
): { readonly source: string } | { readonly why: string } {
  const source = objectAt(record.metadata.pipeline_spec ?? {}, 'source')
  const { module, attribute, type } = source
  if (type === 'notebook') return { why: 'its pipeline was defined in a notebook' }
  if (typeof module !== 'string' || typeof attribute !== 'string')
    return { why: 'its record does not name the code of its pipeline' }
  return { source: `${module}.${attribute}` }
}

/** The configuration that makes the same snapshot again with the client of version `target`. */
export function recordedConfiguration(
  record: HydratedSnapshot,
  target: string,
): RecordedConfiguration {
  const notCarried: string[] = []
  const { pipeline_configuration: recorded, step_configurations: stepRecords } = record.metadata
  const steps: JsonObject = {}
  for (const [name, step] of Object.entries(stepRecords)) {
    const configuration = ofStep(name, overridesOf(step), target, notCarried)
    if (Object.keys(configuration).length > 0) steps[name] = configuration
  }
  const configuration: JsonObject = {
    run_name: record.metadata.run_name_template,
    ...present(recorded, [...OF_PIPELINE, 'init_hook_kwargs']),
    ...hooksOf(recorded, PIPELINE_HOOKS),
    ...common(recorded, target, 'the pipeline', notCarried),
  }
  // A tag stands there once for its code and once for every time that ZenML applied the
  // configuration.
  const tags = recorded['tags']
  if (Array.isArray(tags) && tags.length > 0) configuration['tags'] = unique(tags)
  if (Object.keys(steps).length > 0) configuration['steps'] = steps
  return { configuration, notCarried }
}

function ofStep(
  name: string,
  overrides: JsonObject,
  target: string,
  notCarried: string[],
): JsonObject {
  const configuration: JsonObject = {
    ...present(overrides, OF_STEP),
    ...common(overrides, target, `step ${name}`, notCarried),
  }
  if (isDefaultCachePolicy(configuration['cache_policy'])) delete configuration['cache_policy']
  const threshold = overrides['heartbeat_healthy_threshold']
  if (typeof threshold === 'number' && threshold !== DEFAULT_HEARTBEAT_THRESHOLD)
    configuration['heartbeat_healthy_threshold'] = threshold
  Object.assign(configuration, hooksOf(overrides, STEP_HOOKS))
  if (Object.keys(objectAt(overrides, 'external_input_artifacts')).length > 0) {
    notCarried.push(
      `Step ${name} reads an artifact by its id; only a run tells if it is still there.`,
    )
  }
  return configuration
}

/** What pipelines and steps record alike. */
function common(
  recorded: JsonObject,
  target: string,
  owner: string,
  notCarried: string[],
): JsonObject {
  const found: JsonObject = {}
  for (const key of MAPPINGS) {
    const value = objectAt(recorded, key)
    if (Object.keys(value).length > 0) found[key] = value
  }
  const secrets = recorded['secrets']
  if (Array.isArray(secrets) && secrets.length > 0) found['secrets'] = unique(secrets)
  if (isObject(recorded['model'])) found['model'] = withoutNulls(recorded['model'])
  const { settings, pins } = carriedSettings(objectAt(recorded, 'settings'), target)
  if (Object.keys(settings).length > 0) found['settings'] = settings
  notCarried.push(
    ...pins.map((pin) =>
      pin.raised
        ? `The docker settings of ${owner} had ${describePin(pin)}; it is raised to ${target}.`
        : `The docker settings of ${owner} named another ZenML (${describePin(pin)}); what the code says holds instead.`,
    ),
  )
  return found
}

/** What the step itself says; before ZenML recorded that apart, `config` was all there was. */
function overridesOf(step: Readonly<Record<string, unknown>>): JsonObject {
  const overrides = step['step_config_overrides'] ?? step['config']
  return isObject(overrides) ? overrides : {}
}

/**
 * Hooks as `module.attribute`. Those that the code sets come from there again: the client compares
 * them with its code.
 */
function hooksOf(recorded: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const { module, attribute } = objectAt(recorded, key)
      return typeof module === 'string' && typeof attribute === 'string'
        ? [[key, `${module}.${attribute}`]]
        : []
    }),
  )
}

/** ZenML records a full policy for every step, also where nobody asked for one. */
function isDefaultCachePolicy(policy: Json | undefined): boolean {
  return (
    isObject(policy) &&
    Object.entries(policy).every(
      ([key, value]) => value === (key.startsWith('include_') ? true : null),
    )
  )
}

function present(recorded: JsonObject, keys: readonly string[]): JsonObject {
  return withoutNulls(
    Object.fromEntries(
      keys.flatMap((key) => (recorded[key] === undefined ? [] : [[key, recorded[key]]])),
    ),
  )
}

function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null))
}

function unique(values: readonly Json[]): Json[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]))
  return [...seen.values()]
}
