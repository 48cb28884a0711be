import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import type { Browser } from 'playwright-core'
import { startChromium } from '../support/chromium.ts'
import { documentationImage, picture, read, VIEWS } from './reader.ts'

const GOLDEN = join(import.meta.dirname, '..', 'fixtures', 'golden')
const COMMENTS = ['.', 'github']
  .flatMap((directory) => readdirSync(join(GOLDEN, directory)).map((file) => join(directory, file)))
  .filter((file) => file.endsWith('.md'))

/** What the documentation shows. */
const IMAGES: Readonly<Record<string, string>> = {
  'staging-red-smoke': 'staging-red',
  'both-green': 'both-green',
  plan: 'plan',
}

/** The stylesheet that GitHub shows Markdown with, in both schemes. */
const STYLESHEET = fileURLToPath(import.meta.resolve('github-markdown-css/github-markdown.css'))

describe('a golden comment on GitHub', () => {
  let browser: Browser
  let directory: string
  let style: string
  beforeAll(async () => {
    browser = await startChromium()
    directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-comments-'))
    style = await readFile(STYLESHEET, 'utf8')
  }, 600_000)
  afterAll(async () => {
    await browser.close()
    await rm(directory, { recursive: true, force: true })
  })

  for (const comment of COMMENTS) {
    const name = comment.replace(/\.md$/, '')
    it(`fits into its column: ${name}`, async () => {
      const file = join(directory, 'comment.html')
      await writeFile(file, asGithubShows(await readFile(join(GOLDEN, comment), 'utf8'), style))
      for (const view of VIEWS)
        await read(browser, file, view, async (page, measure) => {
          await picture(page, `comments/${name}`, view)
          expect(await measure()).toMatchObject({ overflow: 0, noise: [] })
        })
      const image = IMAGES[comment.replace(/\.md$/, '')]
      if (image !== undefined && process.env['UPDATE_IMAGES'] === '1')
        await documentationImage(browser, file, image)
    })
  }
})

/** The body of a comment in GitHub's size and colours; GitHub's own frame is left out. */
function asGithubShows(markdown: string, style: string): string {
  const body = micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comment</title>
<style>${style}
:root { color-scheme: light dark; }
body { margin: 0; }
.markdown-body { box-sizing: border-box; padding: 16px; font-size: 14px; }
@media (prefers-color-scheme: dark) { html { background: #0d1117; } }
</style>
</head>
<body><article class="markdown-body">${body}</article></body>
</html>
`
}
