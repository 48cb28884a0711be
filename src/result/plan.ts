import * as z from 'zod'
import { checkSchema, count, nullable, time } from './common.ts'

const plannedSnapshotSchema = z.strictObject({
  project: z.string(),
  pipeline: z.string(),
  name: z.string(),
  /** `failed`: the file and the snapshot do not fit, see `message`. */
  status: z.enum(['planned', 'excluded', 'failed']),
  /** null: excluded or failed, or found only when the code is read. */
  source: nullable(z.string()),
  'version-before': nullable(z.string()),
  /** null: the version it carries was not recorded. */
  rebuild: nullable(z.boolean()),
  execute: z.boolean(),
  /** What the file changes when it is run; null: it runs as recorded. */
  parameters: nullable(z.record(z.string(), z.json())),
  steps: nullable(z.record(z.string(), z.json())),
  config: nullable(z.string()),
  message: nullable(z.string()),
})

export type PlannedSnapshot = z.infer<typeof plannedSnapshotSchema>

export const planDetailsSchema = z.strictObject({
  /** What the file says on the base branch and on the head; null: there is no such file yet. */
  'base-version': nullable(z.string()),
  'target-version': z.string(),
  /** What the server reports. */
  'live-version': nullable(z.string()),
  /** Whether the head changes anything of the upgrade: its version, the file, or what that names. */
  'changes-upgrade': z.boolean(),
  driver: z.string(),
  backup: nullable(z.string()),
  /** What is different in the file, by its path; null: not there. */
  changes: z.array(
    z.strictObject({ path: z.string(), before: nullable(z.string()), after: nullable(z.string()) }),
  ),
  checks: z.array(checkSchema),
  /** What the release notes of ZenML say about the way there. */
  breaks: z.array(
    z.strictObject({ version: z.string(), sentence: z.string(), source: z.string() }),
  ),
  suites: z.array(z.strictObject({ source: nullable(z.string()), command: z.string() })),
  /** When the snapshots were last counted, and how many there were. */
  inventory: nullable(z.strictObject({ recorded: time, count: nullable(count) })),
  /** null: no list of them is recorded. */
  snapshots: nullable(z.array(plannedSnapshotSchema)),
})

export type PlanDetails = z.infer<typeof planDetailsSchema>
