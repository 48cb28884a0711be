import { describe, expect, it } from '@jest/globals'
import type { Config } from '../../../src/config/schema.ts'
import type { SelectedSnapshot } from '../../../src/snapshots/discovered.ts'
import { plannedRun, withPlannedRuns } from '../../../src/snapshots/planned-runs.ts'
import { currentReport, failed } from '../../../src/snapshots/reports.ts'
import { discovered, file } from './example.ts'

const [source] = file().sources
if (source === undefined) throw new Error('no source')

function selected(config: Config, name: string): SelectedSnapshot {
  if (source === undefined) throw new Error('no source')
  return {
    snapshot: discovered(name),
    source,
    declaration: config.snapshots.find((each) => each.name === name),
  }
}

const declared = {
  snapshots: [
    { name: 'training', timeout: '10m', smoke: { steps: { load: { parameters: { rows: 1 } } } } },
    { name: 'scoring', smoke: { parameters: { rows: 1 } } },
  ],
}

describe('plannedRun', () => {
  it('says where a snapshot runs, with what, and for how long at most', () => {
    const config = file(declared)
    const staging = { file: config, environment: 'staging' } as const
    expect(plannedRun(selected(config, 'training'), staging)).toEqual({
      on: 'server',
      parameters: null,
      steps: { load: { parameters: { rows: 1 } } },
      'timeout-seconds': 600,
    })
    expect(plannedRun(selected(config, 'scoring'), staging)).toMatchObject({
      on: 'source',
      parameters: { rows: 1 },
      'timeout-seconds': 3600,
    })
  })

  it('is null for what the file does not want to be run in that environment', () => {
    const config = file({ ...declared, execute: { staging: 'declared' } })
    expect(
      plannedRun(selected(config, 'report'), { file: config, environment: 'staging' }),
    ).toBeNull()
    expect(
      plannedRun(selected(config, 'training'), { file: config, environment: 'production' }),
    ).toBeNull()
  })

  it('is in the report of every snapshot of a plan that does not fail', () => {
    const config = file(declared)
    const both = ['training', 'scoring'].map((name) => selected(config, name))
    const [first, second] = both.map(currentReport)
    if (first === undefined || second === undefined) throw new Error('no report')
    const reports = withPlannedRuns(
      [first, failed(second, 'plan', { message: 'It is broken.', next: null })],
      both,
      { file: config, environment: 'staging' },
    )
    expect(reports.map((report) => report['will-run']?.on)).toEqual(['server', undefined])
  })
})
