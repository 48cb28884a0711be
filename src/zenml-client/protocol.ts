import * as z from 'zod'
import type { Environment } from '../core/environments.ts'

// The lines between TypeScript and the Python package zenml_upgrade_fork_server: one JSON object
// each, jobs one way, events the other.

const jsonObject = z.record(z.string(), z.json())
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
const pipelineRecord = z.object({
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

const configured = z.object({
  pipeline: z.string(),
  /** File of the pipeline's code, relative to the source root. */
  file: z.string(),
  /**
   * Names of the steps in compiled order; empty for a dynamic pipeline, whose steps are known when
   * it runs.
   */
  steps: z.array(z.string()),
  /** Parameters of the pipeline after the configuration was applied. */
  parameters: jsonObject,
  /** All in the shape of the client's ZenML; null where the job had no record. */
  records: z
    .object({
      recorded: pipelineRecord,
      compiled: pipelineRecord,
      /** Of the code without any configuration; null where it cannot be compiled alone. */
      ofCode: pipelineRecord.nullable(),
    })
    .nullable(),
  /** Whether a snapshot of it gets a build; null when the stack cannot tell. */
  buildsImage: z.boolean().nullable(),
  /** null where it gets no build, brings its own, or the stack cannot tell. */
  plannedBuild: z
    .object({
      /** Builds of one stack and source with the same key are reused; null where ZenML reuses none. */
      key: z.string().nullable(),
      /** Names of the images that are built; none where all use a prebuilt one. */
      images: z.array(z.string()),
    })
    .nullable(),
  /** False where the code of a custom flavor is not in the source; it was compiled without it. */
  isStackComplete: z.boolean(),
  /** `X.Y` of the interpreter that did it. */
  pythonVersion: z.string(),
  clientVersion: z.string(),
  /** What planning could not check, as sentences; empty when all was. */
  notChecked: z.array(z.string()),
  /** What to know of the code and the configuration, such as keys that ZenML ignores. */
  notes: z.array(z.string()),
})

const created = z.object({
  snapshotId: z.string(),
  pipeline: z.string(),
  runnable: z.boolean(),
  /** null where the stack needs no image. */
  build: z.union([
    z.object({
      id: z.string(),
      zenmlVersion: z.string().nullable(),
      pythonVersion: z.string().nullable(),
      /** Images that the job built. */
      imagesBuilt: z.int(),
      /** True where ZenML found an earlier build with the same settings. */
      isReused: z.boolean(),
    }),
    z.null(),
  ]),
  clientVersion: z.string(),
  pythonVersion: z.string(),
})

const deployed = z.object({
  /** What the deployer said last, such as `running`. */
  status: z.string().nullable(),
  url: z.string().nullable(),
  clientVersion: z.string(),
})

const ran = z.object({
  runId: z.string(),
  pipeline: z.string(),
  /**
   * Status of the run on the server after the call came back, such as `completed`, `failed` or
   * `running` (an asynchronous orchestrator).
   */
  status: z.string(),
  clientVersion: z.string(),
})

const checkedBuilds = z.object({
  /** Why ZenML cannot build here, in its own words; null when it can. */
  engineProblem: z.string().nullable(),
  pushes: z.array(
    z.object({
      repository: z.string(),
      /**
       * `not-asked`: the login is not known here, or what answered is no registry. `unreachable`: the
       * registry did not answer this process; the engine may reach it another way.
       */
      verdict: z.enum(['allowed', 'denied', 'not-asked', 'unreachable']),
      /** Where the login comes from; null where none was found out. */
      login: z.string().nullable(),
      /** Text of the registry or of an error; empty for `allowed`. */
      detail: z.string(),
    }),
  ),
})
export type CheckedBuilds = z.infer<typeof checkedBuilds>

/**
 * Where a job failed. `import`: the code of the user could not be imported, or is no pipeline.
 * `no-pipeline`: its module could be imported, and has no such pipeline. `mismatch`: it is the
 * pipeline of another snapshot. `configure`: the configuration does not fit
 * it, or the stack cannot be used. `build`: an image could not be built or pushed. `create`,
 * `deploy`, `run`: the server, the deployer or the orchestrator. `crash`: the process died.
 * `needs-server`: while planning, the user's own code asked the store for something, which is an
 * empty one then; that says nothing about the pipeline, so it is "not checked" and not a failure.
 */
const FAILURE_KINDS = [
  'import',
  'no-pipeline',
  'mismatch',
  'configure',
  'build',
  'create',
  'deploy',
  'run',
  'crash',
  'timeout',
  'needs-server',
] as const

const failure = z.object({
  ok: z.literal(false),
  kind: z.enum(FAILURE_KINDS),
  /** One line, `Class: message`. */
  error: z.string(),
  /** What to do, where the reason is a known one. */
  next: z.string().nullable(),
  /** The last frames, or an empty text. */
  traceback: z.string(),
  /** A run that had been started when the job failed. */
  runId: z.string().nullable(),
})
export type JobFailure = z.infer<typeof failure>

/** What planning finds out about a snapshot that can be compiled. */
export type ConfiguredPipeline = z.infer<typeof configured>

interface ResultValues {
  readonly configure: ConfiguredPipeline
  readonly create: z.infer<typeof created>
  readonly deploy: z.infer<typeof deployed>
  readonly run: z.infer<typeof ran>
  readonly 'check-builds': CheckedBuilds
}
export type JobResult<O extends Operation = Operation> =
  | { readonly ok: true; readonly value: ResultValues[O]; readonly seconds: number }
  | (JobFailure & { readonly seconds: number })

export const RESULT_SCHEMAS = {
  configure: jobResult(configured),
  create: jobResult(created),
  deploy: jobResult(deployed),
  run: jobResult(ran),
  'check-builds': jobResult(checkedBuilds),
} as const

function jobResult<V extends z.ZodType>(value: V) {
  return z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), value }), failure])
}

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
