import * as z from 'zod'
import { count, nullable, seconds } from './common.ts'
import { earlierRunSchema, runReportSchema } from './run.ts'

const plannedRunSchema = z.strictObject({
  /** `server` where the server can start it; one without a workload manager leaves it to the source. */
  on: z.enum(['server', 'source']),
  /** What the file changes when it is run; null: it runs as recorded. */
  parameters: nullable(z.record(z.string(), z.json())),
  steps: nullable(z.record(z.string(), z.json())),
  'timeout-seconds': count,
})

export type PlannedRun = z.infer<typeof plannedRunSchema>

const snapshotReportSchema = z.strictObject({
  project: z.string(),
  pipeline: z.string(),
  name: z.string(),
  stack: nullable(z.string()),
  source: nullable(z.string()),
  declared: z.boolean(),
  status: z.enum(['current', 'planned', 'rebuilt', 'executed', 'failed', 'excluded', 'lost']),
  /** Where it failed, or null. */
  'failed-at': nullable(z.enum(['plan', 'rebuild', 'execute'])),
  message: nullable(z.string()),
  next: nullable(z.string()),
  /**
   * The ZenML version it carried before and carries now: that of its build, else of the client that
   * made it.
   */
  'version-before': z.string(),
  'version-after': nullable(z.string()),
  'old-id': z.string(),
  'new-id': nullable(z.string()),
  /** Of a plan: how it will be run; null: the file does not want it to be run here. */
  'will-run': nullable(plannedRunSchema).optional(),
  'executed-on': nullable(z.enum(['server', 'source'])),
  run: nullable(runReportSchema),
  /** Of a run that failed: how the snapshot last ran before its rebuild; null: it never did. */
  'earlier-run': nullable(earlierRunSchema).optional(),
  /** Of what failed: the last lines of the image build or the step, else of the job or the runner. */
  'log-tail': z.array(z.string()).optional(),
  'not-checked': z.array(z.string()),
  /** What ZenML does without a word, such as to ignore a key of the declared configuration. */
  warnings: z.array(z.string()).optional(),
  'code-changed': nullable(z.string()),
  /** True: a rebuild made it, and it is not what the snapshot before it was. */
  changed: z.boolean().optional(),
  /** Its image build after a rebuild; null where its stack builds no image. */
  build: nullable(
    z.strictObject({
      id: z.string(),
      /** Images that this rebuild built. */
      'images-built': count,
      /** True: ZenML found an earlier build with the same settings. */
      reused: z.boolean(),
    }),
  ).optional(),
  /** Of its rebuild and its run, without waiting for the server to have a free slot. */
  seconds: nullable(seconds),
})

export type SnapshotReport = z.infer<typeof snapshotReportSchema>

/** A run template, which is what snapshots were called before ZenML 0.90.0. */
const templateReportSchema = z.strictObject({
  project: z.string(),
  name: z.string(),
  /** null: the server no longer knows its pipeline. */
  pipeline: nullable(z.string()),
  /** The ZenML version that it starts; null: no build says it. */
  version: nullable(z.string()),
  runnable: z.boolean(),
  /** `snapshot`: a named snapshot takes its place. `left`: none does, see `message`. */
  becomes: z.enum(['snapshot', 'left']),
  message: z.string(),
  next: nullable(z.string()),
})

export type TemplateReport = z.infer<typeof templateReportSchema>

/** A pipeline that is served over HTTP. */
const deploymentReportSchema = z.strictObject({
  /** Of the server; deployments of one name may follow each other. */
  id: z.string().optional(),
  project: z.string(),
  name: z.string(),
  pipeline: nullable(z.string()),
  /** Name of the snapshot that it serves or served; null: none with a name is known. */
  snapshot: nullable(z.string()),
  stack: nullable(z.string()),
  /**
   * `current`: it serves the version of the result. `old`: it serves another one. `stopped`: it
   * serves nothing. `redeployed`: it serves the rebuilt snapshot. `failed`: it should do that, and
   * does not.
   */
  status: z.enum(['current', 'old', 'stopped', 'redeployed', 'failed']),
  /** What the server says of it, such as `running`. */
  'server-status': nullable(z.string()),
  url: nullable(z.string()),
  /** The ZenML version that it serves; null: the server does not say it. */
  version: nullable(z.string()),
  /** True: also `redeploy` leaves it alone, because of its deployer or an excluded snapshot. */
  'left-alone': z.boolean().optional(),
  message: nullable(z.string()),
  next: nullable(z.string()),
})

export type DeploymentReport = z.infer<typeof deploymentReportSchema>

export const snapshotsMode = z.enum(['plan', 'rebuild', 'execute', 'all'])

export const snapshotsDetailsSchema = z.strictObject({
  mode: snapshotsMode,
  'zenml-version': nullable(z.string()),
  shard: nullable(z.string()),
  discovered: nullable(count),
  /** Of a shard: how many snapshots all shards have to cover together. */
  'discovered-on-server': nullable(count).optional(),
  planned: nullable(count),
  rebuilt: nullable(count),
  executed: nullable(count),
  failed: nullable(count),
  lost: nullable(count),
  excluded: nullable(count),
  /** Images built, and snapshots that use images of an earlier build. */
  'images-built': nullable(count).optional(),
  'builds-reused': nullable(count).optional(),
  snapshots: z.array(snapshotReportSchema),
  /** null: they could not be listed; absent: they were not looked for. */
  templates: nullable(z.array(templateReportSchema)).optional(),
  deployments: nullable(z.array(deploymentReportSchema)).optional(),
})

export type SnapshotsDetails = z.infer<typeof snapshotsDetailsSchema>
