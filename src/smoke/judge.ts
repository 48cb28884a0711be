import type { RunReport } from '../result/run.ts'
import { countTests, type SuiteReport, type TestReport } from '../result/smoke.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { clip } from '../core/text.ts'
import { sameVersion } from '../core/versions.ts'
import type { Attempt } from './suite.ts'

export interface SuiteFacts {
  readonly source: string
  readonly command: string
  /** Of the suite, in seconds. */
  readonly timeout: number
  /** What the server reports; the runs must have used it. */
  readonly serverVersion: string
  /** In order; only the last may be good, the others made it run again. */
  readonly attempts: readonly [Attempt, ...Attempt[]]
  /** Runs that the suite made on the server, of all attempts. */
  readonly runs: readonly RunReport[]
  /** Ids of those of all attempts but the last. */
  readonly earlierRuns?: ReadonlySet<string>
}

interface Verdict {
  readonly code: ReasonCode
  readonly message: string
}

/** What a suite is worth. Whatever was not measured is not a success. */
export function judgeSuite(facts: SuiteFacts): SuiteReport {
  const last = facts.attempts.at(-1) ?? facts.attempts[0]
  const tests =
    last.junit.kind === 'read' ? withFlaky(last.junit.tests, facts.attempts.slice(0, -1)) : []
  const { code, message } =
    judgeEnd(facts, last) ??
    judgeTests(tests, last) ??
    judgeRepeated(tests, facts.attempts.slice(0, -1)) ??
    judgeRuns(facts) ??
    passed(tests)
  return {
    source: facts.source,
    command: facts.command,
    'reason-code': code,
    message,
    'exit-code': last.exitCode,
    attempts: facts.attempts.length,
    seconds: facts.attempts.reduce((sum, attempt) => sum + attempt.seconds, 0),
    tests: shownTests(tests),
    counts: last.junit.kind === 'read' ? countTests(tests) : null,
    runs: [...facts.runs],
    'log-tail': [...last.logTail],
  }
}

/** Of each of the two kinds that {@link shownTests} keeps. */
const SHOWN = 1000
/** In code points; a test may be named after its parameters, and print a whole page. */
const NAME_LENGTH = 300
const MESSAGE_LENGTH = 1000

/**
 * The first tests that failed or were flaky and the first of the others, in their order, with long
 * texts cut off: a result with every test of a huge suite is one that no reader opens.
 */
function shownTests(tests: readonly TestReport[]): TestReport[] {
  let telling = 0
  let others = 0
  const shown = tests.filter(({ status }) =>
    status === 'failed' || status === 'flaky' ? (telling += 1) <= SHOWN : (others += 1) <= SHOWN,
  )
  return shown.map((test) => ({
    ...test,
    name: clip(test.name, NAME_LENGTH),
    message: test.message === null ? null : clip(test.message, MESSAGE_LENGTH),
  }))
}

/** True when running the suite again may give another result. */
export function isWorthRepeating(report: SuiteReport): boolean {
  return report['reason-code'] === 'smoke-failed' || report['reason-code'] === 'smoke-timeout'
}

function judgeEnd({ timeout }: SuiteFacts, last: Attempt): Verdict | undefined {
  if (last.timedOut) {
    const why =
      last.exitCode === null
        ? 'the command did not end'
        : `the command ended with ${exit(last)}, and something that it left in the background did not end`
    return { code: 'smoke-timeout', message: `${why} in ${timeout} s and was stopped` }
  }
  if (last.junit.kind === 'read') return undefined
  const problem =
    last.junit.kind === 'missing' ? 'wrote no JUnit file' : `its JUnit file ${last.junit.problem}`
  return { code: 'junit-missing', message: `the command ended with ${exit(last)}, and ${problem}` }
}

function judgeTests(tests: readonly TestReport[], last: Attempt): Verdict | undefined {
  const failed = tests.filter((test) => test.status === 'failed')
  if (failed.length > 0) {
    const although = last.exitCode === 0 ? '; the command ended with exit code 0 all the same' : ''
    return {
      code: 'smoke-failed',
      message: `${failed.length} of ${tests.length} tests failed: ${names(failed)}${although}`,
    }
  }
  if (tests.length === 0)
    return {
      code: 'no-tests',
      message: `the command ended with ${exit(last)}, and its JUnit file holds no test`,
    }
  if (tests.every((test) => test.status === 'skipped'))
    return { code: 'no-tests', message: `all ${tests.length} tests were skipped` }
  return last.exitCode === 0
    ? undefined
    : {
        code: 'smoke-failed',
        message: `the command ended with ${exit(last)}, although no test in its JUnit file failed`,
      }
}

/** A test that failed must pass when the suite is run again; skipped or left out, it did not. */
function judgeRepeated(
  tests: readonly TestReport[],
  earlier: readonly Attempt[],
): Verdict | undefined {
  const now = new Map(numbered(tests))
  const open = [...failedIn(earlier)].filter(([key]) => {
    const status = now.get(key)?.status
    return status !== 'passed' && status !== 'flaky'
  })
  return open.length === 0
    ? undefined
    : {
        code: 'smoke-failed',
        message: `${open.length === 1 ? 'a test' : `${open.length} tests`} failed, and did not run when the suite was run again: ${names(open.map(([, test]) => test))}`,
      }
}

/** A test may expect a run to fail, so failed runs are reported and not judged. */
function judgeRuns({
  runs,
  earlierRuns = new Set(),
  serverVersion,
}: SuiteFacts): Verdict | undefined {
  const other = runs.find(
    (run) => run['zenml-version'] !== null && !sameVersion(run['zenml-version'], serverVersion),
  )
  if (other !== undefined)
    return {
      code: 'smoke-failed',
      message: `run ${other.name} used ZenML ${other['zenml-version'] ?? ''}, and the server is ${serverVersion}: the suite did not test the new version`,
    }
  const last = runs.filter(({ id }) => !earlierRuns.has(id))
  if (last.length > 0 && last.every((run) => run['all-cached'] === true))
    return {
      code: 'smoke-cached',
      message: `every step of all ${last.length} runs came from the cache`,
    }
  return undefined
}

function passed(tests: readonly TestReport[]): Verdict {
  const of = (status: TestReport['status']) => tests.filter((test) => test.status === status)
  const skipped = of('skipped').length
  const flaky = of('flaky')
  const good = tests.length - skipped
  return {
    code: 'smoke-passed',
    message: `${good} ${good === 1 ? 'test' : 'tests'} passed${skipped > 0 ? `, ${skipped} skipped` : ''}${flaky.length > 0 ? `; passed only when run again: ${names(flaky)}` : ''}`,
  }
}

/**
 * A test that failed in an earlier attempt and passes now. Names may repeat, so the n-th of a name
 * is compared with the n-th.
 */
function withFlaky(tests: readonly TestReport[], earlier: readonly Attempt[]): TestReport[] {
  const failed = failedIn(earlier)
  return numbered(tests).map(([key, test]) => {
    const before = failed.get(key)
    return test.status === 'passed' && before !== undefined
      ? { ...test, status: 'flaky', message: before.message, file: before.file, line: before.line }
      : test
  })
}

function failedIn(attempts: readonly Attempt[]): Map<string, TestReport> {
  const failed = new Map<string, TestReport>()
  for (const attempt of attempts)
    if (attempt.junit.kind === 'read')
      for (const [key, test] of numbered(attempt.junit.tests))
        if (test.status === 'failed') failed.set(key, test)
  return failed
}

function numbered(tests: readonly TestReport[]): [string, TestReport][] {
  const seen = new Map<string, number>()
  return tests.map((test) => {
    const count = (seen.get(test.name) ?? 0) + 1
    seen.set(test.name, count)
    return [`${test.name}\n${count}`, test]
  })
}

const NAMED = 5

function names(tests: readonly TestReport[]): string {
  const shown = tests
    .slice(0, NAMED)
    .map((test) => clip(test.name, NAME_LENGTH))
    .join(', ')
  return tests.length > NAMED ? `${shown} and ${tests.length - NAMED} more` : shown
}

function exit({ exitCode }: Attempt): string {
  if (exitCode === null) return 'a signal'
  return exitCode === 127 ? 'exit code 127 (a program was not found)' : `exit code ${exitCode}`
}
