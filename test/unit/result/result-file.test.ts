import { describe, expect, it } from '@jest/globals'
import { isOfDryRun, resultFile, type ResultPlace } from '../../../src/result/result-file.ts'

const UPGRADE: ResultPlace = { command: 'upgrade-workspace', environment: 'staging' }

describe('the path of a result file', () => {
  it.each<[string, ResultPlace]>([
    ['r/staging/upgrade-workspace.json', UPGRADE],
    ['r/staging/upgrade-workspace.dry-run.json', { ...UPGRADE, dryRun: true }],
    ['r/report.json', { command: 'report', environment: null }],
    [
      'r/production/promote-gate.json',
      { command: 'promote', environment: 'production', step: 'gate' },
    ],
    [
      'r/staging/rebuild-snapshots-all-1-of-4.json',
      { command: 'rebuild-snapshots', environment: 'staging', mode: 'all', shard: '1/4' },
    ],
  ])('is %s', (path, place) => {
    expect(resultFile('r', place)).toBe(path)
  })

  it('has a key of the configuration file, unless that is the default', () => {
    expect(resultFile('r', { ...UPGRADE, config: './zenml-upgrade.yml' })).toBe(
      'r/staging/upgrade-workspace.json',
    )
    const other = resultFile('r', { ...UPGRADE, config: 'teams/churn.yml' })
    expect(other).toBe('r/staging/upgrade-workspace-fea5fb8c.json')
    expect(resultFile('r', { ...UPGRADE, config: './teams/churn.yml' })).toBe(other)
    expect(resultFile('r', { ...UPGRADE, config: 'teams/fraud.yml' })).not.toBe(other)
  })
})

describe('the name of a result file', () => {
  it('tells whether it is of a dry run', () => {
    expect(isOfDryRun('upgrade-workspace.dry-run.json')).toBe(true)
    expect(isOfDryRun('upgrade-workspace.json')).toBe(false)
  })
})
