import * as z from 'zod'
import { count, nullable, seconds } from './common.ts'
import { runReportSchema } from './run.ts'

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
  'executed-on': nullable(z.enum(['server', 'source'])),
  run: nullable(runReportSchema),
  'not-checked': z.array(z.string()),
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
  /** The last lines that a failed image build printed. */
  'log-tail': z.array(z.string()).optional(),
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
  /** The ZenML version that it serves; null: the server no longer knows the snapshot. */
  version: nullable(z.string()),
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
