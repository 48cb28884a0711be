import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { width } from '../../../src/core/text.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import type { Result } from '../../../src/result/result.ts'
import { NASTY } from './nasty.ts'
import { snapshot, snapshots } from './results.ts'

const GOLDEN = join(import.meta.dirname, '..', '..', 'fixtures', 'golden')
const URL =
  'https://zenml.example.com/workspaces/production/runs/0b3f5a52-1111-2222-3333-444455556666'

/**
 * Lines that are too wide although they could be broken: what is between backticks is one word, and
 * a command line is copied whole.
 */
function tooWide(text: string, columns: number): string[] {
  return text
    .split('\n')
    .filter(
      (line) =>
        width(line) > columns &&
        /\S \S/.test(line.replace(/^ {2}node .*/, '').replaceAll(/`[^`]+`/g, '')),
    )
}

/** A failing snapshot whose name and message are made of hostile words and a long address. */
function failing(seed: number): Result {
  const word = (step: number) => NASTY[(seed * 7 + step * 3) % NASTY.length] ?? ''
  const words = Array.from({ length: (seed % 40) + 1 }, (_, step) => word(step))
  return snapshots({ environment: 'staging', code: 'snapshots-failed', summary: 'x' }, [
    snapshot(words.slice(0, (seed % 3) + 1).join(' ') || 'x', {
      status: 'failed',
      message: `${URL} ${words.join(' ')}`,
    }),
    snapshot('short', { status: 'failed', message: 'no' }),
  ])
}

describe('the report in a terminal', () => {
  it('has no line beyond 80 columns, in any golden file', () => {
    const files = readdirSync(GOLDEN).filter((name) => name.endsWith('.txt'))
    const wide = files.flatMap((name) => tooWide(readFileSync(join(GOLDEN, name), 'utf8'), 80))
    expect(files.length).toBeGreaterThan(10)
    expect(wide).toEqual([])
  })

  it('has no line beyond the terminal, whatever names and messages are, and breaks no address', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const columns = 40 + (seed % 81)
      const text = renderTerminal([failing(seed)], { colour: false, columns })
      expect(tooWide(text, columns)).toEqual([])
      expect(text).toContain(URL)
    }
  })

  it('has colours only when asked, and lines up wide characters', () => {
    const results = [
      snapshots({ environment: 'staging', code: 'snapshots-failed', summary: 'x' }, [
        snapshot('日本語', { status: 'failed', project: 'a', pipeline: 'b' }),
        snapshot('abc', { status: 'failed', project: 'a', pipeline: 'b' }),
      ]),
    ]
    expect(renderTerminal(results, { colour: false, columns: 120 })).not.toContain('\u001B')
    expect(renderTerminal(results, { colour: true, columns: 120 })).toContain('\u001B[31m')
    const lines = renderTerminal(results, { colour: false, columns: 120 })
      .split('\n')
      .filter((line) => line.includes('a/b'))
    expect(lines.map((line) => line.replace('日本語', 'xxxxxx').indexOf('a/b'))).toEqual([14, 14])
  })

  it('takes the same columns with colours as without', () => {
    const plain = renderTerminal([failing(5)], { colour: false, columns: 60 })
    const coloured = renderTerminal([failing(5)], { colour: true, columns: 60 })
    expect(coloured.replaceAll(/\u001B\[\d+m/g, '')).toBe(plain)
  })

  it('carries no control character of a name', () => {
    const results = [
      snapshots({ environment: 'staging', code: 'snapshots-failed', summary: 'x' }, [
        snapshot('\u001B[2Jgone\u202E', { status: 'failed' }),
      ]),
    ]
    expect(renderTerminal(results, { colour: false, columns: 80 })).toContain('gone\\u{202e}')
  })
})
