import { describe, expect, it } from '@jest/globals'
import { parseConfig } from '../../../src/config/load.ts'
import { InvalidConfig } from '../../../src/config/problem.ts'
import { annotationsOf, type AnnotationInput } from '../../../src/report/annotations.ts'
import type { Result } from '../../../src/result/result.ts'
import type { TestReport } from '../../../src/result/smoke.ts'
import { golden } from './golden.ts'
import { NASTY } from './nasty.ts'
import { gate, GREEN_STAGING, plan, smoke, suite, test } from './results.ts'

const INPUT: Omit<AnnotationInput, 'results'> = {
  configPath: 'deploy/zenml-upgrade.yml',
  sources: { churn: 'services/churn' },
  root: '/work/repo',
}
const annotate = (...results: Result[]) => annotationsOf({ ...INPUT, results })
const failed = (name: string, file: string | null, line: number | null): TestReport => ({
  ...test(name, 'failed', 'AssertionError: assert 0.41 > 0.8'),
  file,
  line,
})
const suiteOf = (...tests: TestReport[]) =>
  smoke({ environment: 'staging', code: 'smoke-failed', summary: '' }, [suite({ tests })])
const closedGate = gate({ environment: 'production', code: 'hold-label', summary: '' }, [
  { 'reason-code': 'hold-label', message: 'pull request #7 carries the label upgrade-hold' },
])

function problemsOf(text: string): AnnotationInput['invalid'] {
  try {
    parseConfig(text, 'zenml-upgrade.yml')
  } catch (error) {
    if (error instanceof InvalidConfig) return { file: error.file, problems: error.problems }
    throw error
  }
  throw new Error('the file is valid')
}

describe('the annotations', () => {
  it('are none while everything is well', () => {
    expect(annotate(...GREEN_STAGING)).toEqual([])
  })

  it('read well', () => {
    const all = annotationsOf({
      ...INPUT,
      invalid: problemsOf('zenml: one\nenvironment:\n  staging: {}\n'),
      results: [
        plan(
          { environment: 'staging', code: 'server-ahead', summary: '' },
          {
            checks: [
              {
                name: 'version',
                status: 'failed',
                message: 'staging runs ZenML 0.99.0, the file says 0.98.0',
                next: 'Set zenml in the file to the version of the server.',
                'reason-code': 'server-ahead',
              },
              { name: 'driver', status: 'warning', message: 'x' },
            ],
          },
        ),
        suiteOf(
          failed('tests.smoke.test_scoring.test_scores', 'tests/smoke/test_scoring.py', 12),
          test('tests.smoke.test_report.test_writes'),
          failed('tests.smoke.test_mail', null, null),
        ),
        closedGate,
        gate(
          { environment: 'production', code: 'frozen', summary: '' },
          [
            {
              'reason-code': 'frozen',
              message:
                'production is frozen (Fri 15:00 – Mon 07:00 Europe/Berlin) until 2026-11-30 06:00 UTC',
            },
          ],
          { 'opens-at': '2026-11-30T06:00:00.000Z' },
        ),
      ],
    })
    golden('annotations.json', `${JSON.stringify(all, null, 2)}\n`)
  })

  it.each([
    ['tests/test_a.py', 'services/churn/tests/test_a.py'],
    ['./tests/../tests/test_a.py', 'services/churn/tests/test_a.py'],
    ['../common/test_a.py', 'services/common/test_a.py'],
    ['../../../etc/passwd', null],
    ['/work/repo/services/churn/test_a.py', 'services/churn/test_a.py'],
    ['/work/repository/test_a.py', null],
    ['/etc/passwd', null],
    ['..\\..\\x', null],
    ['a\nb', null],
  ])('place the file %j of a test at %j', (file, place) => {
    expect(annotate(suiteOf(failed('t', file, 3)))).toMatchObject([
      { level: 'error', file: place, line: place === null ? null : 3 },
    ])
  })

  it('name no file of a source that is in another repository', () => {
    expect(
      annotationsOf({
        ...INPUT,
        sources: {},
        results: [suiteOf(failed('t', 'tests/test_a.py', 3))],
      }),
    ).toMatchObject([{ file: null, line: null }])
  })

  it('are ten at most, and the last says how many are left out', () => {
    const ten = Array.from({ length: 10 }, (_, index) => failed(`t${index}`, null, null))
    expect(annotate(suiteOf(...ten)).at(-1)?.message).toMatch(/^t9 failed/)
    const more = annotate(suiteOf(...ten, failed('t10', null, null)), closedGate)
    expect(more).toHaveLength(10)
    expect(more.at(-1)).toEqual({
      level: 'notice',
      file: null,
      line: null,
      message: 'There are 3 more; the summary has all of them.',
    })
  })

  it('are one short visible line each, whatever tests are called', () => {
    for (const name of NASTY) {
      const [only] = annotate(
        suiteOf({ ...failed(name, null, null), message: `${name}${'x'.repeat(5000)}\n::error::y` }),
      )
      expect(only?.message).not.toMatch(/[\n\r\u2028\u202E\u001B]/)
      expect(Array.from(only?.message ?? '').length).toBeLessThanOrEqual(400)
    }
  })
})
