import * as z from 'zod'
import { common, nullable, reasonCode, time } from './common.ts'
import { acknowledgeDetailsSchema } from './acknowledge.ts'
import { upgradeDetailsSchema } from './upgrade.ts'
import { smokeDetailsSchema } from './smoke.ts'
import { snapshotsDetailsSchema, snapshotsMode } from './snapshots.ts'
import { gateDetailsSchema, promotionStep } from './promotion.ts'
import { planDetailsSchema } from './plan.ts'
import { stacksDetailsSchema } from './stacks.ts'
import { initDetailsSchema } from './init.ts'

const of = <C extends string, D extends z.ZodType>(command: C, details: D) =>
  z.strictObject({ ...common, command: z.literal(command), details: nullable(details) })

/** Of a command that finds its work done when it is run again. */
const ofWorker = <C extends string, D extends z.ZodType>(command: C, details: D) =>
  of(command, details).extend({
    /** Of a `noop`: the last run that did something, as the record has it; null: it has none. */
    'last-work': nullable(
      z.strictObject({ 'reason-code': reasonCode, summary: z.string(), ended: time, details }),
    ).optional(),
  })

export const resultSchema = z.discriminatedUnion('command', [
  ofWorker('upgrade-workspace', upgradeDetailsSchema),
  of('run-smoke-suite', smokeDetailsSchema),
  ofWorker('rebuild-snapshots', snapshotsDetailsSchema).extend({
    /** The mode that was asked for, also where the command stopped before there were details. */
    mode: snapshotsMode.optional(),
    /** The shard that was asked for, such as `2/4`; likewise. */
    shard: z.string().optional(),
  }),
  of('promote', gateDetailsSchema).extend({
    /** The step that was asked for, also where the command stopped before there were details. */
    step: promotionStep.optional(),
  }),
  of('plan', planDetailsSchema),
  of('check-stacks', stacksDetailsSchema),
  of(
    'check-out-sources',
    z.strictObject({
      /** Commits by name of source. */
      commits: z.record(z.string(), z.string()),
    }),
  ),
  of('acknowledge', acknowledgeDetailsSchema),
  of(
    'report',
    z.strictObject({
      /** Path of the comment, as a file. */
      comment: z.string(),
      results: z.array(z.string()),
      // Optional, because results that were written before there were such keys are still read.
      /** Path of the page `report.html`. */
      html: z.string().optional(),
      'pull-request': nullable(z.int().min(1)).optional(),
      /** Where the comment is; null: it was not written. */
      'comment-url': nullable(z.string()).optional(),
      /** What could not be told to GitHub, and what to do about it. */
      warnings: z.array(z.string()).optional(),
    }),
  ),
  of('init', initDetailsSchema),
  of(
    'demo',
    z.strictObject({
      directory: z.string(),
      comment: nullable(z.string()),
      html: z.string().optional(),
    }),
  ),
])

export type Result = z.infer<typeof resultSchema>

type CommandWithResult = Result['command']

export type ResultOf<C extends CommandWithResult> = Extract<Result, { command: C }>
