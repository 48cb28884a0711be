import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { runBundle, startBundle } from '../support/bundle.ts'
import { until } from '../support/ends-with-tests.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'demo-'))
})
afterEach(() => rm(cwd, { recursive: true }))

/** Processes whose command line names a folder. */
async function processesOf(folder: string): Promise<string[]> {
  const ps = spawn('ps', ['-eo', 'args='])
  let text = ''
  ps.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(ps, 'close')
  return text.split('\n').filter((line) => line.includes(folder))
}

describe('the demo', () => {
  it('takes two real servers through both flows, tells where the report is, and leaves nothing', async () => {
    const run = await runBundle(['demo'], { cwd })
    expect(run.outputs).toMatchObject({ outcome: 'success', 'reason-code': 'demo-finished' })
    expect(run.exitCode).toBe(0)
    for (const title of [
      'Staging: smoke suite',
      'Production: is staging green',
      'Production: rebuild all snapshots',
    ])
      expect(run.log).toContain(title)
    expect(run.log).toContain('Staging and production: green on ZenML 0.98.0')
    expect(run.log.match(/the comment on pull request #1 is up to date/g)).toHaveLength(3)
    expect(run.log).toMatch(/Stack parity +✓ 1 stack mirrored/)
    expect(run.log).toMatch(/3 snapshots ran to the end with ZenML 0\.98\.0/)
    const folder = /in (\S*zenml-upgrade-demo-\w+)/.exec(run.log)?.[1] ?? ''
    expect(folder).not.toBe('')
    expect(await processesOf(folder)).toEqual([])
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  }, 900_000)

  it('that is interrupted stops what it started', async () => {
    const running = await startBundle(['demo'], { cwd })
    let log = ''
    running.process.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
    await until(() => log.includes('started ZenML'), running.ended)
    running.process.kill('SIGINT')
    const run = await running.ended
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', 'reason-code': 'cancelled' })
    expect(run.exitCode).toBe(130)
    const folder = /in (\S*zenml-upgrade-demo-\w+)/.exec(run.log)?.[1] ?? ''
    expect(await processesOf(folder)).toEqual([])
    await expect(readFile(join(folder, 'repository', 'zenml-upgrade.yml'))).rejects.toMatchObject({
      code: 'ENOENT',
    })
  }, 300_000)
})
