import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { scheduleCheck } from '../../../../src/commands/plan/schedule-check.ts'
import { parseConfig } from '../../../../src/config/load.ts'

const WORKFLOW = '.github/workflows/zenml.yml'
let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'schedule-'))
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

async function check(promotion: string, workflow?: string, path: string | undefined = WORKFLOW) {
  const config = parseConfig(
    `
zenml: 0.98.0
environments:
  staging: { server: "https://staging.test", deploy: { command: { deploy: ./deploy.sh } } }
  production: { server: "https://production.test", deploy: { command: { deploy: ./deploy.sh } } }
smoke: [{ command: pytest }]
promotion: ${promotion}
`,
    'zenml-upgrade.yml',
  )
  if (workflow !== undefined) {
    await mkdir(dirname(join(root, WORKFLOW)), { recursive: true })
    await writeFile(join(root, WORKFLOW), workflow)
  }
  return scheduleCheck(root, config, path)
}
const SOAK = '{ soak: 4h }'
const SCHEDULED = 'on:\n  push: {branches: [main]}\n  schedule: [{cron: "17 * * * *"}]\n'

describe('the check for a schedule', () => {
  it('is none where nothing passes by itself', async () => {
    expect(await check('{}', 'on: push\n')).toEqual([])
  })

  it('passes where one goes on', async () => {
    expect(await check(SOAK, SCHEDULED)).toEqual([
      {
        name: 'schedule',
        status: 'passed',
        message: `the schedule of ${WORKFLOW} goes on when the soak is over`,
      },
    ])
    expect(
      await check('{ freeze: ["Fri 15:00 – Mon 07:00 Europe/Berlin"] }', SCHEDULED),
    ).toMatchObject([{ status: 'passed', message: expect.stringContaining('a freeze') }])
  })

  it.each([
    ['push alone', 'on: push\n'],
    ['a list', 'on: [push, pull_request]\n'],
    ['a map without it', 'on:\n  push:\n'],
    ['what is no workflow', 'nothing'],
    ['what is no YAML', 'on: {push\n  schedule: ['],
    ['a schedule elsewhere', 'on: push\njobs:\n  schedule: {}\n'],
  ])('warns for %s', async (_what, workflow) => {
    expect(await check(SOAK, workflow)).toMatchObject([
      {
        status: 'warning',
        message: expect.stringContaining('nothing goes on by itself'),
        next: expect.stringContaining('cron'),
      },
    ])
  })

  it('cannot be made without the workflow', async () => {
    expect(await check(SOAK)).toMatchObject([{ status: 'not-checked' }])
    expect(
      await scheduleCheck(
        root,
        parseConfig(
          `zenml: 0.98.0
environments:
  staging: { server: "https://staging.test", deploy: { command: { deploy: ./deploy.sh } } }
  production: { server: "https://production.test", deploy: { command: { deploy: ./deploy.sh } } }
promotion: ${SOAK}
`,
          'zenml-upgrade.yml',
        ),
        undefined,
      ),
    ).toMatchObject([{ status: 'not-checked' }])
  })
})
