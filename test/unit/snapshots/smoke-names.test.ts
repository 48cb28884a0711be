import { describe, expect, it } from '@jest/globals'
import { pipelineRecordOf } from '../../../src/snapshots/compare-records.ts'
import { smokeProblem } from '../../../src/snapshots/smoke-names.ts'
import { changed, file, record } from './example.ts'

const old = record('0.94.1', 'churn-cfg')

function problem(smoke: Record<string, unknown>, of = old) {
  const [declaration] = file({ snapshots: [{ name: 'training', smoke }] }).snapshots
  return smokeProblem(declaration, pipelineRecordOf(of))
}

describe('smokeProblem', () => {
  it('finds nothing wrong with names that the pipeline has', () => {
    expect(problem({})).toBeUndefined()
    expect(
      problem({
        parameters: { rows: 1 },
        steps: { load: { parameters: { seed: 1 } }, fit: { enable_cache: true } },
      }),
    ).toBeUndefined()
  })

  it('finds a step that the pipeline does not have, which a server would ignore', () => {
    expect(problem({ steps: { laod: {}, fit: {} } })).toEqual({
      message: '`smoke.steps` names steps that the pipeline does not have: laod.',
      next: 'Correct the entry training; the steps are load, fit.',
    })
  })

  it('finds parameters that a step or the pipeline does not have, all of them at once', () => {
    expect(
      problem({ parameters: { rwos: 1 }, steps: { load: { parameters: { rwos: 1, seed: 2 } } } }),
    ).toEqual({
      message:
        '`smoke.steps.load.parameters` names parameters that the step does not have: rwos. `smoke.parameters` names parameters that the pipeline does not have: rwos.',
      next: 'Correct the entry training; the parameters of load are seed, rows, opts and the parameters of the pipeline are rows, label.',
    })
  })

  it('knows the parameters of a dynamic pipeline, and not its steps', () => {
    const dynamic = changed(old, (copy) => {
      copy.body['is_dynamic'] = true
    })
    expect(problem({ steps: { laod: { parameters: { rwos: 1 } } } }, dynamic)).toBeUndefined()
    expect(problem({ parameters: { rwos: 1 } }, dynamic)?.message).toMatch(/rwos/)
  })

  it('does not judge parameters of a pipeline whose record has none', () => {
    const bare = changed(old, (copy) => {
      copy.metadata.pipeline_configuration['parameters'] = null
    })
    expect(problem({ parameters: { rows: 1 } }, bare)).toBeUndefined()
  })
})
