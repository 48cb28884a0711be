import { describe, expect, it } from '@jest/globals'
import { configText } from '../../../src/init/config-text.ts'
import { placeholdersIn } from '../../../src/init/placeholders.ts'
import { facts } from './facts.ts'

const TEXT = configText(facts({ driver: 'command' }), 'owner/name')
const lines = (text: string) => text.split('\n')

describe('what init leaves to be completed', () => {
  it('is found in the environment that it belongs to', () => {
    for (const environment of ['staging', 'production'] as const) {
      const left = placeholdersIn(TEXT, environment)
      expect(left.length).toBeGreaterThan(3)
      for (const { line, text } of left) {
        expect(lines(TEXT)[line - 1]?.trim()).toBe(text)
        expect(text).toContain('# change')
      }
    }
    expect(placeholdersIn(TEXT, 'staging').length + placeholdersIn(TEXT, 'production').length).toBe(
      lines(TEXT).filter((line) => line.includes('# change')).length,
    )
  })

  it('is no placeholder once its value was changed or its mark removed', () => {
    const completed = TEXT.replaceAll('./deploy.sh', './scripts/deploy.sh').replaceAll(
      / # change:.*(stops|outlives).*/g,
      '',
    )
    expect(placeholdersIn(completed, 'staging').map(({ text }) => text.split(':')[0])).toEqual(
      placeholdersIn(TEXT, 'staging')
        .map(({ text }) => text.split(':')[0])
        .filter((key) => key === 'path'),
    )
  })

  it('is nothing in a file that its owner wrote', () => {
    expect(placeholdersIn('zenml: 0.98.0\nenvironments:\n  staging: {}\n', 'staging')).toEqual([])
  })
})
