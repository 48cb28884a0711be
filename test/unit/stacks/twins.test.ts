import { describe, expect, it } from '@jest/globals'
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
      missingTwin('abcdef', {}, { production: ['abcdef'], staging: ['abcdef\u202E'] }).message,
    ).not.toContain('did you mean')
  })

  it('is told for each side it is missing on', () => {
    const names = { production: ['p'], staging: ['s'] }
    expect(unknownNames({ p: 's' }, names, new Set())).toEqual([])
    expect(unknownNames({ x: 's' }, names, new Set()).map(({ kind }) => kind)).toEqual([
      'name-unknown',
    ])
    expect(unknownNames({ x: 'y' }, names, new Set()).map(({ message }) => message)).toEqual([
      expect.stringContaining('production has no such stack'),
      expect.stringContaining('staging has no such stack'),
    ])
    expect(unknownNames({ p: 'y' }, names, new Set(['p']))).toEqual([])
  })
})
