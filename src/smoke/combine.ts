import {
  countTests,
  type SmokeDetails,
  type SuiteReport,
  type TestCounts,
} from '../result/smoke.ts'
import type { ReasonCode } from '../core/reasons.ts'

/** How all suites together ended. `summary` has no full stop. */
export interface SmokeVerdict {
  readonly reasonCode: ReasonCode
  readonly summary: string
  readonly details: SmokeDetails
}

/** Gravest first: a failed test says more than a suite that told nothing. */
const GRAVITY: readonly ReasonCode[] = [
  'smoke-failed',
  'smoke-timeout',
  'junit-missing',
  'no-tests',
  'smoke-cached',
  'smoke-passed',
]

export function combineSuites(
  suites: readonly SuiteReport[],
  zenmlVersion: string | null,
): SmokeVerdict {
  if (suites.length === 0)
    return {
      reasonCode: 'no-smoke-suite',
      summary: 'the file names no smoke suite',
      details: { 'zenml-version': zenmlVersion, suites: [], ...NOT_MEASURED },
    }
  const codes = suites.map((suite) => suite['reason-code'])
  const reasonCode = GRAVITY.find((code) => codes.includes(code)) ?? 'smoke-failed'
  const telling =
    reasonCode === 'smoke-passed'
      ? suites
      : suites.filter((suite) => suite['reason-code'] !== 'smoke-passed')
  const summary = telling
    .map((suite) => (suites.length === 1 ? suite.message : `${suite.source}: ${suite.message}`))
    .join('; ')
  return {
    reasonCode,
    summary,
    details: { 'zenml-version': zenmlVersion, suites: [...suites], ...totals(suites) },
  }
}

const NOT_MEASURED = { total: null, passed: null, failed: null, skipped: null, flaky: null }

/**
 * Over all suites; not measured as soon as one of them told nothing about its tests. A flaky test
 * is counted as passed too.
 */
function totals(
  suites: readonly SuiteReport[],
): Pick<SmokeDetails, 'total' | 'passed' | 'failed' | 'skipped' | 'flaky'> {
  if (
    suites.some(
      (suite) =>
        suite['reason-code'] === 'junit-missing' || suite['reason-code'] === 'smoke-timeout',
    )
  )
    return NOT_MEASURED
  const counts = suites.map((suite) => suite.counts ?? countTests(suite.tests))
  const add = (key: keyof TestCounts) => counts.reduce((sum, one) => sum + one[key], 0)
  return {
    total: add('total'),
    passed: add('passed'),
    failed: add('failed'),
    skipped: add('skipped'),
    flaky: add('flaky'),
  }
}
