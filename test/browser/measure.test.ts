import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { startChromium } from '../support/chromium.ts'
import { read, VIEWS, type Measured } from './reader.ts'

// The other tests of this layer expect that nothing is found: here is something to find.

describe('what a browser measures', () => {
  let browser: Browser
  let directory: string
  beforeAll(async () => {
    browser = await startChromium()
    directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-measure-'))
  }, 600_000)
  afterAll(async () => {
    await browser.close()
    await rm(directory, { recursive: true, force: true })
  })

  const measureBody = async (body: string, head = ''): Promise<Measured> => {
    const file = join(directory, 'page.html')
    await writeFile(file, `<!doctype html><title>x</title>${head}<body>${body}</body>`)
    return read(browser, file, VIEWS[1], (_, measure) => measure())
  }

  it('is nothing for a plain page', async () => {
    expect(await measureBody('<p>text</p>')).toEqual({
      overflow: 0,
      faint: [],
      labels: [],
      bars: [],
      noise: [],
    })
  })

  it('is how far a page is wider than the window', async () => {
    const { overflow } = await measureBody('<div style="width: 500px">wide</div>')
    expect(overflow).toBeGreaterThan(90)
  })

  it('is text that is hard to see, also in a drawing, and not what is hidden', async () => {
    const { faint } = await measureBody(
      `<p style="color: #999">grey on white</p>
       <p style="background: #000; color: #fff">white on black</p>
       <p style="color: #00000060">half black</p>
       <details><summary>folded</summary><p style="color: #eee">hidden</p></details>
       <svg><text y="20" fill="#aaa">grey label</text></svg>`,
    )
    expect(faint.map((text) => text.replace(/^[\d.]+: /, ''))).toEqual([
      'grey on white',
      'half black',
      'grey label',
    ])
  })

  it('is labels that overlap or leave their drawing', async () => {
    const { labels } = await measureBody(
      `<svg class="chart" width="200" height="60">
         <text x="0" y="20">first label</text><text x="20" y="22">second label</text>
         <text x="190" y="50">beyond the edge</text>
       </svg>`,
    )
    expect(labels).toEqual([
      '"beyond the edge" leaves the chart',
      '"first label" overlaps "second label"',
    ])
  })

  it('is what a page asks for, and what its policy refuses', async () => {
    const { noise } = await measureBody(
      '<img src="https://example.com/x.png"><script>document.title = 1</script>',
      `<meta http-equiv="Content-Security-Policy" content="script-src 'none'">`,
    )
    expect(noise).toContain('https://example.com/x.png')
    expect(noise.join('\n')).toMatch(/Content Security Policy/)
  })
})
