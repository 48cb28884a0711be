import * as z from 'zod'
import { nullable } from './common.ts'

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
