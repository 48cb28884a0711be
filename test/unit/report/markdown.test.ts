import { describe, expect, it } from '@jest/globals'
import { normalConfigPath } from '../../../src/inputs/config-path.ts'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { code, fenced, html, link, table, text } from '../../../src/report/markdown.ts'
import { marker } from '../../../src/report/marker.ts'
import { visible } from '../../../src/core/text.ts'
import { NASTY } from './nasty.ts'

// Judged by a real parser of GitHub's Markdown: what comes out as an element or a link was not
// escaped.

const render = (markdown: string) =>
  micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
  })
const elements = (output: string) => [
  ...new Set([...output.matchAll(/<([a-z0-9]+)/gi)].map((match) => match[1])),
]
const decode = (output: string) =>
  output
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('\u200B', '')
    .trim()
/** What GitHub would turn into a reference in the rendered text; it does not look into code. */
const REFERENCE = /(^|[^\w`])@[a-z0-9]|#\d|\bGH-\d|\bwww\.|:\/\//i
const outsideCode = (output: string) =>
  output.replace(/<code>.*?<\/code>/gs, '').replace(/<[^>]*>/g, '')

describe('text from outside', () => {
  for (const name of NASTY) {
    it(`is only text in a sentence, a list and a cell: ${JSON.stringify(name)}`, () => {
      for (const output of [render(text(name, 200)), render(`- ${text(name, 200)}`)]) {
        expect(
          elements(output).filter(
            (element) => !['p', 'ul', 'li', 'code', 'span'].includes(element ?? ''),
          ),
        ).toEqual([])
        expect(outsideCode(output)).not.toMatch(REFERENCE)
      }
      const shown = decode(render(text(name, 200)))
      expect(shown).toBe(visible(name).trim())
      expect(
        cells(
          render(
            table([
              ['A', 'B'],
              [text(name, 200), 'next'],
            ]),
          ),
        ),
      ).toEqual([shown, 'next'])
    })

    it(`is code where it is a name: ${JSON.stringify(name)}`, () => {
      const output = render(`| A | B |\n| - | - |\n| ${code(name, 200)} | next |`)
      expect(
        elements(output).filter(
          (element) =>
            !['table', 'thead', 'tbody', 'tr', 'th', 'td', 'code', 'em'].includes(element ?? ''),
        ),
      ).toEqual([])
      expect(cells(output)).toEqual([
        visible(name).trim() === '' ? '(empty)' : visible(name).trim(),
        'next',
      ])
      expect(outsideCode(output)).not.toMatch(REFERENCE)
    })

    it(`closes no fence and no summary: ${JSON.stringify(name)}`, () => {
      const fence = render(`${fenced([name, 'last line'], 200)}\n\nafter`)
      expect(fence).toMatch(/last line\n<\/code><\/pre>\n<p>after<\/p>$/)
      const summary = render(
        `<details>\n<summary>${html(name, 200)}</summary>\n\nbody\n\n</details>`,
      )
        .replaceAll('&#8203;', '\u200B')
        .replaceAll('&#124;', '|')
      expect(
        elements(summary).filter(
          (element) => !['details', 'summary', 'p', 'span'].includes(element ?? ''),
        ),
      ).toEqual([])
      expect(summary).toContain('<p>body</p>')
      expect(outsideCode(summary)).not.toMatch(REFERENCE)
    })
  }

  it('shows what the writer put in backticks, and addresses, as code', () => {
    expect(text('Key of `ci` at https://zenml.example.com/a_b_c (staging).', 200)).toBe(
      'Key of `ci` at `https://zenml.example.com/a_b_c` (staging).',
    )
  })

  it('is cut between code points', () => {
    expect(text('👩‍🔬'.repeat(100), 5)).toBe('👩‍🔬👩…')
  })

  it('keeps the indentation of a log', () => {
    expect(fenced(['Traceback:', '  File "x.py"', '\tline'], 100)).toBe(
      '```text\nTraceback:\n  File "x.py"\n  line\n```',
    )
  })
})

describe('a link', () => {
  it('leads only to web addresses, and nothing in one ends it', () => {
    expect(link('`run`', 'https://zenml.example.com/runs/1?a=(b)|c')).toBe(
      '[`run`](https://zenml.example.com/runs/1?a=%28b%29%7Cc)',
    )
    expect(link('`run`', 'javascript:alert(1)')).toBe('`run`')
    expect(link('`run`', 'https://')).toBe('`run`')
  })
})

describe('the marker', () => {
  it('is one line that no key can close, and differs for different keys', () => {
    const keys = [...NASTY, '-->', '--!>', 'a/zenml-upgrade.yml', 'b/zenml-upgrade.yml', 'ä.yml']
    const markers = keys.map(marker)
    for (const [index, line] of markers.entries()) {
      expect(line).toMatch(/^<!-- zenml-upgrade \{[^<>\n]*\} -->$/)
      expect(line.slice(4, -3)).not.toContain('--')
      expect(JSON.parse(line.slice('<!-- zenml-upgrade '.length, -' -->'.length))).toEqual({
        v: 1,
        key: normalConfigPath(keys[index] ?? ''),
      })
    }
    expect(new Set(markers).size).toBe(keys.length)
  })

  it('is one for all spellings of a path', () => {
    expect(marker('./teams/../teams/b.yml')).toBe(marker('teams/b.yml'))
  })
})

function cells(output: string): string[] {
  return [...output.matchAll(/<td>(.*?)<\/td>/gs)].map((match) => decode(match[1] ?? ''))
}
