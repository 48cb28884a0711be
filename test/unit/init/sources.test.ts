import { describe, expect, it } from '@jest/globals'
import { findCode } from '../../../src/init/sources.ts'
import { missingTwins } from '../../../src/init/twins.ts'
import { snapshot } from './facts.ts'

const [training, scoring, report] = [
  snapshot('training', 'churn.training'),
  snapshot('scoring', 'churn.scoring'),
  snapshot('report', 'report'),
]

describe('where the code is', () => {
  it('is the root of the repository where modules are found from there, also packages', () => {
    expect(
      findCode([training, scoring], ['churn/training.py', 'churn/scoring/__init__.py']),
    ).toEqual({
      places: [{ path: '.', snapshots: [training, scoring] }],
      ambiguous: [],
      elsewhere: [],
    })
  })

  it('is the folder from which most can be imported, and further ones for the others', () => {
    expect(
      findCode(
        [training, scoring, report],
        ['ml/churn/training.py', 'ml/churn/scoring.py', 'jobs/report.py'],
      ),
    ).toEqual({
      places: [
        { path: 'ml', snapshots: [training, scoring] },
        { path: 'jobs', snapshots: [report] },
      ],
      ambiguous: [],
      elsewhere: [],
    })
  })

  it('is open where several folders have the module, however many snapshots one of them serves', () => {
    const files = ['ml/churn/training.py', 'ml/churn/scoring.py', 'old/churn/training.py']
    const nightly = snapshot('nightly', 'churn.training')
    expect(findCode([training, nightly, scoring], files)).toEqual({
      places: [{ path: 'ml', snapshots: [scoring] }],
      ambiguous: [
        {
          pipeline: 'default/churn',
          module: 'churn.training',
          paths: ['ml', 'old'],
          snapshots: [training, nightly],
        },
      ],
      elsewhere: [],
    })
    expect(findCode([report], ['b/x/report.py', 'z/report.py', 'report.py']).ambiguous).toEqual([
      expect.objectContaining({ paths: ['.', 'z', 'b/x'] }),
    ])
  })

  it('is the folder that the code reference names, or that a person chose', () => {
    const files = ['a/report.py', 'b/report.py']
    const referenced = snapshot('r', 'report', { subdirectory: 'b' })
    expect(findCode([referenced], files).places[0].path).toBe('b')
    const chosen = new Map([['default/churn', 'b']])
    expect(findCode([report], files, chosen).places[0].path).toBe('b')
    const gone = snapshot('r', 'report', { subdirectory: 'moved/away' })
    expect(findCode([gone], files).ambiguous).toHaveLength(1)
  })

  it('does not take the end of another name for the module', () => {
    expect(findCode([report], ['annual_report.py', 'report.txt', 'report/data.py'])).toEqual({
      places: [{ path: '.', snapshots: [] }],
      ambiguous: [],
      elsewhere: [report],
    })
  })

  it('is nowhere for a notebook', () => {
    const notebook = snapshot('nb', null)
    expect(findCode([notebook], ['a.ipynb']).elsewhere).toEqual([notebook])
  })
})

describe('missing twins', () => {
  it('are stacks of production without a namesake', () => {
    expect(missingTwins(['default', 'gpu'], ['default', 'cpu'])).toEqual([
      { stack: 'gpu', guess: null },
    ])
  })

  it.each([
    ['prod-k8s', 'staging-k8s'],
    ['k8s_production', 'k8s_stg'],
    ['aws.live', 'aws.stage'],
    ['Prod', 'Staging'],
  ])('of %s is likely %s', (stack, twin) => {
    expect(missingTwins([stack], ['other', twin])).toEqual([{ stack, guess: twin }])
  })

  it('are not guessed by half a word', () => {
    expect(missingTwins(['products'], ['stagingucts', 'ucts'])).toEqual([
      { stack: 'products', guess: null },
    ])
    expect(missingTwins(['gpu'], ['gpu-staging'])).toEqual([{ stack: 'gpu', guess: null }])
  })
})
