import { describe, expect, it } from '@jest/globals'
import { logPathOf } from '../../../src/snapshots/log-path.ts'
import { findSource, type CodeOrigin } from '../../../src/snapshots/find-source.ts'
import {
  chooseSource,
  phaseOf,
  trialOf,
  type Trial,
} from '../../../src/snapshots/resolve-sources.ts'
import { discovered, file } from './example.ts'

const { sources } = file({
  sources: [
    { name: 'own' },
    { name: 'churn', repository: 'acme/ml', path: './services/churn/' },
    { name: 'fraud', repository: 'acme/ml', path: 'services/fraud' },
    { name: 'scoring', repository: 'acme/scoring', snapshots: ['scoring-*'] },
  ],
})
const origin = (facts: Partial<CodeOrigin> = {}): CodeOrigin => ({
  module: 'pipelines.training',
  reference: undefined,
  thisRepository: { host: 'github.com', path: 'acme/deploy' },
  host: 'github.com',
  holders: [],
  ...facts,
})
const reference = (path: string, subdirectory: string, host = 'github.com') => ({
  reference: { repository: { host, path }, subdirectory },
})
const find = (facts: Partial<CodeOrigin>) => {
  const found = findSource(discovered('training'), sources, origin(facts))
  if (found.kind === 'none') return found.message
  return found.kind === 'found' ? found.source.name : found.sources.map(({ name }) => name)
}

describe('the source of a snapshot that no pattern names', () => {
  it('is the one of the repository and the path that its code reference names', () => {
    expect(find(reference('Acme/ML', 'services/churn'))).toBe('churn')
    expect(find(reference('acme/ml', 'services/fraud'))).toBe('fraud')
    expect(find(reference('acme/deploy', '.'))).toBe('own')
    expect(find(reference('acme/scoring', '.'))).toBe('scoring')
  })

  it('is not the one of a repository of that name on another host', () => {
    const elsewhere = reference('acme/ml', 'services/churn', 'gitlab.com')
    expect(find({ ...elsewhere, holders: ['fraud'] })).toBe('fraud')
  })

  it('is the only one that has its module, first in the repository of its code reference', () => {
    expect(find({ holders: ['fraud'] })).toBe('fraud')
    const moved = reference('acme/ml', 'old/place')
    expect(find({ ...moved, holders: ['own', 'churn'] })).toBe('churn')
    expect(find({ ...moved, holders: ['own'] })).toBe('own')
  })

  it('is left to the compiler where several have its module', () => {
    expect(find({ holders: ['own', 'churn', 'fraud'] })).toEqual(['own', 'churn', 'fraud'])
    expect(find({ ...reference('acme/ml', 'old'), holders: ['own', 'churn', 'fraud'] })).toEqual([
      'churn',
      'fraud',
    ])
  })

  it('is missing where no source has its module, with all that were searched', () => {
    expect(find({})).toBe(
      'No source has a pattern for this name, and none has its module `pipelines.training`. Searched: own (this repository), churn (acme/ml, ./services/churn/), fraud (acme/ml, services/fraud), scoring (acme/scoring).',
    )
  })

  it('is missing where its record names no module', () => {
    expect(find({ module: undefined })).toMatch(/its record does not name the module/)
  })
})

describe('a snapshot whose module several sources have', () => {
  const undecided = { snapshot: discovered('training'), declaration: undefined, sources }
  const trial = (index: number, result: Trial['result'], why: string | null = null): Trial[] => {
    const source = sources[index]
    return source === undefined ? [] : [{ source, result, why }]
  }
  const choose = (...trials: Trial[][]) => {
    const chosen = chooseSource(undecided, trials.flat())
    return 'source' in chosen ? chosen.source.name : chosen.message
  }

  it('is of the source whose pipeline has its name and steps', () => {
    expect(choose(trial(0, 'absent', 'It is not there.'), trial(1, 'other'))).toBe('churn')
  })

  it('is of the source whose pipeline compiles to what was recorded, where two have its steps', () => {
    expect(choose(trial(0, 'other'), trial(1, 'same'))).toBe('churn')
  })

  it('is refused where two sources have the same pipeline', () => {
    expect(choose(trial(1, 'same'), trial(2, 'same'))).toBe(
      'Its pipeline, with the same steps, is in more than one source: churn, fraud.',
    )
  })

  it('is refused where none has its pipeline, with the reason of each', () => {
    expect(choose(trial(1, 'failed', 'No such name.'), trial(2, 'failed', 'Other steps.'))).toBe(
      'More than one source has its module, and its pipeline is in none of them. churn: No such name. fraud: Other steps.',
    )
  })

  it('is only of a source whose pipeline is as recorded, where another could not be compared', () => {
    const failed = trial(2, 'failed', 'No module named torch.')
    expect(choose(trial(1, 'same'), failed)).toBe('churn')
    for (const result of ['changed', 'other'] as const)
      expect(choose(trial(1, result), failed)).toBe(
        'A pipeline of its name is in the source churn, with another record, and another source could not be compared. fraud: No module named torch.',
      )
  })

  it('is not known to be in a source whose code asks the server, or lacks a package', () => {
    const result = (kind: 'needs-server' | 'import' | 'no-pipeline' | 'mismatch') =>
      trialOf(
        { ok: false, kind, error: 'Error: x', next: null, traceback: '', runId: null, seconds: 1 },
        'a.log',
      ).result
    expect(result('needs-server')).toBe('failed')
    expect(result('import')).toBe('failed')
    expect(result('no-pipeline')).toBe('absent')
    expect(result('mismatch')).toBe('absent')
  })

  it('is compiled with a log for each source', () => {
    const logs = sources.map((source) => logPathOf('logs', undecided.snapshot, phaseOf({ source })))
    expect(new Set(logs).size).toBe(sources.length)
  })
})
