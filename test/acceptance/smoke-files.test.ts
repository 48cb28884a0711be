import { mkdtemp, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { SmokeDetails } from '../../src/result/smoke.ts'
import { runBundle } from '../support/bundle.ts'
import { emptyServerPlace, type EmptyServerPlace } from '../support/empty-server-place.ts'

// Files that a suite may leave behind, through the whole command: the suite copies one and ends
// with exit code 0.

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'junit')

let place: EmptyServerPlace
let workspace: string

beforeAll(async () => {
  place = await emptyServerPlace()
  workspace = place.workspace
})
afterAll(() => place.close())

/** Runs a suite that leaves this file. */
async function leaving(path: string) {
  const reports = await mkdtemp(join(workspace, 'report-'))
  const { result, outputs, log } = await runBundle(
    [
      ...['run-smoke-suite', '--environment', 'staging'],
      ...['--command', `cp '${path}' "$SMOKE_JUNIT_FILE"`],
    ],
    { cwd: workspace, env: { ZENML_STORE_API_KEY: 'ZENKEY_x' }, reports },
  )
  if (result === undefined) throw new Error(log)
  const bytes = (await stat(outputs['result'] ?? '')).size
  return { code: result['reason-code'], details: result.details as SmokeDetails, bytes, outputs }
}

describe('run-smoke-suite, of a suite that ends with exit code 0,', () => {
  it.each([
    ['root-counts-a-failure.xml', 'smoke-failed'],
    ['parent-suite-counts-a-failure.xml', 'smoke-failed'],
    ['error-in-suite.xml', 'smoke-failed'],
    ['all-disabled.xml', 'no-tests'],
    ['status-words.xml', 'smoke-failed'],
    ['fewer-tests-than-counted.xml', 'smoke-failed'],
    ['utf-16-le.xml', 'smoke-failed'],
  ])('takes %s for what it is', async (file, code) => {
    expect((await leaving(join(FIXTURES, file))).code).toBe(code)
  })

  it('reads a decimal comma, and takes nonsense for a time that was not measured', async () => {
    const { code, details } = await leaving(join(FIXTURES, 'spellings-of-time.xml'))
    const times = (details.suites[0]?.tests ?? []).map(({ name, seconds }) => [name, seconds])
    expect(code).toBe('smoke-passed')
    expect(Object.fromEntries(times)).toMatchObject({ german: 0.25, nan: null, unit: null })
  })

  it('reports 200,000 tests by their counts', async () => {
    const path = join(workspace, 'huge.xml')
    await writeFile(
      path,
      hugeSuite((number) => `<testcase classname="t" name="test_${number}"/>`),
    )
    const { code, details, bytes, outputs } = await leaving(path)
    expect({ code, ...details }).toMatchObject({
      code: 'smoke-passed',
      total: 200_000,
      passed: 200_000,
    })
    expect(outputs).toMatchObject({ total: '200000', failed: '0' })
    expect(bytes).toBeLessThan(1_000_000)
  })

  it('reports 200,000 failures with long messages by their counts', async () => {
    const path = join(workspace, 'red.xml')
    const message = 'expected 1 '.repeat(5)
    const first = `<failure message="${'a long message '.repeat(100_000)}"/>`
    await writeFile(
      path,
      hugeSuite(
        (number) =>
          `<testcase classname="t" name="test_${number}">${number === 0 ? first : `<failure message="${message}"/>`}</testcase>`,
      ),
    )
    const { code, details, bytes } = await leaving(path)
    expect({ code, ...details }).toMatchObject({
      code: 'smoke-failed',
      total: 200_000,
      failed: 200_000,
    })
    expect(bytes).toBeLessThan(1_000_000)
  })
})

function hugeSuite(test: (number: number) => string): string {
  const tests = Array.from({ length: 200_000 }, (_, number) => test(number)).join('')
  return `<testsuite name="s" tests="200000">${tests}</testsuite>`
}
