import * as z from 'zod'
import { count, nullable, reasonCode, seconds } from './common.ts'
import { runReportSchema } from './run.ts'

const testReportSchema = z.strictObject({
  name: z.string(),
  status: z.enum(['passed', 'failed', 'skipped', 'flaky']),
  seconds,
  message: nullable(z.string()),
  file: nullable(z.string()),
  line: nullable(count),
})

export type TestReport = z.infer<typeof testReportSchema>

const suiteReportSchema = z.strictObject({
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
