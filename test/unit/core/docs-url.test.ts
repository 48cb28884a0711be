import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { docsUrl } from '../../../src/core/docs-url.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, 'src', file), 'utf8') }))

describe('the pages that messages name', () => {
  it('have an address that works from everywhere', () => {
    expect(docsUrl('drivers')).toBe(
      'https://github.com/zenml-upgrade/zenml-upgrade/blob/main/docs/drivers.md',
    )
  })

  it('are there', () => {
    const pages = [
      ...new Set(
        sources.flatMap(({ text }) =>
          [...text.matchAll(/docsUrl\('([\w-]+)'/g)].map(([, page]) => page ?? ''),
        ),
      ),
    ]
    expect(pages.sort()).toEqual(['configuration', 'drivers'])
    expect(pages.filter((page) => !existsSync(join(ROOT, 'docs', `${page}.md`)))).toEqual([])
  })

  it('are never named by a path, which leads nowhere in a repository of pipelines', () => {
    const code = sources.map(({ file, text }) => ({
      file,
      text: text.replace(/^ *(?:\/\*\*|\*|\/\/).*$/gm, ''),
    }))
    // Descriptions of outputs stand in action.yml, beside the folder docs.
    expect(
      code
        .filter(
          ({ file, text }) =>
            file !== join('inputs', 'outputs.ts') && /docs\/[\w-]+\.md/.test(text),
        )
        .map(({ file }) => file),
    ).toEqual([])
  })
})
