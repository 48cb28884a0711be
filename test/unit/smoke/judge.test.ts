import { describe, expect, it } from '@jest/globals'
import type { RunReport } from '../../../src/result/run.ts'
import type { TestReport } from '../../../src/result/smoke.ts'
import { combineSuites } from '../../../src/smoke/combine.ts'
import { isWorthRepeating, judgeSuite, type SuiteFacts } from '../../../src/smoke/judge.ts'
import type { Attempt } from '../../../src/smoke/suite.ts'

const test = (name: string, status: TestReport['status'] = 'passed'): TestReport => ({
  name,
  status,
  seconds: 1,
  message: status === 'failed' ? `${name} broke` : null,
  file: null,
  line: null,
})
const run = (changes: Partial<RunReport> = {}): RunReport => ({
  id: 'r1',
  name: 'training-1',
  status: 'completed',
  'zenml-version': '0.98.0',
  'all-cached': false,
  'failed-step': null,
  exception: null,
  url: null,
  ...changes,
})
const attempt = (tests: TestReport[], changes: Partial<Attempt> = {}): Attempt => ({
  exitCode: tests.some(({ status }) => status === 'failed') ? 1 : 0,
  timedOut: false,
  seconds: 10,
  junit: { kind: 'read', tests },
  logTail: ['the end'],
  ...changes,
})
const facts = (attempts: SuiteFacts['attempts'], runs: RunReport[] = []): SuiteFacts => ({
  source: 'churn',
  command: 'pytest',
  timeout: 1800,
  serverVersion: '0.98.0',
  attempts,
  runs,
})

const judged = (attempts: SuiteFacts['attempts'], runs: RunReport[] = []) => {
  const report = judgeSuite(facts(attempts, runs))
  return [report['reason-code'], report.message]
}

describe('a suite is judged', () => {
  const cases: readonly [string, Attempt, RunReport[], string, string][] = [
    ['green', attempt([test('a'), test('b')]), [], 'smoke-passed', '2 tests passed'],
    [
      'green with a skipped test',
      attempt([test('a'), test('b', 'skipped')]),
      [],
      'smoke-passed',
      '1 test passed, 1 skipped',
    ],
    [
      'red',
      attempt([test('a'), test('b', 'failed')]),
      [],
      'smoke-failed',
      '1 of 2 tests failed: b',
    ],
    [
      'red with many',
      attempt(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => test(name, 'failed'))),
      [],
      'smoke-failed',
      '7 of 7 tests failed: a, b, c, d, e and 2 more',
    ],
    [
      'red though the command says it is well',
      attempt([test('a', 'failed')], { exitCode: 0 }),
      [],
      'smoke-failed',
      '1 of 1 tests failed: a; the command ended with exit code 0 all the same',
    ],
    [
      'failed though every test is green',
      attempt([test('a')], { exitCode: 3 }),
      [],
      'smoke-failed',
      'the command ended with exit code 3, although no test in its JUnit file failed',
    ],
    [
      'ended by a signal',
      attempt([test('a')], { exitCode: null }),
      [],
      'smoke-failed',
      'the command ended with a signal, although no test in its JUnit file failed',
    ],
    [
      'nothing collected',
      attempt([], { exitCode: 5 }),
      [],
      'no-tests',
      'the command ended with exit code 5, and its JUnit file holds no test',
    ],
    [
      'nothing collected and content',
      attempt([]),
      [],
      'no-tests',
      'the command ended with exit code 0, and its JUnit file holds no test',
    ],
    [
      'all skipped',
      attempt([test('a', 'skipped'), test('b', 'skipped')]),
      [],
      'no-tests',
      'all 2 tests were skipped',
    ],
    [
      'no file',
      attempt([], { junit: { kind: 'missing' } }),
      [],
      'junit-missing',
      'the command ended with exit code 0, and wrote no JUnit file',
    ],
    [
      'a program that is not there',
      attempt([], { exitCode: 127, junit: { kind: 'missing' } }),
      [],
      'junit-missing',
      'the command ended with exit code 127 (a program was not found), and wrote no JUnit file',
    ],
    [
      'an unreadable file',
      attempt([], { junit: { kind: 'unreadable', problem: 'is empty' } }),
      [],
      'junit-missing',
      'the command ended with exit code 0, and its JUnit file is empty',
    ],
    [
      'timed out',
      attempt([], { timedOut: true, exitCode: null, junit: { kind: 'missing' } }),
      [],
      'smoke-timeout',
      'the command did not end in 1800 s and was stopped',
    ],
    [
      'ended, with something left in the background',
      attempt([], { timedOut: true, exitCode: 0, junit: { kind: 'missing' } }),
      [],
      'smoke-timeout',
      'the command ended with exit code 0, and something that it left in the background did not end in 1800 s and was stopped',
    ],
    [
      'all from the cache',
      attempt([test('a')]),
      [run({ 'all-cached': true }), run({ 'all-cached': true })],
      'smoke-cached',
      'every step of all 2 runs came from the cache',
    ],
    [
      'partly from the cache',
      attempt([test('a')]),
      [run({ 'all-cached': true }), run()],
      'smoke-passed',
      '1 test passed',
    ],
    [
      'with a cache nobody could read',
      attempt([test('a')]),
      [run({ 'all-cached': null })],
      'smoke-passed',
      '1 test passed',
    ],
    [
      'with a failed run, which a test may expect',
      attempt([test('a')]),
      [run({ status: 'failed' })],
      'smoke-passed',
      '1 test passed',
    ],
    [
      'with another ZenML',
      attempt([test('a')]),
      [run(), run({ 'zenml-version': '0.94.1', name: 'old' })],
      'smoke-failed',
      'run old used ZenML 0.94.1, and the server is 0.98.0: the suite did not test the new version',
    ],
    [
      'with a run of unknown version',
      attempt([test('a')]),
      [run({ 'zenml-version': null })],
      'smoke-passed',
      '1 test passed',
    ],
  ]
  for (const [name, one, runs, code, message] of cases)
    it(name, () => {
      expect(judged([one], runs)).toEqual([code, message])
    })
})

describe('a suite that was run again', () => {
  const first = attempt([test('a', 'failed'), test('b')])

  it('passes, and says which test passed only then', () => {
    const report = judgeSuite(facts([first, attempt([test('a'), test('b')])]))
    expect([report['reason-code'], report.message, report.attempts, report.seconds]).toEqual([
      'smoke-passed',
      '2 tests passed; passed only when run again: a',
      2,
      20,
    ])
    expect(report.tests.map(({ status, message }) => [status, message])).toEqual([
      ['flaky', 'a broke'],
      ['passed', null],
    ])
  })

  it('is judged by its last attempt', () => {
    expect(judged([first, attempt([test('a'), test('b', 'failed')])])).toEqual([
      'smoke-failed',
      '1 of 2 tests failed: b',
    ])
    expect(judged([first, attempt([], { junit: { kind: 'missing' } })])[0]).toBe('junit-missing')
  })

  it('is not cached when the first attempt really ran', () => {
    expect(
      judged([first, attempt([test('a'), test('b')])], [run(), run({ 'all-cached': true })])[0],
    ).toBe('smoke-passed')
  })

  it('compares tests of the same name in their order', () => {
    const report = judgeSuite(
      facts([attempt([test('a'), test('a', 'failed')]), attempt([test('a'), test('a')])]),
    )
    expect(report.tests.map(({ status }) => status)).toEqual(['passed', 'flaky'])
  })

  it('is run again only where that can help', () => {
    const worth = [
      attempt([test('a', 'failed')]),
      attempt([], { timedOut: true }),
      attempt([]),
      attempt([], { junit: { kind: 'missing' } }),
      attempt([test('a')]),
    ].map((one) => isWorthRepeating(judgeSuite(facts([one]))))
    expect(worth).toEqual([true, true, false, false, false])
  })
})

describe('all suites together', () => {
  const green = judgeSuite(facts([attempt([test('a'), test('b', 'skipped')])]))
  const red = judgeSuite({ ...facts([attempt([test('a', 'failed')])]), source: 'report' })
  const silent = judgeSuite(facts([attempt([], { junit: { kind: 'missing' } })]))
  const empty = judgeSuite(facts([attempt([])]))

  it('have the gravest code, and the totals of all', () => {
    const verdict = combineSuites([green, red], '0.98.0')
    expect([verdict.reasonCode, verdict.summary]).toEqual([
      'smoke-failed',
      'report: 1 of 1 tests failed: a',
    ])
    expect(verdict.details).toMatchObject({ total: 3, passed: 1, failed: 1, skipped: 1, flaky: 0 })
  })

  it('have no totals when one of them was not measured', () => {
    expect(combineSuites([green, silent], '0.98.0')).toMatchObject({
      reasonCode: 'junit-missing',
      details: { total: null, passed: null, failed: null, skipped: null, flaky: null },
    })
  })

  it('are not green because the others are', () => {
    expect(combineSuites([green, empty, green], '0.98.0').reasonCode).toBe('no-tests')
  })

  it('that do not exist are nothing to do, and nothing measured', () => {
    expect(combineSuites([], null)).toEqual({
      reasonCode: 'no-smoke-suite',
      summary: 'the file names no smoke suite',
      details: {
        'zenml-version': null,
        suites: [],
        total: null,
        passed: null,
        failed: null,
        skipped: null,
        flaky: null,
      },
    })
  })
})

describe('a result', () => {
  it('has no text of a test that no reader would read to its end', () => {
    const long = 'x'.repeat(2_000_000)
    const tests = [{ ...test(long, 'failed'), message: long }]
    const report = judgeSuite(facts([attempt(tests)]))
    expect(JSON.stringify(report).length).toBeLessThan(3000)
    expect(report.tests[0]?.name).toMatch(/^x{299}…$/)
  })
})
