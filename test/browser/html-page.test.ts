import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { renderHtml } from '../../src/report/html.ts'
import { startChromium } from '../support/chromium.ts'
import { CASES } from '../unit/report/cases.ts'
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

  for (const [name, results] of Object.entries(CASES))
    it(`can be read without a network, on every screen and in both schemes: ${name}`, async () => {
      const file = join(directory, `${name}.html`)
      await writeFile(
        file,
        renderHtml({
          results,
          configPath: 'zenml-upgrade.yml',
          commit: '4f2c1e09b7d3a1f60c5e8d2b4a6978e1c3d5f7a9',
          run: { label: 'run 1234', url: 'https://github.com/acme/churn/actions/runs/1234' },
          generatedAt: new Date('2026-11-23T10:45:00Z'),
        }),
      )
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
