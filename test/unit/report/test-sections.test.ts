import { expect, it } from '@jest/globals'
import { smokeSections } from '../../../src/report/test-sections.ts'
import { smoke, suite, test } from './results.ts'

it('a suite with more tests than its rows shows its counts, and no time that was not measured', () => {
  const given = suite({
    tests: [test('a'), { ...test('b'), seconds: null }],
    counts: { total: 200_000, passed: 200_000, failed: 0, skipped: 0, flaky: 0 },
  })
  const [section] = smokeSections(
    smoke({ environment: 'staging', code: 'smoke-passed', summary: '' }, [given]),
  )
  expect(section?.title).toBe('smoke suite of churn: 200,000 tests')
  expect(section?.blocks).toContainEqual({
    kind: 'text',
    text: 'The table leaves out 199,998 tests.',
  })
  const table = section?.blocks.find((block) => block.kind === 'table')
  expect(table?.kind === 'table' ? table.rows.map(({ cells }) => cells[2]) : []).toEqual([
    expect.stringMatching(/ m?s$/),
    null,
  ])
})
