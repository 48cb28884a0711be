import { describe, expect, it } from '@jest/globals'
import { refusal, VALID } from './files.ts'

/** The same sequence at every run (mulberry32). */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

const FULL = `${VALID}projects: [default]
sources: [{ name: a, path: b, python: "3.11", install: { requirements: [r.txt], index-env: [X] }, snapshots: ["*"] }]
stacks: { a: b }
smoke: [{ source: a, command: pytest, junit: j.xml, timeout: 30m }]
snapshots: [{ name: t, pipeline: p, config: { staging: c.yaml }, smoke: { parameters: { x: 1 }, steps: { s: { y: [1] } } }, timeout: 1h }]
exclude: [{ pattern: "l-*", reason: r }]
execute: { staging: all }
promotion: { soak: 0m, hold-label: h }
`
const PIECES = [
  'null',
  '~',
  '[]',
  '{}',
  '[[]]',
  '1',
  '-0',
  '.nan',
  '-.inf',
  'true',
  '""',
  "'",
  '"',
  '&a',
  '*a',
  '!t',
  '|',
  '>',
  '- ',
  ': ',
  '? ',
  '<<: *a',
  '#',
  '{',
  '}',
  '[',
  ']',
  ',',
  '---\n',
  '...\n',
  '%TAG\n',
  '\t',
  '\0',
  '\u2028',
  '\ud800',
  '💥',
  '__proto__: 1',
  '0x1F',
  '2024-01-01',
  'ZENKEY_',
  's3://',
  'a'.repeat(2000),
]

// What is damaged may still be a file, but it is never anything else than accepted or refused with
// places that exist.
function expectJudged(text: string): void {
  const { code, lines } = refusal(text)
  expect(['accepted', 'invalid-file', 'not-built-yet']).toContain(code)
  expect(lines.length > 0).toBe(code !== 'accepted')
  const last = text.split('\n').length
  for (const line of lines) {
    const [, row, column] = /^(\d+):(\d+)(?: .+?)?: \S/.exec(line) ?? []
    expect({
      line,
      inside: Number(row) >= 1 && Number(row) <= last && Number(column) >= 1,
    }).toEqual({ line, inside: true })
    expect(line).not.toMatch(/Invalid input|undefined|\[object|[\u0000-\u001f\u2028\ud800]/)
  }
}

describe('garbage', () => {
  it('accepts the file before it is damaged', () => {
    expect(refusal(FULL)).toEqual({ code: 'accepted', lines: [] })
  })

  it.each(PIECES.map((piece) => [JSON.stringify(piece).slice(0, 20), piece]))(
    'judges %s alone',
    (_, piece) => {
      expectJudged(piece)
    },
  )

  it.each(['null', '1', 'true', 'x', '""', '[]', '{}', '[null]', '{ a: null }', '.nan', '[[[]]]'])(
    'judges every value replaced by %s',
    (value) => {
      for (const { index, 0: match } of FULL.matchAll(/(?<=: |\[|\{ )[^\s,[\]{}]+/g))
        expectJudged(`${FULL.slice(0, index)}${value}${FULL.slice(index + match.length)}`)
    },
  )

  it.each([1, 2, 3, 4])('judges random damage %i', (seed) => {
    const roll = dice(seed)
    for (let round = 0; round < 50; round += 1) {
      let text = FULL
      for (let hit = 0; hit <= roll(4); hit += 1) {
        const at = roll(text.length)
        text =
          text.slice(0, at) +
          (PIECES[roll(PIECES.length)] ?? '') +
          text.slice(at + roll(3) * roll(20))
      }
      expectJudged(text)
    }
  })

  it('judges the file cut off anywhere', () => {
    for (let end = 0; end < FULL.length; end += 7) expectJudged(FULL.slice(0, end))
  })
})
