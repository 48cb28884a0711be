import { describe, expect, it } from '@jest/globals'
import { readInputs } from '../../../src/inputs/inputs.ts'
import { Stop } from '../../../src/core/stop.ts'

const problems = (args: string[], env: Record<string, string> = {}) => {
  try {
    readInputs('upgrade-workspace', args, env)
  } catch (error) {
    if (error instanceof Stop && error.code === 'invalid-input') return error.message.split('\n')
    throw error
  }
  return []
}

describe('inputs', () => {
  it('come from the flag, else the runner, else our own variables, else the default', () => {
    const env = {
      'INPUT_ON-FAILURE': 'stop',
      ZENML_UPGRADE_ON_FAILURE: 'rollback-with-loss',
      ZENML_UPGRADE_BACKUP: 'skip',
    }
    expect(
      readInputs('upgrade-workspace', ['--environment', 'staging', '--on-failure=rollback'], env),
    ).toMatchObject({ 'on-failure': 'rollback', backup: 'skip' })
    expect(readInputs('upgrade-workspace', ['--environment', 'staging'], env)).toMatchObject({
      'on-failure': 'stop',
      config: 'zenml-upgrade.yml',
    })
  })
  it('count as not given when they are empty', () => {
    expect(
      readInputs('upgrade-workspace', ['--environment', 'staging'], { 'INPUT_ON-FAILURE': '  ' })[
        'on-failure'
      ],
    ).toBe('rollback')
  })
  it('take a switch without a value, and do not swallow the flag after it', () => {
    expect(
      readInputs('upgrade-workspace', ['--dry-run', '--environment', 'staging'], {}),
    ).toMatchObject({ 'dry-run': 'true', environment: 'staging' })
  })
  it('take a secret from the environment only', () => {
    expect(
      readInputs('upgrade-workspace', ['--environment=staging'], {
        ZENML_STORE_API_KEY: 'ZENKEY_x',
      })['api-key'],
    ).toBe('ZENKEY_x')
    expect(problems(['--environment=staging', '--api-key', 'ZENKEY_x'])).toEqual([
      '--api-key is refused: other users of the machine can read arguments; set the environment variable ZENML_STORE_API_KEY',
    ])
  })
  it('are refused when a flag is given twice, or without a value', () => {
    expect(problems(['--environment', 'staging', '--environment', 'production'])).toEqual([
      'input --environment is given twice: staging, production',
    ])
    expect(problems(['--environment', 'staging', '--on-failure', '--dry-run'])).toEqual([
      'input --on-failure has no value; allowed: rollback, rollback-with-loss, stop',
    ])
    for (const args of [['--environment='], ['--environment'], ['--environment', ' ']])
      expect(problems(args)).toEqual([
        'input --environment has no value; allowed: staging, production',
      ])
  })
  it('are refused with every problem at once, and what is allowed', () => {
    expect(
      problems(['--on-failure', 'retry', '--timeout', 'soon', '--bakup', 'skip', 'extra']),
    ).toEqual([
      expect.stringMatching(/^unknown input --bakup.*backup.*known: environment, config/),
      'unexpected argument "extra"',
      'input environment is missing; allowed: staging, production',
      'input timeout is "soon"; it must be a duration such as 30s, 45m or 2h',
      'input on-failure is "retry"; allowed: rollback, rollback-with-loss, stop',
    ])
  })
})
