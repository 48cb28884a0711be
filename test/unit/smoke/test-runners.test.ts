import { describe, expect, it } from '@jest/globals'
import { judgeContent, judgeFixture } from './judged-file.ts'

// Files that real test runners wrote; test/fixtures/junit/README.md says how.

async function verdict(file: string, exitCode: number) {
  const report = await judgeFixture(file, exitCode)
  return [report['reason-code'], report.message]
}

describe('pytest with xdist, reruns, subtests and teardown', () => {
  for (const version of ['7', '8', '9'])
    for (const way of ['', '-xdist']) {
      const file = (kind: string) => `pytest-${version}-${kind}${way}.xml`

      it(`${version}${way}: is green, though it counts subtests that it does not list`, async () => {
        const [code, message] = await verdict(file('green'), 0)
        expect(code).toBe('smoke-passed')
        // The first try of a test that is run again is listed, but by pytest-rerunfailures 16.1.
        expect(message).toBe(`${version === '7' ? 5 : 6} tests passed, 3 skipped`)
      })

      it(`${version}${way}: is red by failed tests, subtests and teardowns`, async () => {
        for (const exitCode of [0, 1]) {
          const report = await judgeFixture(file('red'), exitCode)
          expect(report['reason-code']).toBe('smoke-failed')
          const failed = report.tests.filter(({ status }) => status === 'failed')
          expect([...new Set(failed.map(({ name }) => name))].sort()).toEqual([
            'test_smoke.Report.test_rows',
            'test_smoke.test_always_bad',
            'test_smoke.test_bad_and_late',
            'test_smoke.test_scores',
          ])
        }
      })

      it(`${version}${way}: is red by an error in teardown alone`, async () => {
        const report = await judgeFixture(file('teardown'), 1)
        const failed = report.tests.filter(({ status }) => status === 'failed')
        expect(failed.map(({ name, message }) => [name, message])).toEqual([
          ['test_smoke.test_late', 'failed on teardown with "RuntimeError: teardown"'],
        ])
      })
    }

  for (const version of ['7', '8', '9'])
    it(`${version}: is known by its attributes, whatever the suite is called`, async () => {
      expect((await verdict(`pytest-${version}-green-xunit1.xml`, 0))[0]).toBe('smoke-passed')
    })

  const head = '<testsuite name="pytest" errors="0" failures="1" skipped="0" tests="3"'
  const tail = 'time="1" timestamp="t" hostname="h"'
  it('is not believed when it counts failures that it does not list, or lists nothing', async () => {
    const counted = await judgeContent(`${head} ${tail}><testcase name="a"/></testsuite>`)
    expect(counted['reason-code']).toBe('smoke-failed')
    const empty = await judgeContent(`${head.replace('failures="1"', 'failures="0"')} ${tail}/>`)
    expect(empty['reason-code']).toBe('smoke-failed')
  })
})

describe('Maven Surefire', () => {
  it('is green with a flaky test, though it counts one of its six tests', async () => {
    expect(await verdict('surefire-3-green.xml', 0)).toEqual([
      'smoke-passed',
      '5 tests passed, 1 skipped; passed only when run again: acme.GreenTest.retries',
    ])
  })

  it('is red by tests that failed each time', async () => {
    expect(await verdict('surefire-3-red.xml', 0)).toEqual([
      'smoke-failed',
      '2 of 3 tests failed: acme.RedTest.broken, acme.RedTest.bad; the command ended with exit code 0 all the same',
    ])
  })

  it('is red by what comes before and after all tests', async () => {
    for (const [file, message] of [
      ['surefire-3-before.xml', 'set up failed'],
      ['surefire-3-after.xml', 'tear down failed'],
    ] as const) {
      const report = await judgeFixture(file)
      expect(report['reason-code']).toBe('smoke-failed')
      expect(report.tests.find(({ status }) => status === 'failed')?.message).toBe(message)
    }
  })
})

describe('gotestsum and jest-junit', () => {
  it('keep their verdict', async () => {
    expect(await verdict('gotestsum-green.xml', 0)).toEqual([
      'smoke-passed',
      '5 tests passed, 1 skipped',
    ])
    expect((await verdict('gotestsum-failing-main.xml', 0))[0]).toBe('smoke-failed')
    expect(await verdict('jest-junit-green.xml', 0)).toEqual([
      'smoke-passed',
      '5 tests passed, 1 skipped',
    ])
    expect((await verdict('jest-junit-broken-reported.xml', 0))[0]).toBe('smoke-failed')
  })
})
