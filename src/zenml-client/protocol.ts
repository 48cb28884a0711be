import * as z from 'zod'
import type { Environment } from '../core/environments.ts'

// The lines between TypeScript and the Python package zenml_upgrade_fork_server: one JSON object
// each, jobs one way, events the other.

export const jsonObject = z.record(z.string(), z.json())
export type JsonObject = z.infer<typeof jsonObject>

/**
 * One component of a stack as the server tells it. Its service connector is left out on purpose:
 * planning contacts no cloud.
 */
export interface ComponentDefinition {
  readonly type: string
  readonly name: string
  readonly flavor: string
  /** Integration of the flavor, or null for a built-in or custom one. */
  readonly integration: string | null
  /**
   * Where a custom flavor is (`module.Class`), or null for ZenML's own; imported from the source
   * root where it is there.
   */
  readonly flavorSource: string | null
  readonly configuration: JsonObject
}

export interface StackDefinition {
  readonly name: string
  readonly components: readonly ComponentDefinition[]
}

/** What a snapshot says about its pipeline. */
export interface ExpectedPipeline {
  readonly pipeline: string
  readonly steps: readonly string[]
  /** The code or the declared configuration is known to be another: one common step is enough. */
  readonly stepsMayDiffer: boolean
}

/** What a snapshot records of a compiled pipeline, in the shape of one ZenML version. */
export const pipelineRecord = z.object({
  run_name_template: z.string(),
  is_dynamic: z.boolean(),
  pipeline_configuration: jsonObject,
  pipeline_spec: jsonObject.nullable(),
  step_configurations: z.record(z.string(), jsonObject),
})
export type PipelineRecord = z.infer<typeof pipelineRecord>

/** What the configuration file says of the source, for the messages about a failed import. */
export interface DeclaredSource {
  readonly name: string
  /** Requirements files, relative to the source root. */
  readonly requirements: readonly string[]
  readonly environment: Environment
}

interface CommonJob {
  /** ZenML source root: an absolute directory; imports and `.py` paths are relative to it. */
  readonly sourceRoot: string
  /** `module.attribute` of the pipeline, importable from the source root. */
  readonly pipelineSource: string
  /**
   * Joins the environment of the child only. For `create` and `run` it holds ZENML_STORE_URL and
   * ZENML_STORE_API_KEY.
   */
  readonly env: Readonly<Record<string, string>>
  /** A PipelineRunConfiguration, laid over the file of `configPath`. */
  readonly configuration: JsonObject | null
  /** A YAML file of the user, absolute or relative to the source root. */
  readonly configPath: string | null
  /** The configuration is what a snapshot recorded: where the code itself decides, the code wins. */
  readonly fromRecord?: boolean | undefined
  readonly source?: DeclaredSource | undefined
  /** Refuses a pipeline that is not the one that a snapshot was made from. */
  readonly expected?: ExpectedPipeline | undefined
  readonly timeoutSeconds: number
  /** Gets all that the child prints; its directory is made when it is missing. */
  readonly logPath: string
}

/**
 * Compiles the pipeline against a throw-away local store that holds a copy of the stack. Contacts
 * no server and builds no image.
 */
export interface ConfigureJob extends CommonJob {
  readonly op: 'configure'
  readonly stackDefinition: StackDefinition
  /** What the snapshot recorded; the result then has the records to compare. */
  readonly recorded?: PipelineRecord | undefined
}

interface LiveJob extends CommonJob {
  /** Name or id of the live stack. */
  readonly stack: string
  /** Name or id of the live project. */
  readonly project: string
}

/** Makes a named snapshot on the live server, with its image build where the stack needs one. */
export interface CreateJob extends LiveJob {
  readonly op: 'create'
  readonly name: string
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** Takes the name away from a snapshot that has it. Without it a taken name is an error. */
  readonly replace?: boolean | undefined
}

/** Runs the pipeline from source, without cache, and waits for its end. */
export interface RunJob extends LiveJob {
  readonly op: 'run'
  /**
   * Laid over the configuration and, unlike a recorded one, never given up: where the code passes
   * another value, the job fails.
   */
  readonly overrides?: JsonObject | undefined
  /**
   * Give a unique one: by it the run can be found on the server when the job does not come back, as
   * after a time-out.
   */
  readonly runName?: string | undefined
}

/**
 * Finds out whether images for a live stack can be built on this machine and pushed from it. Builds
 * and pushes nothing.
 */
interface CheckBuildsJob extends LiveJob {
  readonly op: 'check-builds'
  /** To push to, each with the address of its registry and without a tag. */
  readonly repositories: readonly string[]
}

/** Lets a deployment that exists serve a snapshot, and waits until its deployer says that it runs. */
interface DeployJob extends LiveJob {
  readonly op: 'deploy'
  /** Id of the deployment. */
  readonly deployment: string
  /** Id of the snapshot. */
  readonly snapshot: string
}

export type Job = ConfigureJob | CreateJob | DeployJob | RunJob | CheckBuildsJob
export type Operation = Job['op']

/** Every line that the fork server may write. */
export const eventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('ready'),
    zenmlVersion: z.string(),
    pythonVersion: z.string(),
    importSeconds: z.number(),
  }),
  z.object({ event: z.literal('started'), id: z.int(), pid: z.int() }),
  z.object({
    event: z.literal('done'),
    id: z.int(),
    seconds: z.number(),
    /** As the process of the job wrote it, where code of the user ran. */
    result: z.unknown(),
  }),
])
export type ServerEvent = z.infer<typeof eventSchema>
