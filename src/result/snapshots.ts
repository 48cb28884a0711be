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
  /** Of a run that failed: what the snapshot was run like before the upgrade; null: it never was. */
  'earlier-run': nullable(earlierRunSchema).optional(),
  /** Of a run that failed: the last lines of its step, else of the job or the runner that ran it. */
  'log-tail': z.array(z.string()).optional(),
  'not-checked': z.array(z.string()),
  'code-changed': nullable(z.string()),
  /** True: a rebuild made it, and it is not what the snapshot before it was. */
  changed: z.boolean().optional(),
  /** Of its rebuild and its run, without waiting for the server to have a free slot. */
  seconds: nullable(seconds),
})

export type SnapshotReport = z.infer<typeof snapshotReportSchema>

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
  snapshots: z.array(snapshotReportSchema),
})

export type SnapshotsDetails = z.infer<typeof snapshotsDetailsSchema>
