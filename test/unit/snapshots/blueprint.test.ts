import { describe, expect, it } from '@jest/globals'
import { configSchema } from '../../../src/config/schema.ts'
import { blueprintOf } from '../../../src/snapshots/blueprint.ts'
import { mayHoldRecorded, recordedCode } from '../../../src/snapshots/recorded-code.ts'
import { changed, discovered, file } from './example.ts'

const declared = (entry: Record<string, unknown>) =>
  file({ snapshots: [{ name: 'training', ...entry }] }).snapshots[0]
const [source] = file().sources as [ReturnType<typeof file>['sources'][number]]
const notebook = {
  ...discovered('training'),
  record: changed(discovered('training').record, (copy) => {
    copy.metadata.pipeline_spec.source = {
      module: '__main__',
      attribute: 'training',
      type: 'notebook',
    }
  }),
}
const context = {
  environment: 'staging',
  target: '0.98.0',
  configRoot: { directory: '/nowhere', commit: undefined },
} as const

describe('a snapshot whose pipeline was defined in a notebook', () => {
  it('cannot be rebuilt from its record, which says what to set', async () => {
    const selected = { snapshot: notebook, source, declaration: undefined }
    expect(await blueprintOf(selected, context)).toMatchObject({
      message: 'It cannot be rebuilt: its pipeline was defined in a notebook.',
      next: expect.stringContaining('set `pipeline-source`'),
    })
  })

  it('is rebuilt from the declared `pipeline-source`', async () => {
    const declaration = declared({ 'pipeline-source': 'pipelines.training.training' })
    expect(await blueprintOf({ snapshot: notebook, source, declaration }, context)).toMatchObject({
      pipelineSource: 'pipelines.training.training',
    })
  })
})

describe('`code: recorded`', () => {
  const at = (reference: unknown) => ({
    ...discovered('training'),
    record: changed(discovered('training').record, (copy) => {
      copy.resources.code_reference = reference
    }),
  })
  const reference = {
    id: 'r1',
    body: { commit: 'a'.repeat(40), subdirectory: 'services/churn', code_repository: { id: 'c1' } },
  }

  it('takes the commit and the directory of the code reference', () => {
    const declaration = declared({ code: 'recorded' })
    expect(recordedCode({ snapshot: at(reference), declaration })).toEqual({
      commit: 'a'.repeat(40),
      subdirectory: 'services/churn',
    })
    expect(recordedCode({ snapshot: at(reference), declaration: declared({}) })).toBeUndefined()
  })

  it.each([
    ['--upload-pack=touch /tmp/x', '.', 'which is no full id of a commit'],
    ['main', '.', 'which is no full id of a commit'],
    ['a'.repeat(40), '../..', 'which is outside its repository'],
    ['a'.repeat(40), 'a/../../b', 'which is outside its repository'],
  ])('is refused for the commit %s in the directory %s', (commit, subdirectory, message) => {
    const snapshot = at({ id: 'r1', body: { commit, subdirectory } })
    expect(recordedCode({ snapshot, declaration: declared({ code: 'recorded' }) })).toMatchObject({
      message: expect.stringContaining(message),
    })
  })

  it('takes a directory whose name begins with dots', () => {
    const snapshot = at({ id: 'r1', body: { commit: 'a'.repeat(40), subdirectory: '..ml' } })
    expect(recordedCode({ snapshot, declaration: declared({ code: 'recorded' }) })).toMatchObject({
      subdirectory: '..ml',
    })
  })

  it('is refused for a snapshot without a code reference', () => {
    expect(
      recordedCode({ snapshot: at(null), declaration: declared({ code: 'recorded' }) }),
    ).toMatchObject({ message: expect.stringContaining('It has no code reference') })
  })
})

describe('the repositories that may have a snapshot with `code: recorded`', () => {
  const held = (snapshots: object[], ...patterns: (string[] | undefined)[]) => {
    const config = file({
      snapshots,
      sources: patterns.map((own, index) => ({
        name: `s${index}`,
        repository: `acme/r${index}`,
        ...(own === undefined ? {} : { snapshots: own }),
      })),
    })
    return config.sources.map(({ repository = '' }) => mayHoldRecorded(repository, config))
  }
  const training = { name: 'training', code: 'recorded' }

  it('are those whose pattern names it', () => {
    expect(held([training], ['train*'], ['other'], undefined)).toEqual([true, false, false])
  })

  it('are all but those with `[]` where no pattern names it', () => {
    expect(held([training], [], ['churn/training'], undefined)).toEqual([false, true, true])
    expect(held([{ name: 'training' }], undefined, undefined)).toEqual([false, false])
  })
})

it('a pipeline source that names no attribute is refused', () => {
  const parse = (value: string) =>
    configSchema.shape.snapshots.safeParse([{ name: 'training', 'pipeline-source': value }]).success
  expect(parse('pipelines.training.training')).toBe(true)
  expect(['training', 'pipelines/training.py', 'pipelines.', 'a b.c'].map(parse)).toEqual([
    false,
    false,
    false,
    false,
  ])
})
