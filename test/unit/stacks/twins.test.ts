import { describe, expect, it } from '@jest/globals'
import { parityFindingWords } from '../../../src/report/wording-parity.ts'
import { missingTwin, twinOf, unknownNames } from '../../../src/stacks/twins.ts'

describe('the twin of a stack', () => {
  it.each([
    ['prod-k8s', { 'prod-k8s': 'staging-k8s' }, 'staging-k8s'],
    ['default', { 'prod-k8s': 'staging-k8s' }, 'default'],
    ['toString', {}, 'toString'],
  ])('%s with %j is %s', (stack, twins, twin) => {
    expect(twinOf(stack, twins as Record<string, string>)).toBe(twin)
  })
})

describe('a name that is not there', () => {
  it('is never guessed to be one that cannot be shown as it is', () => {
    expect(
      parityFindingWords(
        missingTwin('abcdef', {}, { production: ['abcdef'], staging: ['abcdef\u202E'] }),
      ),
    ).not.toContain('did you mean')
  })

  it('is told for each side it is missing on', () => {
    const names = { production: ['p'], staging: ['s'] }
    expect(unknownNames({ p: 's' }, names, new Set())).toEqual([])
    const unknown = { kind: 'name-unknown', stack: 'x' }
    expect(unknownNames({ x: 's' }, names, new Set())).toMatchObject([
      { ...unknown, twin: 's', environment: 'production', known: ['p'] },
    ])
    expect(unknownNames({ x: 'y' }, names, new Set())).toMatchObject([
      { ...unknown, twin: 'y', environment: 'production' },
      { ...unknown, twin: 'y', environment: 'staging', known: ['s'] },
    ])
    expect(unknownNames({ p: 'y' }, names, new Set(['p']))).toEqual([])
  })
})
