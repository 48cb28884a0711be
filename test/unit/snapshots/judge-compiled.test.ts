import { describe, expect, it } from '@jest/globals'
import { pipelineRecordOf } from '../../../src/snapshots/compare-records.ts'
import type { SelectedSnapshot } from '../../../src/snapshots/discovered.ts'
import { judgeCompiled, type Compiled } from '../../../src/snapshots/judge-compiled.ts'
import type { ConfiguredPipeline } from '../../../src/zenml-client/job-values.ts'
import { changed, discovered, file, record, type Changeable } from './example.ts'

const old = record('0.94.1', 'churn-cfg')
const rebuilt = record('0.98.0', 'churn-cfg')
const image = (name: string) => ({ docker: { parent_image: name, skip_build: true } })
const digest = (letter: string) => `acme/base@sha256:${letter.repeat(64)}`

/** Judges a pipeline that compiles to the rebuilt record with a change. */
function judged(
  change: (copy: Changeable) => void,
  more: { value?: Partial<ConfiguredPipeline>; compiled?: Partial<Compiled> } = {},
  snapshot = discovered('training'),
) {
  const selected: SelectedSnapshot = {
    snapshot,
    source: file().sources[0] as SelectedSnapshot['source'],
    declaration: undefined,
  }
  const compiled = pipelineRecordOf(changed(rebuilt, change))
  return judgeCompiled(selected, {
    value: {
      pipeline: 'churn',
      file: 'churn/training.py',
      steps: ['load', 'fit'],
      parameters: {},
      records: { recorded: pipelineRecordOf(snapshot.record), compiled, ofCode: null },
      plannedBuild: null,
      buildsImage: true,
      isStackComplete: true,
      pythonVersion: '3.11',
      clientVersion: '0.98.0',
      notChecked: [],
      notes: [],
      ...more.value,
    },
    files: [],
    unreadable: [],
    reasons: { codeChanged: null, declared: false, sourceDeclared: false, components: {} },
    customTypes: [],
    configPath: null,
    target: '0.98.0',
    ...more.compiled,
  })
}
const settings = (value: unknown) => (copy: Changeable) => {
  copy.metadata.pipeline_configuration['settings'] = value
}
const nothing = () => undefined

describe('judgeCompiled', () => {
  it('finds nothing where the compiled pipeline is the recorded one', () => {
    expect(judged(nothing)).toEqual({ problem: undefined, notes: [], changedByCode: false })
  })

  it('refuses an image of another ZenML and names the files to look at', () => {
    expect(
      judged(settings(image('zenmldocker/zenml:0.94.1')), {
        compiled: { configPath: 'configs/production.yaml' },
      }).problem,
    ).toEqual({
      message:
        'Its image would hold another ZenML than 0.98.0: parent_image zenmldocker/zenml:0.94.1.',
      next: 'Name an image of the new ZenML: see churn/training.py or configs/production.yaml and what it imports.',
    })
  })

  it('refuses an image by digest that is used as it is and did not change', () => {
    const snapshot = {
      ...discovered('training'),
      record: changed(old, settings(image(digest('a')))),
    }
    expect(judged(settings(image(digest('a'))), {}, snapshot).problem?.message).toContain(
      'which is used as it is (skip_build)',
    )
    expect(judged(settings(image(digest('b'))), {}, snapshot)).toEqual({
      problem: undefined,
      changedByCode: false,
      notes: [`Which ZenML is in the image ${digest('b')}, which is used as it is.`],
    })
  })

  it('refuses what a server could not run any more, where it can tell', () => {
    expect(judged(nothing, { value: { buildsImage: false } }).problem?.message).toMatch(
      /^A server can run it, and could not run it after the rebuild/,
    )
    for (const value of [{ buildsImage: null }, { buildsImage: false, isStackComplete: false }])
      expect(judged(nothing, { value }).problem).toBeUndefined()
  })

  it('refuses every other difference and shows both values', () => {
    const { problem } = judged((copy) => {
      copy.metadata.pipeline_configuration['parameters'] = { rows: 9, label: 'prod' }
    })
    expect(problem?.message).toBe(
      'The rebuilt snapshot would be another one. pipeline_configuration.parameters.rows: recorded 25, now 9.',
    )
  })

  describe('a value that the code makes anew each time', () => {
    const seed = (value: unknown) => (copy: Changeable) => {
      const { config } = copy.metadata.step_configurations['fit'] ?? {}
      Object.assign(config ?? {}, { parameters: { random_state: value } })
    }
    const withSeed = { ...discovered('training'), record: changed(old, seed(80)) }
    /** Judges it where the code alone is compiled to a record with a change. */
    const compiledTwice = (change: (copy: Changeable) => void) =>
      judged(
        seed(33),
        {
          value: {
            records: {
              recorded: pipelineRecordOf(withSeed.record),
              compiled: pipelineRecordOf(changed(rebuilt, seed(33))),
              ofCode: pipelineRecordOf(changed(rebuilt, change)),
            },
          },
        },
        withSeed,
      ).problem

    it('is named as such, with what helps', () => {
      expect(compiledTwice(seed(71))).toEqual({
        message:
          'The rebuilt snapshot would be another one. steps.fit.config.parameters.random_state: recorded 80, now 33. The code gives another value each time it is compiled for steps.fit.config.parameters.random_state.',
        next: 'Declare a `config` for it: then the code and that file decide, whatever was recorded. A fixed value or seed in the code makes every rebuild the same.',
      })
    })

    it.each([
      ['the code gives the same value again', seed(33)],
      ['the code alone gives the recorded value', seed(80)],
      [
        'the code was compiled with other parameters, on which it may depend',
        (copy: Changeable) => {
          seed(71)(copy)
          copy.metadata.pipeline_configuration['parameters'] = { rows: 1 }
        },
      ],
    ])('is not suspected where %s', (_why, change) => {
      const problem = compiledTwice(change)
      expect(problem?.message).toMatch(/random_state: recorded 80, now 33\.$/)
      expect(problem?.next).toMatch(/^Rebuild it from the code it was made from/)
    })
  })

  it('does not judge what planning cannot compile: secrets, and components without their code', () => {
    const recorded = changed(old, (copy) => {
      copy.metadata.pipeline_configuration['secrets'] = ['id-1']
      copy.metadata.pipeline_configuration['settings'] = {
        ...(copy.metadata.pipeline_configuration['settings'] as object),
        'orchestrator.own': { memory: '2G' },
      }
    })
    const snapshot = { ...discovered('training'), record: recorded }
    const compiled = { customTypes: ['orchestrator'] }
    const value = { isStackComplete: false }
    expect(judged(nothing, { value, compiled }, snapshot).problem).toBeUndefined()
    expect(judged(nothing, { compiled }, snapshot).problem?.message).toContain(
      'settings.orchestrator',
    )
  })

  it('reports files that cannot be read', () => {
    expect(judged(nothing, { compiled: { unreadable: ['r.txt'] } }).notes).toEqual([
      'Which ZenML the file r.txt puts into the image: it cannot be read.',
    ])
  })
})
