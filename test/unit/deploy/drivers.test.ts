import { describe, expect, it } from '@jest/globals'
import { createDriver } from '../../../src/deploy/create-driver.ts'
import { testMachine } from '../../support/machine.ts'

const deployment = { fromVersion: '0.94.1', toVersion: '0.98.0' }
const context = {
  machine: testMachine(),
  environment: 'production' as const,
  workspace: '/repo',
  logDirectory: '/report/production/logs',
  serverUrl: 'https://zenml.example.com',
  uv: () => Promise.reject(new Error('not needed')),
}
const unused = {
  child: () => Promise.reject(new Error('no child')),
  note: () => Promise.reject(new Error('no note')),
}

describe('which driver', () => {
  it('is the one that the file names', () => {
    expect(createDriver({ local: { directory: 'zenml', port: 8080 } }, context).name).toBe('local')
    expect(createDriver({ command: { deploy: 'make deploy' } }, context).name).toBe('command')
    expect(createDriver({ gitops: { tool: 'flux', name: 'zenml' } }, context).name).toBe('gitops')
  })
})

describe('what a driver can', () => {
  it('follows from the commands that the file names', () => {
    const all = createDriver({ command: { deploy: 'a', rollback: 'b', stop: 'c' } }, context)
    expect(['stop', 'startOld', 'revertHint'].map((ability) => ability in all)).toEqual([
      true,
      true,
      false,
    ])
    const one = createDriver({ command: { deploy: 'a' } }, context)
    expect(['stop', 'startOld'].map((ability) => ability in one)).toEqual([false, false])
  })

  it('is to wait and to tell where somebody else deploys', async () => {
    const driver = createDriver({ gitops: { tool: 'argocd', name: 'zenml' } }, context)
    expect(['stop', 'startOld'].map((ability) => ability in driver)).toEqual([false, false])
    expect(await driver.deploy(deployment, unused)).toEqual({
      ok: true,
      message: 'waiting for Argo CD application zenml to roll out ZenML 0.98.0',
      stoppedAt: null,
      log: [],
    })
    expect(driver.revertHint?.(deployment)).toBe(
      'Pause Argo CD application zenml (turn off automated sync), scale the server down, restore the backup, revert the commit that left ZenML 0.94.1, then let Argo CD go on; never let 0.94.1 start on the new schema.',
    )
    expect(await driver.preflight(deployment)).toEqual([
      expect.objectContaining({
        status: 'not-checked',
        next: 'Make Argo CD wait for the backup: https://github.com/zenml-upgrade/zenml-upgrade/blob/main/docs/drivers.md shows how.',
      }),
    ])
  })
})

describe('commands that inherit ZENML_STORE_URL', () => {
  it.each([
    ['https://zenml.example.com', 1],
    ['mysql://zenml@db/zenml', 0],
    ['', 0],
  ])('are warned of it where it is %j: %d', async (url, warnings) => {
    const machine = testMachine({ ZENML_STORE_URL: url })
    const driver = createDriver(
      { command: { deploy: 'true' } },
      { ...context, workspace: '/', machine },
    )
    const checks = await driver.preflight(deployment)
    expect(checks.filter(({ message }) => message.includes('ZENML_STORE_URL'))).toHaveLength(
      warnings,
    )
  })
})
