import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import type { SnapshotReport } from '../../src/result/snapshots.ts'
import { executeSnapshots, rebuildSnapshots } from '../../src/snapshots/modes.ts'
import { clientJobs } from '../support/seed.ts'
import { depsFor } from '../support/snapshot-carryover.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'

// Snapshots with extreme names, and one whose code ends the process that all of them share.

jest.setTimeout(600_000)

const LONG = 'x'.repeat(254)
const NAMES = ['a/b', 'a:b', `${LONG}1`, `${LONG}2`]

const pipeline = (name: string, first: string) => `
import os
import signal
import zenml
from zenml import pipeline, step

@step(enable_cache=False)
def work() -> int:
    ${first}
    return 1

@pipeline(name="${name}")
def ${name}():
    work()
`
const KILLS_SERVER = 'os.kill(os.getppid(), signal.SIGKILL)\n'

let directory: string
let server: TestServer
let reports: ReadonlyMap<string, SnapshotReport>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snapshot-isolation-'))
  const code = join(directory, 'code')
  await mkdir(code)
  const killer = pipeline('killer', 'pass')
  await writeFile(join(code, 'good.py'), pipeline('good', 'pass'))
  await writeFile(join(code, 'killer.py'), killer)
  await writeFile(
    join(code, 'failing.py'),
    pipeline('failing', 'assert zenml.__version__ == "' + OLD + '", "no rows left"'),
  )
  server = await startServer({ version: NEW })
  const snapshot = (module: string, name: string) => ({
    op: 'snapshot' as const,
    source: `${module}.${module}`,
    stack: 'default',
    name,
  })
  await clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: code,
    jobs: [
      ...NAMES.map((name) => snapshot('good', name)),
      snapshot('killer', 'killer'),
      snapshot('failing', 'failing'),
    ],
  })
  await writeFile(join(code, 'killer.py'), killer + KILLS_SERVER)
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

const byName = ({ snapshots }: { readonly snapshots: readonly SnapshotReport[] }) =>
  new Map(snapshots.map((report) => [report.name, report]))

describe('a rebuild', () => {
  it('fails the one snapshot whose code ends the process, and rebuilds the others', async () => {
    const outcome = await rebuildSnapshots(depsFor(server, directory, NEW))
    reports = byName(outcome.details)
    for (const name of [...NAMES, 'failing'])
      expect(reports.get(name)).toMatchObject({ status: 'rebuilt', message: null })
    expect(reports.get('killer')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('ended (SIGKILL) while only this code ran in it'),
    })
    expect(outcome.summary).toContain('killer/killer')
  })

  it('gives each snapshot a log of its own', async () => {
    const logs = await readdir(join(directory, 'logs', 'default', 'good'))
    expect(logs).toHaveLength(NAMES.length)
    for (const log of logs)
      expect(await readFile(join(directory, 'logs', 'default', 'good', log), 'utf8')).not.toBe('')
  })
})

describe('a run from source', () => {
  it('ends for names of 255 characters, and reports the exception of a step', async () => {
    const { details } = await executeSnapshots(depsFor(server, directory, NEW))
    reports = byName(details)
    for (const name of NAMES)
      expect(reports.get(name)).toMatchObject({ status: 'executed', 'executed-on': 'source' })
    expect(reports.get('failing')).toMatchObject({
      status: 'failed',
      'executed-on': 'source',
      run: { 'failed-step': 'work', exception: 'AssertionError: no rows left' },
      message: expect.stringContaining('AssertionError: no rows left'),
    })
  })
})
