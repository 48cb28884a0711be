import * as z from 'zod'
import { OUTCOMES } from '../core/outcomes.ts'
import { REASONS, type ReasonCode } from '../core/reasons.ts'

// The result JSON of every command. Keys are kebab-case as in the outputs of the actions; `null` is
// "not measured".

export const nullable = <T extends z.ZodType>(value: T) => z.union([value, z.null()])

export const count = z.int().min(0)

export const seconds = z.number().min(0)

export const time = z.iso.datetime()

export const reasonCode = z
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

export const common = {
  'schema-version': z.literal(1),
  tool: z.string(),
  environment: nullable(z.enum(['staging', 'production'])),
  /**
   * Path of the configuration file in the repository. Optional, because results that were written
   * before there was such a key are still read.
   */
  config: z.string().optional(),
  /** The command was asked for a dry run, whatever became of it. */
  'dry-run': z.literal(true).optional(),
  outcome: z.enum(OUTCOMES),
  'reason-code': reasonCode,
  summary: z.string(),
  /** One imperative sentence; `Nothing to do.` where no one has to do anything. */
  next: z.string().min(1),
  attempt: nullable(z.string()),
  started: time,
  ended: time,
}
