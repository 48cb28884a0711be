import * as z from 'zod'

// What this tool reads of ZenML's entities: strict on those fields, silent about all others. Seen
// with ZenML 0.94.1 and 0.98.0. `body` comes always, `metadata` and `resources` only from a
// hydrated answer; the schemas called hydrated demand them.

const json = z.record(z.string(), z.json())
/** A time as the server writes it: UTC without a zone. `serverTime` turns it into a Date. */
const time = z.string()
const id = z.string()
const text = z.string()
/**
 * Another entity inside `resources`: never hydrated itself, and without a body where the key may
 * not read it.
 */
const reference = z.looseObject({ id, name: text.nullish() })
const named = z.looseObject({ id, name: text })

export const projectSchema = z.looseObject({ id, name: text })
export type Project = z.infer<typeof projectSchema>

export const pipelineSchema = z.looseObject({
  id,
  name: text,
  body: z.looseObject({ created: time }),
})

const codeReference = z.looseObject({
  id,
  body: z
    .looseObject({ commit: text, subdirectory: text, code_repository: reference.nullish() })
    .nullish(),
})

/**
 * A snapshot as lists give it, `resources` included. One without a name is anonymous: every run
 * makes one.
 */
export const snapshotSchema = z.looseObject({
  id,
  name: text.nullish(),
  body: z.looseObject({
    created: time,
    runnable: z.boolean(),
    is_dynamic: z.boolean().default(false),
    user_id: id.nullish(),
    project_id: id,
  }),
  resources: z.looseObject({
    pipeline: named.nullish(),
    stack: named.nullish(),
    build: reference.nullish(),
    schedule: reference.nullish(),
    code_reference: codeReference.nullish(),
    tags: z.array(named).default([]),
    latest_run_id: id.nullish(),
    latest_run_status: text.nullish(),
  }),
})

export const hydratedSnapshotSchema = snapshotSchema.extend({
  metadata: z.looseObject({
    description: text.nullish(),
    run_name_template: text,
    client_version: text.nullish(),
    server_version: text.nullish(),
    pipeline_configuration: json,
    step_configurations: z.record(
      z.string(),
      z.looseObject({ config: z.looseObject({ parameters: json.nullish() }) }),
    ),
    client_environment: json.nullish(),
    pipeline_spec: json.nullish(),
    pipeline_version_hash: text.nullish(),
    code_path: text.nullish(),
    source_snapshot_id: id.nullish(),
  }),
})
export type HydratedSnapshot = z.infer<typeof hydratedSnapshotSchema>

export const buildSchema = z.looseObject({
  id,
  metadata: z.looseObject({
    zenml_version: text.nullish(),
    python_version: text.nullish(),
    is_local: z.boolean(),
    contains_code: z.boolean(),
    stack_checksum: text.nullish(),
    images: z.record(
      z.string(),
      z.looseObject({ image: text, requirements: text.nullish(), dockerfile: text.nullish() }),
    ),
  }),
  resources: z.looseObject({ stack: reference.nullish(), pipeline: reference.nullish() }),
})
export type Build = z.infer<typeof buildSchema>

/** A component inside a stack: what it is, without its configuration. */
const stackComponentSchema = z.looseObject({
  id,
  name: text,
  body: z.looseObject({ type: text, flavor_name: text, integration: text.nullish() }),
})

export const stackSummarySchema = z.looseObject({ id, name: text })

export const stackSchema = stackSummarySchema.extend({
  metadata: z.looseObject({
    description: text.nullish(),
    /** By component type; some types may have several. */
    components: z.record(z.string(), z.array(stackComponentSchema)),
    labels: json.nullish(),
    environment: json.nullish(),
  }),
})

/** Of a registered type the server tells more than its name. */
const connectorType = z.union([
  text,
  z.object({ connector_type: text }).transform((type) => type.connector_type),
])

export const componentSchema = stackComponentSchema.extend({
  metadata: z.looseObject({
    /** Values may be secrets or references to them: only the keys may be shown. */
    configuration: json,
    environment: json.nullish(),
    labels: json.nullish(),
    connector_resource_id: text.nullish(),
    /**
     * Stripped to what is named: a connector may hold secrets in clear text. Without a body where
     * the key may not read it.
     */
    connector: z
      .object({
        id,
        name: text.nullish(),
        body: z.object({ connector_type: connectorType }).nullish(),
      })
      .nullish(),
  }),
})

export const flavorSchema = z.looseObject({
  id,
  name: text,
  body: z.looseObject({ type: text, integration: text.nullish(), is_custom: z.boolean() }),
})

/**
 * Strict to what is named here: the server may answer with a connector's secrets in clear text, so
 * all else is dropped while parsing.
 */
export const serviceConnectorSchema = z.object({
  id,
  name: text,
  body: z.object({
    connector_type: connectorType,
    auth_method: text,
    resource_types: z.array(text),
    resource_id: text.nullish(),
  }),
})

export const scheduleSchema = z.looseObject({
  id,
  name: text,
  body: z.looseObject({
    created: time,
    active: z.boolean(),
    cron_expression: text.nullish(),
    start_time: time.nullish(),
    end_time: time.nullish(),
    /** ISO 8601 duration. */
    interval_second: text.nullish(),
    catchup: z.boolean(),
    run_once_start_time: time.nullish(),
    is_archived: z.boolean().default(false),
  }),
})

export const hydratedScheduleSchema = scheduleSchema.extend({
  metadata: z.looseObject({
    orchestrator_id: id.nullish(),
    pipeline_id: id.nullish(),
    run_metadata: json.nullish(),
  }),
})

/**
 * A trigger of ZenML 0.94.0 and later. Its name is in `body`; the snapshots it starts are in
 * `resources`.
 */
export const triggerSchema = z.looseObject({
  id,
  body: z.looseObject({
    name: text,
    active: z.boolean(),
    type: text,
    flavor: text,
    is_archived: z.boolean().default(false),
  }),
  resources: z.looseObject({ snapshots: z.array(reference).default([]) }),
})

export const currentUserSchema = z.looseObject({
  id,
  name: text,
  body: z.looseObject({
    is_service_account: z.boolean().nullish(),
    is_admin: z.boolean().nullish(),
  }),
})

/**
 * A run template: what snapshots were called before ZenML 0.90.0. Its source is a `deployment` there
 * and a `snapshot` since; both come without their own records.
 */
export const runTemplateSchema = z.object({
  id,
  name: text,
  body: z.object({ created: time, runnable: z.boolean(), hidden: z.boolean().default(false) }),
  resources: z.object({
    source_deployment: z.object({ id }).nullish(),
    source_snapshot: z.object({ id, name: text.nullish() }).nullish(),
    pipeline: z.object({ name: text }).nullish(),
    build: z.object({ id }).nullish(),
  }),
})
export type RunTemplate = z.infer<typeof runTemplateSchema>

/**
 * A pipeline that is served over HTTP. Never ask for it hydrated: `metadata` has its key. Strict to
 * what is named here for the same reason.
 */
export const deploymentSchema = z.object({
  id,
  name: text,
  body: z.object({ project_id: id, url: text.nullish(), status: text.nullish() }),
  resources: z.object({
    snapshot: z.object({ id }).nullish(),
    pipeline: z.object({ name: text }).nullish(),
    stack: z.object({ id, name: text }).nullish(),
    deployer: z.object({ name: text, body: z.object({ flavor_name: text }).nullish() }).nullish(),
  }),
})

/** A time of the server (UTC without a zone) as a Date. */
export function serverTime(value: string): Date {
  return new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`)
}
