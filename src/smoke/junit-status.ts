import type { TestReport } from '../result/smoke.ts'

/** What googletest, CTest, Ginkgo, Pester, behave and others call a test that passed. */
const PASSED = new Set([
  'run',
  'ran',
  'completed',
  'passed',
  'pass',
  'success',
  'successful',
  'succeeded',
  'ok',
])
const DID_NOT_RUN = new Set([
  'notrun',
  'not run',
  'not-run',
  'not_run',
  'suppressed',
  'disabled',
  'skipped',
  'skip',
  'pending',
  'ignored',
  'todo',
])

/** What a test case holds below it, by kind. */
export interface Findings {
  readonly bad: boolean
  readonly skipped: boolean
  readonly flaky: boolean
}

/** `word` is set where a word alone made the test fail. */
export interface Status {
  readonly status: TestReport['status']
  readonly word: string | null
}

/** Judges a test by its elements and its words; a word that is not known to be good is no pass. */
export function testStatus(findings: Findings, words: readonly (string | undefined)[]): Status {
  const said = words.map((word) => (word ?? '').trim()).filter((word) => word !== '')
  const bad = said.find((word) => !PASSED.has(lower(word)) && !DID_NOT_RUN.has(lower(word)))
  if (findings.bad) return { status: 'failed', word: null }
  if (bad !== undefined) return { status: 'failed', word: bad }
  if (findings.skipped || said.some((word) => DID_NOT_RUN.has(lower(word))))
    return { status: 'skipped', word: null }
  return { status: findings.flaky ? 'flaky' : 'passed', word: null }
}

const lower = (word: string) => word.toLowerCase()
