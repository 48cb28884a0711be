import * as z from 'zod'
import { OUTCOMES, REASONS, type ReasonCode } from './reasons.ts'

// The result JSON of every command. Keys are kebab-case as in the outputs of the actions; `null` is
// "not measured".

const nullable = <T extends z.ZodType>(value: T) => z.union([value, z.null()])
const count = z.int().min(0)
const seconds = z.number().min(0)
const time = z.iso.datetime()
const reasonCode = z
  .enum(Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]])
  .meta({ id: 'reason-code' })

export const checkSchema = z.strictObject({
  name: z.string(),
  status: z.enum(['passed', 'failed', 'warning', 'not-checked']),
  message: z.string(),
  next: z.string().optional(),
  /** Set on a failed check that has a more exact code than `preflight-failed`. */
  'reason-code': reasonCode.optional(),
})
export type Check = z.infer<typeof checkSchema>

/** Totals by kind of entity: pipelines, runs, artifacts, snapshots, stacks, schedules… */
export const countsSchema = z.record(z.string(), count)
export type Counts = z.infer<typeof countsSchema>

export const phaseSchema = z.strictObject({
  name: z.string(),
  status: z.enum(['done', 'failed', 'skipped']),
  started: time,
  seconds,
})
export type Phase = z.infer<typeof phaseSchema>

export const backupReportSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  location: z.string(),
  bytes: nullable(count),
  sha256: nullable(z.string()),
  verified: z.enum(['checksum', 'restore', 'command', 'not-by-us']),
  completed: time,
  seconds,
})
export type BackupReport = z.infer<typeof backupReportSchema>

/**
 * A component of a stack as it is compared. Of its configuration only the names of the keys that
 * are set: values may be secrets.
 */
export const inventoryComponentSchema = z.strictObject({
  type: z.string(),
  name: z.string(),
  flavor: z.string(),
  integration: nullable(z.string()),
  /** Where the code of a custom flavor is; null for ZenML's own. */
  'flavor-source': nullable(z.string()),
  /** null: no service connector is attached; its type is null where the key may not read it. */
  connector: nullable(z.strictObject({ type: nullable(z.string()) })),
  configuration: z.array(z.string()),
})
export type InventoryComponent = z.infer<typeof inventoryComponentSchema>

export const stackInventorySchema = z.strictObject({
  'server-id': z.string(),
  'server-version': z.string(),
  read: time,
  /** Sorted by name; `in-use`: by a named snapshot. */
  stacks: z.array(
    z.strictObject({
      name: z.string(),
      'in-use': z.boolean(),
      components: z.array(inventoryComponentSchema),
    }),
  ),
})
export type StackInventory = z.infer<typeof stackInventorySchema>
export type InventoryStack = StackInventory['stacks'][number]

export const parityFindingSchema = z.strictObject({
  /**
   * The last two are notes: keys that only one side sets, and what the key may not read, are no
   * difference.
   */
  kind: z.enum([
    'twin-missing',
    'name-unknown',
    'component-missing',
    'component-extra',
    'flavor',
    'integration',
    'connector',
    'configuration',
    'not-read',
  ]),
  /** In production. */
  stack: z.string(),
  /** In staging. */
  twin: z.string(),
  message: z.string(),
})
export type ParityFinding = z.infer<typeof parityFindingSchema>

/** How the stacks of production that named snapshots use stand to their twins in staging. */
export const parityReportSchema = z.strictObject({
  compared: count,
  /** Stacks of production that no named snapshot uses: not judged. */
  'not-in-use': count,
  differences: count,
  notes: count,
  /** Differences first; at most a hundred. */
  findings: z.array(parityFindingSchema),
})
export type ParityReport = z.infer<typeof parityReportSchema>

export const upgradeDetailsSchema = z.strictObject({
  'from-version': nullable(z.string()),
  'to-version': nullable(z.string()),
  'server-id': nullable(z.string()),
  changed: nullable(z.boolean()),
  'rolled-back': nullable(z.boolean()),
  'downtime-seconds': nullable(seconds),
  driver: z.string(),
  backup: nullable(backupReportSchema),
  checks: z.array(checkSchema),
  /**
   * null: not measured. Optional, because results that were written before there was such a key are
   * still read.
   */
  parity: nullable(parityReportSchema).optional(),
  counts: z.strictObject({ before: nullable(countsSchema), after: nullable(countsSchema) }),
  /** What is missing after the upgrade, as sentences. */
  lost: z.array(z.string()),
  /**
   * Rows of users' tables written since the backup, by table; null when it was not or could not be
   * counted.
   */
  'written-since-backup': nullable(z.record(z.string(), count)),
  phases: z.array(phaseSchema),
  'migration-log': z.array(z.string()),
})
export type UpgradeDetails = z.infer<typeof upgradeDetailsSchema>

export const runReportSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  'zenml-version': nullable(z.string()),
  /** True when every step came from the cache. */
  'all-cached': nullable(z.boolean()),
  'failed-step': nullable(z.string()),
  exception: nullable(z.string()),
  url: nullable(z.string()),
})
export type RunReport = z.infer<typeof runReportSchema>

export const testReportSchema = z.strictObject({
  name: z.string(),
  status: z.enum(['passed', 'failed', 'skipped', 'flaky']),
  seconds,
  message: nullable(z.string()),
  file: nullable(z.string()),
  line: nullable(count),
})
export type TestReport = z.infer<typeof testReportSchema>

export const suiteReportSchema = z.strictObject({
  source: z.string(),
  command: z.string(),
  'reason-code': reasonCode,
  message: z.string(),
  'exit-code': nullable(z.int()),
  attempts: count,
  seconds,
  tests: z.array(testReportSchema),
  runs: z.array(runReportSchema),
  'log-tail': z.array(z.string()),
})
export type SuiteReport = z.infer<typeof suiteReportSchema>

export const smokeDetailsSchema = z.strictObject({
  'zenml-version': nullable(z.string()),
  suites: z.array(suiteReportSchema),
  total: nullable(count),
  passed: nullable(count),
  failed: nullable(count),
  skipped: nullable(count),
  flaky: nullable(count),
})
export type SmokeDetails = z.infer<typeof smokeDetailsSchema>

export const snapshotReportSchema = z.strictObject({
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
  seconds: nullable(seconds),
})
export type SnapshotReport = z.infer<typeof snapshotReportSchema>

export const snapshotsDetailsSchema = z.strictObject({
  mode: z.enum(['plan', 'rebuild', 'execute', 'all']),
  'zenml-version': nullable(z.string()),
  shard: nullable(z.string()),
  discovered: nullable(count),
  planned: nullable(count),
  rebuilt: nullable(count),
  executed: nullable(count),
  failed: nullable(count),
  lost: nullable(count),
  excluded: nullable(count),
  snapshots: z.array(snapshotReportSchema),
})
export type SnapshotsDetails = z.infer<typeof snapshotsDetailsSchema>

export const gateDetailsSchema = z.strictObject({
  step: z.enum(['propose', 'gate', 'reschedule', 'watch']),
  gate: nullable(z.enum(['open', 'closed'])),
  reasons: z.array(z.strictObject({ 'reason-code': z.string(), message: z.string() })),
  tested: nullable(z.string()),
  'target-version': nullable(z.string()),
  // Optional, because results that were written before there were such keys are still read.
  /** Who opened a gate that was closed for `reasons`. */
  override: nullable(z.strictObject({ reason: z.string(), actor: z.string() })).optional(),
  'soak-until': nullable(time).optional(),
  /** When a closed gate opens without a person. */
  'opens-at': nullable(time).optional(),
  'pull-request': nullable(
    z.strictObject({ number: z.int().min(1), url: nullable(z.string()) }),
  ).optional(),
  /** What the server of the environment reports, for a gate on a machine that does not reach it. */
  'server-version': nullable(z.string()).optional(),
  'server-id': nullable(z.string()).optional(),
  /** Command lines that bring the base back into the head; null when there is nothing to bring. */
  'back-merge': nullable(z.array(z.string())).optional(),
  /** What GitHub does not do for this token, and other facts worth a sentence. */
  notes: z.array(z.string()).optional(),
})
export type GateDetails = z.infer<typeof gateDetailsSchema>

export const plannedSnapshotSchema = z.strictObject({
  project: z.string(),
  pipeline: z.string(),
  name: z.string(),
  /** `failed`: the file and the snapshot do not fit, see `message`. */
  status: z.enum(['planned', 'excluded', 'failed']),
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

export const stacksDetailsSchema = z.strictObject({
  /** Digest of the configuration file that was asked about. */
  file: z.string(),
  'target-version': z.string(),
  inventory: stackInventorySchema,
  /** null: the other environment was not compared, see `not-compared`. */
  parity: nullable(parityReportSchema),
  'not-compared': nullable(z.string()),
})
export type StacksDetails = z.infer<typeof stacksDetailsSchema>

export const initDetailsSchema = z.strictObject({
  'staging-version': z.string(),
  'production-version': z.string(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      action: z.enum(['written', 'appended', 'kept', 'planned']),
    }),
  ),
  /** What to know before the first upgrade, and what could not be looked at. */
  notes: z.array(z.string()),
  /** What is left for a person, in order. */
  'to-do': z.array(z.string()),
})
export type InitDetails = z.infer<typeof initDetailsSchema>

const common = {
  'schema-version': z.literal(1),
  tool: z.string(),
  environment: nullable(z.enum(['staging', 'production'])),
  /**
   * Path of the configuration file in the repository. Optional, because results that were written
   * before there was such a key are still read.
   */
  config: z.string().optional(),
  outcome: z.enum(OUTCOMES),
  'reason-code': reasonCode,
  summary: z.string(),
  next: nullable(z.string()),
  attempt: nullable(z.string()),
  started: time,
  ended: time,
}

const of = <C extends string, D extends z.ZodType>(command: C, details: D) =>
  z.strictObject({ ...common, command: z.literal(command), details: nullable(details) })

export const resultSchema = z.discriminatedUnion('command', [
  of('upgrade-workspace', upgradeDetailsSchema),
  of('run-smoke-suite', smokeDetailsSchema),
  of('rebuild-snapshots', snapshotsDetailsSchema),
  of('promote', gateDetailsSchema),
  of('plan', planDetailsSchema),
  of('check-stacks', stacksDetailsSchema),
  of(
    'report',
    z.strictObject({
      comment: z.string(),
      results: z.array(z.string()),
      // Optional, because results that were written before there were such keys are still read.
      'pull-request': nullable(z.int().min(1)).optional(),
      /** Where the comment is; null: it was not written. */
      'comment-url': nullable(z.string()).optional(),
      /** What could not be told to GitHub, and what to do about it. */
      warnings: z.array(z.string()).optional(),
    }),
  ),
  of('restore', z.null()),
  of('init', initDetailsSchema),
  of('demo', z.strictObject({ directory: z.string(), comment: nullable(z.string()) })),
])
export type Result = z.infer<typeof resultSchema>
export type CommandWithResult = Result['command']
export type ResultOf<C extends CommandWithResult> = Extract<Result, { command: C }>
