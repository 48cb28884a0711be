import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'

const ROOT = join(import.meta.dirname, '..', '..')
const PICTURES = process.env['PICTURES_DIRECTORY'] ?? join(ROOT, 'test', '.pictures')

/** How a page is looked at: GitHub's comments are 870 pixels wide, telephones about 400. */
export const VIEWS = [
  { scheme: 'light', width: 870 },
  { scheme: 'light', width: 400 },
  { scheme: 'dark', width: 870 },
  { scheme: 'dark', width: 400 },
] as const
type View = (typeof VIEWS)[number]

/** What a reader would stumble over. */
export interface Measured {
  /** Pixels by which the page is wider than the window. */
  readonly overflow: number
  /** Texts with a contrast below 4.5, with the contrast. */
  readonly faint: readonly string[]
  /** Labels of charts that overlap or leave the drawing. */
  readonly labels: readonly string[]
  /** Widths of the bars of charts in pixels. */
  readonly bars: readonly number[]
  /** Addresses that were asked for beside the page itself, and errors of the console. */
  readonly noise: readonly string[]
}

/** Opens a file as a reader does, without a network; calls `look` with the loaded page. */
export async function read<T>(
  browser: Browser,
  file: string,
  { scheme, width }: View,
  look: (page: Page, measure: () => Promise<Measured>) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 900 },
    offline: true,
  })
  try {
    const page = await context.newPage()
    const address = `file://${file}`
    const noise: string[] = []
    page.on('request', (request) => {
      if (request.url() !== address) noise.push(request.url())
    })
    page.on('console', (message) => noise.push(message.text()))
    page.on('pageerror', (error) => noise.push(error.message))
    await page.goto(address)
    const script = await readFile(join(import.meta.dirname, 'measure.mjs'), 'utf8')
    return await look(page, async () => ({
      ...(await page.evaluate<Omit<Measured, 'noise'>>(script)),
      noise,
    }))
  } finally {
    await context.close()
  }
}

/** Takes a picture of the whole page, for people to look at. */
export async function picture(page: Page, name: string, { scheme, width }: View): Promise<void> {
  const path = join(PICTURES, `${name}.${scheme}-${width}.png`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await page.screenshot({ fullPage: true }))
}

/** Takes a picture for the documentation, as wide as a comment. */
export async function documentationImage(
  browser: Browser,
  file: string,
  name: string,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 870, height: 1 } })
  await page.goto(`file://${file}`)
  const path = join(ROOT, 'docs', 'images', `${name}.png`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await page.screenshot({ fullPage: true }))
  await page.close()
}
