import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { formatted } from '../support/formatted.ts'
import { tableRows } from '../support/markdown-tables.ts'
import { EXIT_CODES, OUTCOMES } from '../../src/core/outcomes.ts'
import { REASONS, type ReasonCode } from '../../src/core/reasons.ts'

// docs/outcomes.md and src/core/reasons.ts say the same. UPDATE_GOLDEN=1 writes the tables of
// reason codes anew.

const PATH = join(import.meta.dirname, '..', '..', 'docs', 'outcomes.md')
const BEGIN = '<!-- begin reason codes -->'
const END = '<!-- end reason codes -->'
const codes = Object.keys(REASONS) as ReasonCode[]

interface Row {
  readonly outcome: string
  readonly sentence: string
  readonly next: string
  readonly onGithub?: string
}

const row = (code: ReasonCode) => {
  const { outcome, sentence, next, onGithub = 'the same' }: Row = REASONS[code]
  return [`\`${code}\``, outcome, sentence, next, onGithub]
}
const reasonTable = [
  '| Reason code | Outcome | Meaning | What to do | What to do on GitHub |',
  '| --- | --- | --- | --- | --- |',
  ...codes.map((code) => `| ${row(code).join(' | ')} |`),
].join('\n')

if (process.env['UPDATE_GOLDEN'] === '1') {
  const old = readFileSync(PATH, 'utf8')
  const text = `${old.slice(0, old.indexOf(BEGIN) + BEGIN.length)}\n${reasonTable}\n${old.slice(old.indexOf(END))}`
  writeFileSync(PATH, await formatted(PATH, text))
}
const docs = readFileSync(PATH, 'utf8')

describe('docs/outcomes.md', () => {
  it('has exactly one row for every reason code, and no other, with its outcome, meaning and next step', () => {
    const [, , ...rows] = tableRows(docs.slice(docs.indexOf(BEGIN), docs.indexOf(END)))
    expect(rows.sort()).toEqual(codes.map(row).sort())
  })

  it('has the exit code of every outcome', () => {
    const rows = [...docs.matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)].map(([, outcome, code]) => [
      outcome,
      Number(code),
    ])
    expect(rows).toEqual(OUTCOMES.map((outcome) => [outcome, EXIT_CODES[outcome]]))
  })
})

describe('the reason codes', () => {
  it('are words with hyphens, and their sentences fit a table', () => {
    for (const code of codes) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
      for (const sentence of [REASONS[code].sentence, REASONS[code].next])
        expect(sentence).toMatch(/^[A-Za-z][^|\n]*\.$/)
    }
  })
})
