import { describe, expect, it } from '@jest/globals'
import { run } from '../../../src/runtime/process.ts'
import { signalGroup } from '../../../src/runtime/process-group.ts'

describe('a program whose start cannot be recorded', () => {
  it('is ended before the failure is passed on', async () => {
    let started = 0
    const running = run({
      argv: ['sleep', '600'],
      env: process.env,
      timeoutSeconds: 600,
      onStart: (pid) => {
        started = pid
        return Promise.reject(new Error('the journal cannot be written'))
      },
    })
    await expect(running).rejects.toThrow('the journal cannot be written')
    const wasRunning = signalGroup(started, 'SIGKILL')
    expect(wasRunning).toBe(false)
  })
})
