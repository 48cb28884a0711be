import * as z from 'zod'
import { nullable, time } from './common.ts'

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

/** The last run of a snapshot, or of its pipeline, with another client. */
export const earlierRunSchema = runReportSchema.extend({
  /** The snapshot had no such run, or the record does not know it: then it is one of its pipeline. */
  of: z.enum(['snapshot', 'pipeline']),
  started: time,
})

export type EarlierRun = z.infer<typeof earlierRunSchema>
