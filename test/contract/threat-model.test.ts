import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

describe('docs/threat-model.md', () => {
  const rows = read('docs/threat-model.md')
    .split('\n')
    .filter((line) => line.startsWith('| to '))

  it('names a test for everything that it says is stopped', () => {
    expect(rows.length).toBeGreaterThan(25)
    expect(
      rows.filter((row) => !/\| `test\/[\w/-]+\.test\.ts`(: _[^_]+_)? +\|$/.test(row)),
    ).toEqual([])
  })

  it.each([
    ...new Set(
      rows
        .map((row) => /`(test\/[^`]+)`(?:: _([^_]+)_)?/.exec(row))
        .map((found) => `${found?.[1] ?? ''}: ${found?.[2] ?? ''}`),
    ),
  ])('%s', (reference) => {
    const [file = '', ...name] = reference.split(': ')
    expect(existsSync(join(ROOT, file)) ? file : `${file} is missing`).toBe(file)
    expect(read(file).replaceAll("\\'", "'")).toContain(name.join(': '))
  })
})

describe('SECURITY.md', () => {
  it('leads only to places that are there', () => {
    const links = [
      ...read('SECURITY.md').matchAll(/\]\(((?!https:)[^)#]+)/g),
      ...read('docs/threat-model.md').matchAll(/\]\(((?!https:)[^)#]+)/g),
    ].map(([, link]) => link ?? '')
    expect(links.length).toBeGreaterThan(1)
    for (const link of links)
      expect([link, existsSync(join(ROOT, link)) || existsSync(join(ROOT, 'docs', link))]).toEqual([
        link,
        true,
      ])
  })

  it('tells the commands that CI and the release use', () => {
    const { repository } = JSON.parse(read('package.json')) as { repository: string }
    expect(read('SECURITY.md')).toContain(`--repo ${repository}`)
    expect(read('SECURITY.md')).toContain(
      'npm ci --ignore-scripts && npm run build && git diff --exit-code dist schema',
    )
  })
})
