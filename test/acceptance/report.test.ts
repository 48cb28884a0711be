import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Result } from '../../src/result/result.ts'
import { GREEN_STAGING, smoke, upgrade } from '../unit/report/results.ts'
import { greenAttempt } from '../unit/state/attempts.ts'
import { entriesOf } from '../support/evidence.ts'
import { BUNDLE } from '../support/bundle.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'report-'))
})
afterEach(() => rm(directory, { recursive: true }))

const report = (env: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, [BUNDLE, 'report', '--report-directory', directory], {
    encoding: 'utf8',
    cwd: directory,
    env: { PATH: process.env['PATH'], GITHUB_OUTPUT: '', ...env },
  })

async function recordAttempt(text: string): Promise<void> {
  const attempts = join(directory, '.zenml-upgrade', 'attempts', 'staging')
  await mkdir(attempts, { recursive: true })
  await writeFile(join(attempts, 'a1.json'), text)
}

async function writeResults(...results: readonly Result[]): Promise<void> {
  await mkdir(join(directory, 'staging'))
  for (const result of results)
    await writeFile(join(directory, 'staging', `${result.command}.json`), JSON.stringify(result))
}

describe('the report', () => {
  it('says that nothing ran when there is no result', async () => {
    const run = report()
    expect(run.status).toBe(0)
    expect(run.stderr).toContain('reported')
    expect(await readFile(join(directory, 'comment.md'), 'utf8')).toMatch(/^<!-- zenml-upgrade /)
    expect(run.stdout).toContain('Nothing has run yet')
  })

  it('is made of the results it finds, and leaves out what is none', async () => {
    await mkdir(join(directory, 'staging'))
    await writeFile(
      join(directory, 'staging', 'upgrade-workspace.json'),
      JSON.stringify(upgrade({ environment: 'staging', code: 'upgraded', summary: 'upgraded' })),
    )
    await writeFile(join(directory, 'staging', 'half.json'), '{"command":')
    const run = report()
    expect(run.status).toBe(0)
    expect(run.stderr).toMatch(/half\.json is no result/)
    expect(await readFile(join(directory, 'comment.md'), 'utf8')).toContain('0.98.0')
  })

  it('is a page as well, which the last line of the output names', async () => {
    await writeResults(
      upgrade({ environment: 'staging', code: 'upgraded', summary: 'staging: upgraded' }),
    )
    const run = report()
    expect(run.stderr.trimEnd().split('\n').at(-1)?.trim()).toBe(
      `→ Open ${join(directory, 'report.html')}`,
    )
    expect(await readFile(join(directory, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/)
    const result = JSON.parse(await readFile(join(directory, 'report.json'), 'utf8')) as unknown
    expect(result).toMatchObject({ details: { html: join(directory, 'report.html') } })
  })

  it('gives no line of a log to the runner of GitHub as a command', async () => {
    await mkdir(join(directory, 'staging'))
    const failed = upgrade(
      { environment: 'staging', code: 'rolled-back', summary: 'failed' },
      { 'rolled-back': true, 'migration-log': ['::error::planted', '  ::add-mask::planted'] },
    )
    await writeFile(join(directory, 'staging', 'upgrade-workspace.json'), JSON.stringify(failed))
    const { stdout } = report()
    expect(stdout).toContain('::error::planted')
    expect(stdout).not.toMatch(/^\s*::/m)
  })

  it('has no key in it that a page, a comment or a terminal writes in another way', async () => {
    const key = `p&ss <w"rd'> of $everal w*rds`
    await writeResults(
      upgrade(
        { environment: 'staging', code: 'rolled-back', summary: `failed with ${key}` },
        { 'rolled-back': true, 'migration-log': [`refused ${'as it has '.repeat(6)}${key}`] },
      ),
    )
    const run = report({ ZENML_STORE_API_KEY: key })
    expect(run.status).toBe(1)
    expect(run.stderr).toContain('secret-in-output')
    const files = ['comment.md', 'report.html'].map((name) =>
      readFile(join(directory, name), 'utf8'),
    )
    const texts = [run.stdout, ...(await Promise.all(files))]
    expect(texts.map((text) => text.includes('***'))).toEqual([true, true, true])
    expect(texts.map((text) => text.includes('everal'))).toEqual([false, false, false])
  })

  it('leaves out what is about another configuration file', async () => {
    await mkdir(join(directory, 'staging'))
    await writeFile(
      join(directory, 'staging', 'upgrade-workspace.json'),
      JSON.stringify({
        ...upgrade({ environment: 'staging', code: 'upgraded', summary: 'upgraded' }),
        config: 'teams/churn.yml',
      }),
    )
    const run = report()
    expect(run.stderr).toContain('results about teams/churn.yml were left out')
    expect(await readFile(join(directory, 'comment.md'), 'utf8')).not.toContain('0.98.0')
  })

  it('shows what the record has of the run before one that was killed, with its time', async () => {
    await recordAttempt(
      JSON.stringify(greenAttempt({ id: 'a1', entries: entriesOf(GREEN_STAGING) })),
    )
    const later = { environment: 'staging', summary: '', minute: 600, attempt: null } as const
    await writeResults(
      upgrade(
        { ...later, code: 'already-green' },
        { 'from-version': '0.98.0', backup: null, changed: false, checks: [], phases: [] },
      ),
      { ...smoke({ ...later, code: 'interrupted' }, []), details: null },
    )
    const lines = report().stdout.replaceAll(/\s+/g, ' ')
    for (const line of [
      'Backup ✓ 2.3 MB, read back, checksum equal, on 2026-11-23 10:00 UTC',
      'Smoke suite ? interrupted before it wrote a result; earlier: 3 passed, on 2026-11-23 10:05 UTC',
    ])
      expect(lines).toContain(line)
  })

  it('is made without a record that is damaged, and says so', async () => {
    await recordAttempt('{"id":')
    await writeResults(upgrade({ environment: 'staging', code: 'upgraded', summary: 'upgraded' }))
    const run = report()
    expect(run.status).toBe(0)
    expect(run.stderr).toMatch(/leaves out what earlier runs found out: the record .* is damaged/)
    expect(run.stdout).toContain('ZenML 0.98.0')
  })
})
