import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SuiteReport } from '../../../src/result/smoke.ts'
import { readJunit } from '../../../src/smoke/junit-file.ts'
import { judgeSuite } from '../../../src/smoke/judge.ts'

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'junit')

/** What a suite is worth that left this fixture. */
export function judgeFixture(name: string, exitCode = 0): Promise<SuiteReport> {
  return judgePath(join(FIXTURES, name), exitCode)
}

/** What a suite is worth that left a file of this content. */
export async function judgeContent(
  content: string | Uint8Array,
  exitCode = 0,
): Promise<SuiteReport> {
  const folder = await mkdtemp(join(tmpdir(), 'junit-'))
  try {
    await writeFile(join(folder, 'junit.xml'), content)
    return await judgePath(join(folder, 'junit.xml'), exitCode)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function judgePath(path: string, exitCode: number): Promise<SuiteReport> {
  return judgeSuite({
    source: 'churn',
    command: 'test',
    timeout: 60,
    serverVersion: '0.98.0',
    attempts: [
      { exitCode, timedOut: false, seconds: 1, junit: await readJunit(path), logTail: [] },
    ],
    runs: [],
  })
}
