import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { JobsInProcess } from '../../../src/zenml-client/jobs-in-process.ts'
import type { Job } from '../../../src/zenml-client/protocol.ts'
import { testMachine } from '../../support/machine.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jobs-in-process-'))
})
afterEach(() => rm(directory, { recursive: true }))

const job = (pipelineSource: string): Job => ({
  op: 'configure',
  sourceRoot: directory,
  pipelineSource,
  env: {},
  configuration: null,
  configPath: null,
  timeoutSeconds: 1,
  logPath: join(directory, 'job.log'),
  stackDefinition: { name: 's', components: [] },
})
/** A process id that is never that of a group. */
const PID = 2 ** 30

describe('the jobs of a process that ended by itself', () => {
  it('are lost and can be tried again when the process is closed before they settle', async () => {
    const machine = testMachine({})
    const jobs = new JobsInProcess(directory, machine.log, () => undefined)
    const ran = jobs.submit(job('culprit.py'))
    const waited = jobs.submit(job('innocent.py'))
    await jobs.settle({ event: 'started', id: 0, pid: PID })

    const lost = jobs.lose('SIGKILL')
    jobs.refuse(new Error('the fork server is closed'))
    const late = jobs.submit(job('late.py'))

    const how = { kind: 'lost', how: 'SIGKILL' }
    expect(await Promise.allSettled([ran, waited, late])).toMatchObject([
      { value: { ...how, ran: true, running: ['culprit.py'] } },
      { value: { ...how, ran: false, running: ['culprit.py'] } },
      { value: { ...how, ran: false } },
    ])
    await lost
    expect(machine.lines.join()).toContain('ended (SIGKILL) while culprit.py ran')
  })
})
