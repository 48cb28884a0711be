import * as z from 'zod'
import { jsonObject, pipelineRecord, type Operation } from './protocol.ts'

// What the Python package zenml_upgrade_fork_server gives as the result of each job.

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
