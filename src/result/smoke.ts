import * as z from 'zod'
import { count, nullable, reasonCode, seconds } from './common.ts'
import { runReportSchema } from './run.ts'

const testReportSchema = z.strictObject({
  name: z.string(),
  status: z.enum(['passed', 'failed', 'skipped', 'flaky']),
  seconds: nullable(seconds),
  message: nullable(z.string()),
  file: nullable(z.string()),
  line: nullable(count),
})

export type TestReport = z.infer<typeof testReportSchema>

const testCountsSchema = z.strictObject({
  total: count,
  passed: count,
  failed: count,
  skipped: count,
  flaky: count,
})

/** A flaky test is counted as passed too. */
export type TestCounts = z.infer<typeof testCountsSchema>

const suiteReportSchema = z.strictObject({
  source: z.string(),
  command: z.string(),
  'reason-code': reasonCode,
  message: z.string(),
  'exit-code': nullable(z.int()),
  attempts: count,
  seconds,
  /** At most so many as a result can carry; `counts` is of all. */
  tests: z.array(testReportSchema),
  /**
   * null: the suite left no file to count. Optional, because results that were written before there
   * was such a key are still read.
   */
  counts: nullable(testCountsSchema).optional(),
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

export function countTests(tests: readonly TestReport[]): TestCounts {
  const amount = (...statuses: TestReport['status'][]) =>
    tests.filter((test) => statuses.includes(test.status)).length
  return {
    total: tests.length,
    passed: amount('passed', 'flaky'),
    failed: amount('failed'),
    skipped: amount('skipped'),
    flaky: amount('flaky'),
  }
}
