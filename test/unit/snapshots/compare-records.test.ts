import { describe, expect, it } from '@jest/globals'
import { compareRecords, remainingPins } from '../../../src/snapshots/compare-records.ts'
import { changed, record } from './example.ts'

const old = record('0.94.1', 'churn-cfg')
const rebuilt = record('0.98.0', 'churn-cfg')
const about = { declared: false, target: '0.98.0', codeDecides: [] }

describe('compareRecords', () => {
  it('finds nothing between a snapshot of 0.94.1 and the same one rebuilt with 0.98.0', () => {
    expect(compareRecords(old, rebuilt, about)).toEqual({ failures: [], warnings: [] })
  })

  it("finds the spellings of a component's settings equal, and a lost one not", () => {
    const withOrchestrator =
      (key: string, value: unknown) => (copy: Parameters<Parameters<typeof changed>[1]>[0]) => {
        copy.metadata.pipeline_configuration['settings'] = { [key]: value }
      }
    const before = changed(old, withOrchestrator('orchestrator.kubernetes', { memory: '2G' }))
    expect(
      compareRecords(
        before,
        changed(rebuilt, withOrchestrator('orchestrator:prod', { memory: '2G', timeout: 5 })),
        about,
      ).failures,
    ).toEqual([])
    expect(
      compareRecords(
        before,
        changed(rebuilt, withOrchestrator('orchestrator:prod', { memory: '1G' })),
        about,
      ).failures,
    ).toEqual(['Settings of the pipeline that did not carry over: orchestrator.'])
  })

  it('fails for a parameter, a tag and a description that did not carry over', () => {
    const other = changed(rebuilt, (copy) => {
      copy.metadata.description = null
      copy.resources.tags.pop()
      copy.metadata.pipeline_configuration['parameters'] = { rows: 25, label: 'x' }
      Object.assign(copy.metadata.step_configurations['load']?.step_config_overrides ?? {}, {
        parameters: { rows: 25, opts: { a: 1 } },
      })
    })
    expect(compareRecords(old, other, about).failures).toEqual([
      'Its description did not carry over.',
      'Tags that did not carry over: t2.',
      'The parameter label of the pipeline is not what it was.',
      'The parameter seed of step load is gone.',
    ])
  })

  it('warns where the code decides now', () => {
    const other = changed(rebuilt, (copy) => {
      Object.assign(copy.metadata.step_configurations['load']?.step_config_overrides ?? {}, {
        parameters: { rows: 25, seed: 1, opts: { a: 1 } },
      })
      Object.assign(copy.metadata.pipeline_configuration, { extra: {} })
      copy.metadata.step_configurations['evaluate'] = { config: {} }
      delete copy.metadata.step_configurations['fit']
    })
    expect(
      compareRecords(old, other, { ...about, codeDecides: ['steps.load.parameters.seed'] }),
    ).toEqual({
      failures: [],
      warnings: [
        'Of the pipeline is not what it was: extra.',
        'The parameter seed of step load is not what it was: the code decides about it now.',
        'The code no longer has the steps fit.',
        'The code has new steps: evaluate.',
      ],
    })
  })

  it('warns where the code reference is lost, also with a declared configuration', () => {
    const referring = (snapshot: typeof old) =>
      changed(snapshot, (copy) => {
        copy.resources.code_reference = {
          id: 'c1',
          body: { commit: 'abc1234ffff', subdirectory: '.' },
        }
      })
    const lost =
      'It had a code reference (abc1234) and has none now: its runs no longer take the code from the code repository.'
    expect(compareRecords(referring(old), rebuilt, about).warnings).toEqual([lost])
    expect(compareRecords(referring(old), rebuilt, { ...about, declared: true }).warnings).toEqual([
      lost,
    ])
    expect(compareRecords(referring(old), referring(rebuilt), about).warnings).toEqual([])
  })

  it('with a declared configuration demands tags and description only', () => {
    const other = changed(rebuilt, (copy) => {
      copy.metadata.pipeline_configuration['parameters'] = {}
    })
    expect(compareRecords(old, other, { ...about, declared: true })).toEqual({
      failures: [],
      warnings: [],
    })
  })
})

describe('remainingPins', () => {
  it('names what the code still pins, once', () => {
    const docker = { parent_image: 'zenmldocker/zenml:0.94.1' }
    const pinned = changed(rebuilt, (copy) => {
      copy.metadata.pipeline_configuration['settings'] = { docker }
      Object.assign(copy.metadata.step_configurations['load']?.step_config_overrides ?? {}, {
        settings: { docker },
      })
    })
    expect(remainingPins(pinned, '0.98.0')).toEqual(['parent_image zenmldocker/zenml:0.94.1'])
    expect(remainingPins(rebuilt, '0.98.0')).toEqual([])
  })
})
