import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from '@jest/globals'

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'golden')

/** A text that a person reads in review. UPDATE_GOLDEN=1 writes it anew. */
export function golden(file: string, text: string): void {
  const path = join(FOLDER, file)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  expect(text).toBe(readFileSync(path, 'utf8'))
}
