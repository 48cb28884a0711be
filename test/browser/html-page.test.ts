import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { renderHtml } from '../../src/report/html.ts'
import { startChromium } from '../support/chromium.ts'
import { CASES } from '../unit/report/golden-cases.ts'
import { goldenInput } from '../unit/report/golden-input.ts'
import { picture, read, VIEWS } from './reader.ts'

const CALM = { overflow: 0, faint: [], labels: [], noise: [] }

describe('the page report.html', () => {
  let browser: Browser
  let directory: string
  beforeAll(async () => {
    browser = await startChromium()
    directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-pages-'))
  }, 600_000)
  afterAll(async () => {
    await browser.close()
    await rm(directory, { recursive: true, force: true })
  })

  for (const name of Object.keys(CASES))
    it(`can be read without a network, on every screen and in both schemes: ${name}`, async () => {
      const file = join(directory, `${name}.html`)
      await writeFile(file, renderHtml(goldenInput(name)))
      for (const view of VIEWS)
        await read(browser, file, view, async (page, measure) => {
          await picture(page, `html/${name}`, view)
          expect(await measure()).toMatchObject(CALM)
          expect(await openStates(page)).toEqual(await failingStates(page))
          await openAll(page)
          const { bars, ...measured } = await measure()
          expect(measured).toEqual(CALM)
          for (const bar of bars) expect(bar).toBeGreaterThan(1)
        })
    })
})

const openStates = (page: Page) =>
  page.evaluate<boolean[]>(`[...document.querySelectorAll('details')].map(({ open }) => open)`)

const failingStates = (page: Page) =>
  page.evaluate<boolean[]>(
    `[...document.querySelectorAll('details')].map((details) => details.querySelector('summary .mark') !== null)`,
  )

const openAll = (page: Page) =>
  page.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true`)
