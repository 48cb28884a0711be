import { describe, expect, it } from '@jest/globals'
import { parseConfig } from '../../../src/config/load.ts'
import { toCheck } from '../../../src/promotion/plan-check-result.ts'
import { scheduleCheck } from '../../../src/promotion/schedule-check.ts'

const WORKFLOW = '.github/workflows/zenml.yml'

function check(promotion: string, workflow?: string, defaultBranch?: string) {
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
  return scheduleCheck(
    config.promotion,
    workflow === undefined ? undefined : { path: WORKFLOW, text: workflow },
    { base: 'main', defaultBranch },
  ).map(toCheck)
}
const SOAK = '{ soak: 4h }'
const SCHEDULED = 'on:\n  push: {branches: [main]}\n  schedule: [{cron: "17 * * * *"}]\n'

describe('the check for a schedule', () => {
  it('is none where nothing passes by itself', () => {
    expect(check('{}', 'on: push\n')).toEqual([])
  })

  it('passes where one continues', () => {
    expect(check(SOAK, SCHEDULED)).toEqual([
      {
        name: 'schedule',
        status: 'passed',
        message: `the schedule of ${WORKFLOW} continues when the soak is over`,
      },
    ])
    expect(check('{ freeze: ["Fri 15:00 – Mon 07:00 Europe/Berlin"] }', SCHEDULED)).toMatchObject([
      { status: 'passed', message: expect.stringContaining('a freeze') },
    ])
  })

  it.each([
    ['push alone', 'on: push\n'],
    ['a list', 'on: [push, pull_request]\n'],
    ['a map without it', 'on:\n  push:\n'],
    ['what is no workflow', 'nothing'],
    ['what is no YAML', 'on: {push\n  schedule: ['],
    ['a schedule elsewhere', 'on: push\njobs:\n  schedule: {}\n'],
  ])('warns for %s', (_what, workflow) => {
    expect(check(SOAK, workflow)).toMatchObject([
      {
        status: 'warning',
        message: expect.stringContaining('nothing continues by itself'),
        next: expect.stringContaining('cron'),
      },
    ])
  })

  it('warns where the default branch, on which GitHub runs schedules, does not deploy production', () => {
    expect(check(SOAK, SCHEDULED, 'develop')).toMatchObject([
      {
        status: 'warning',
        message: expect.stringContaining('on the default branch develop only, and main deploys'),
        next: 'Make main the default branch, or dispatch the workflow on main when the soak is over.',
      },
    ])
    expect(check(SOAK, SCHEDULED, 'main')).toMatchObject([{ status: 'passed' }])
  })

  it('cannot be made without the workflow', () => {
    expect(check(SOAK)).toMatchObject([{ status: 'not-checked' }])
  })
})
