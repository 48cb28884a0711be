import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { REASONS } from '../../src/core/reasons.ts'

// Every way to end is brought about by some test: tests of the report are made from results that
// nobody ended with, so they do not count.

const TEST = join(import.meta.dirname, '..')

it('every reason code is named by a test of what ends with it', () => {
  const files = readdirSync(TEST, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.test.ts') && !file.startsWith(join('unit', 'report')),
  )
  const words = new Set(
    files.flatMap((file) =>
      [...readFileSync(join(TEST, file), 'utf8').matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)].map(
        ([, word]) => word,
      ),
    ),
  )
  expect(Object.keys(REASONS).filter((code) => !words.has(code))).toEqual([])
})
