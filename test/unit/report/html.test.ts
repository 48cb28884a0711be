import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { visible } from '../../../src/core/text.ts'
import { buildReport } from '../../../src/report/report.ts'
import { dated } from '../../../src/report/wording.ts'
import { renderHtml } from '../../../src/report/html.ts'
import type { Result } from '../../../src/result/result.ts'
import { CASES } from './golden-cases.ts'
import { goldenInput } from './golden-input.ts'
import { golden } from './golden.ts'
import { attributesOf, elementsOf, openPage, textOf } from './html-parser.ts'
import { NASTY } from './nasty.ts'
import { GREEN_STAGING, run, smoke, snapshot, snapshots, suite, test, upgrade } from './results.ts'

const COMMIT = 'https://github.com/acme/churn/commit/4f2c1e0'
const RUN = 'https://github.com/acme/churn/actions/runs/81/attempts/1'

const page = (results: readonly Result[]) =>
  renderHtml({
    results,
    configPath: 'zenml-upgrade.yml',
    commit: { label: 'commit 4f2c1e0', url: COMMIT },
    run: { label: 'run 81.1', url: RUN },
  })

/** Every name at every place that takes one. */
const nasty = (name: string): Result[] => [
  upgrade(
    { environment: 'staging', code: 'upgraded', summary: name },
    {
      driver: name,
      'migration-log': [name, 'last line'],
      phases: [{ name, status: 'failed', started: '2026-11-23T10:00:00.000Z', seconds: 1 }],
    },
  ),
  smoke({ environment: 'staging', code: 'smoke-failed', summary: name, next: `Fix ${name}` }, [
    suite({ source: name, message: name, tests: [test(name, 'failed', name)], 'log-tail': [name] }),
  ]),
  snapshots({ environment: 'staging', code: 'snapshots-failed', summary: name, minute: 5 }, [
    snapshot(name, { status: 'failed', message: name, run: run(name, { url: name }) }),
  ]),
]

const ELEMENTS =
  'html head meta title style body main header footer h1 h2 h3 p strong em a code pre span div table thead tbody tr th td details summary figure figcaption svg g path circle rect line text tspan desc'.split(
    ' ',
  )

describe('the page report.html', () => {
  for (const name of Object.keys(CASES))
    it(`is HTML without a fault, with headings in order and no state without a name: ${name}`, () => {
      const { document, errors } = openPage(renderHtml(goldenInput(name)))
      expect(errors).toEqual([])
      const elements = elementsOf(document)
      const levels = elements.flatMap(({ tagName }) => /^h([1-6])$/.exec(tagName)?.[1] ?? [])
      expect(levels.filter((level) => level === '1')).toHaveLength(1)
      levels.forEach((level, index) => {
        expect(Number(level)).toBeLessThanOrEqual(Number(levels[index - 1] ?? 0) + 1)
      })
      for (const element of elements.filter(({ tagName }) => tagName === 'th'))
        expect(attributesOf(element)['scope']).toMatch(/^(?:col|row)$/)
      for (const element of elements.filter(({ tagName }) => tagName === 'svg')) {
        const { role, ...attributes } = attributesOf(element)
        expect(role).toBe('img')
        expect(attributes['aria-label'] ?? attributes['aria-labelledby']).toMatch(/./)
      }
    })

  for (const name of Object.keys(CASES))
    it(`says all that the report says: ${name}`, () => {
      const input = goldenInput(name)
      const text = textOf(openPage(renderHtml(input)).document)
      const { headline, next, rows, plans, sections } = buildReport(input.results, input)
      const cells = rows.flatMap(({ cells: all }) => all.filter((cell) => cell !== null))
      for (const said of [
        headline,
        next,
        ...cells.map((cell) => dated(cell.text, cell.since)),
        ...plans.flatMap((plan) => [plan.summary, ...plan.sections.map(({ title }) => title)]),
        ...sections.map(({ title, since }) => dated(title, since)),
      ])
        expect(text).toContain(said.replaceAll('`', ''))
    })

  for (const name of NASTY)
    it(`shows a name from outside as text and nothing else: ${JSON.stringify(name)}`, () => {
      const { document, errors } = openPage(page(nasty(name)))
      expect(errors).toEqual([])
      const elements = elementsOf(document)
      expect(
        elements.map(({ tagName }) => tagName).filter((tag) => !ELEMENTS.includes(tag)),
      ).toEqual([])
      for (const element of elements)
        for (const [attribute, value] of Object.entries(attributesOf(element))) {
          expect(attribute).not.toMatch(/^on|^style$|^src/)
          if (attribute === 'href') expect(value).toMatch(/^https?:\/\//)
        }
      const shown = visible(name).trim()
      expect(textOf(document)).toContain(shown === '' ? '(empty)' : shown)
    })

  it('loads nothing, runs nothing, and allows its own style sheet alone', () => {
    const { document } = openPage(page(GREEN_STAGING))
    const elements = elementsOf(document)
    const policy = elements
      .map(attributesOf)
      .find((attributes) => attributes['http-equiv'] === 'Content-Security-Policy')?.['content']
    const style = elements.find(({ tagName }) => tagName === 'style')
    const digest = createHash('sha256')
      .update(style === undefined ? '' : textOf(style))
      .digest('base64')
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${digest}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ])
    expect(page(GREEN_STAGING)).not.toMatch(/<(?:script|link|img|iframe|object)|@import|url\(/i)
  })

  it('links a run on the server, and no address that is not of the web', () => {
    const linked = (url: string) =>
      elementsOf(
        openPage(
          page([
            snapshots({ environment: 'staging', code: 'snapshots-failed', summary: 'failed' }, [
              snapshot('churn', { run: run('training', { url }) }),
            ]),
          ]),
        ).document,
      ).flatMap((element) => attributesOf(element)['href'] ?? [])
    expect(linked('https://zenml.example.com/runs/1')).toContain('https://zenml.example.com/runs/1')
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//x', 'x'])
      expect(linked(url)).toEqual([COMMIT, RUN])
  })

  it('shows every row and every line, however many there are', () => {
    const text = textOf(
      openPage(
        page([
          upgrade(
            { environment: 'staging', code: 'upgrade-failed', summary: 'failed' },
            { 'migration-log': Array.from({ length: 1000 }, (_, index) => `line-${index}.`) },
          ),
          snapshots(
            { environment: 'staging', code: 'snapshots-rebuilt', summary: 'rebuilt', minute: 5 },
            Array.from({ length: 1000 }, (_, index) =>
              snapshot(`snapshot-${index}.`, { message: `${'word '.repeat(1000)}${index}.` }),
            ),
          ),
        ]),
      ).document,
    )
    for (const index of [0, 499, 999]) {
      expect(text).toContain(`line-${index}.`)
      expect(text).toContain(`snapshot-${index}.`)
      expect(text).toContain(`word ${index}.`)
    }
  })

  it('shows a message of any length, whatever it is made of', () => {
    const began = Date.now()
    for (const piece of ['a-', '`a', '``a', '://', '<&"']) page(nasty(piece.repeat(30_000)))
    expect(Date.now() - began).toBeLessThan(10_000)
  })

  it('opens what failed and folds the rest', () => {
    const { document } = openPage(page(CASES['rollback-refused'] ?? []))
    const details = elementsOf(document).filter(({ tagName }) => tagName === 'details')
    const isOpen = details.map((element) => attributesOf(element)['open'] !== undefined)
    expect(isOpen).toContain(true)
    expect(isOpen).toContain(false)
    expect(isOpen).toEqual(details.map((element) => attributesOf(element)['class'] === 'failing'))
  })

  it('says when earlier runs found out what this one did not', () => {
    const again = upgrade(
      { environment: 'staging', code: 'already-green', summary: '', minute: 90 },
      { backup: null, changed: false, phases: [] },
    )
    const text = textOf(
      openPage(
        renderHtml({ results: [again], history: GREEN_STAGING, configPath: 'zenml-upgrade.yml' }),
      ).document,
    )
    expect(text).toContain('checksum equal, on 2026-11-23 10:01 UTC')
    expect(text).toContain('Staging · Timeline: server down for 13.2 s, on 2026-11-23 10:01 UTC')
  })

  it('names the file, the commit, the run and the time in its last line', () => {
    expect(textOf(openPage(page(GREEN_STAGING)).document).trim()).toMatch(
      /zenml-upgrade · zenml-upgrade\.yml · commit 4f2c1e0 · run 81\.1 · 2026-11-23 10:11 UTC$/,
    )
  })

  it('reads well: rollback refused', () => {
    golden('rollback-refused.html', renderHtml(goldenInput('rollback-refused')))
  })
})
